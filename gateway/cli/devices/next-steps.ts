export const RELOAD_STEP = 'callpoint reload: the running gateway takes the new configuration up';
export const PRESS_STEP = 'Press each button, and see that the wall shows accepted or that the receiver has the test';

/** What has to be done at a device so that it fits its entry. */
export function keySteps(driver: string, id: string, address: number | string | undefined): string[] {
  if (driver === 'button-bus') {
    return [`callpoint keys show ${id}: write this key and the address ${address} in the node with its set-up tool`];
  }
  if (driver === 'modbus') return [`Set the address ${address} on the module`];
  return [];
}

/** The order in which a replaced wall node or a new key costs the least time without a working button. */
export function exchangeSteps(driver: string, id: string, address: number | string | undefined): string[] {
  if (driver === 'button-bus') {
    return [
      'Have a person watch the room: from the next step to the reload, the wall shows "not accepted" at once and no alert is raised',
      ...keySteps(driver, id, address),
      `${RELOAD_STEP}. It begins to count anew for the new key; nothing heard under the old key opens a recording`,
      PRESS_STEP,
    ];
  }
  if (driver === 'ble') {
    return [
      RELOAD_STEP,
      `Stand at the tag: callpoint enrol ${id} --reason "new tag", then press it. Its first press is forwarded at once in any case`,
    ];
  }
  return [...keySteps(driver, id, address), RELOAD_STEP, PRESS_STEP];
}
