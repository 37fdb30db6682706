/** One thing that the person has to do next. */
export interface Step {
  /** Given with the options that name the site. */
  readonly command?: string;
  readonly text: string;
}

export const RELOAD: Step = { command: 'callpoint reload', text: 'the running gateway takes the change up' };
/** Outside a walk test a press is an alarm. */
export function testStep(id: string): Step {
  const text = 'then press each button once, and open and close each door: callpoint walk-test status ticks them';
  return { command: `callpoint walk-test start --scope device:${id}`, text };
}

/** What has to be done at a device so that it fits its entry. */
export function setUpSteps(driver: string, id: string, address: number | string | undefined): readonly Step[] {
  if (driver === 'button-bus') {
    const text = `connect the node itself, with its set-up jumper fitted: writes this key and the address ${address} in it (PORT such as /dev/ttyUSB0)`;
    return [{ command: `callpoint node setup PORT ${id}`, text }];
  }
  return driver === 'modbus' ? [{ text: `Set the address ${address} on the module` }] : [];
}

const WATCH: Step = {
  text: 'Have a person watch the room: from the next step to the reload the node\'s presses are answered at once with "not accepted", and raise no alert. If more nodes change, do these steps for one after the other',
};

/** The order in which a new device or key costs the least time without a working button. */
export function exchangeSteps(driver: string, id: string, address: number | string | undefined): readonly Step[] {
  if (driver === 'button-bus') {
    const text = `${RELOAD.text}. Numbers are remembered for each key: the node may count from the start, and a recording made under the old key is refused`;
    return [WATCH, ...setUpSteps(driver, id, address), { ...RELOAD, text }, testStep(id)];
  }
  if (driver !== 'ble') return [...setUpSteps(driver, id, address), RELOAD, testStep(id)];
  const text = 'stand at the tag when you give it, and press the tag then; this proves that the press is no recording';
  return [RELOAD, { command: `callpoint enrol ${id} --reason "new tag"`, text }];
}
