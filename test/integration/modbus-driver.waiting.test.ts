import { afterEach, describe, expect, it } from 'vitest';
import { createModbusDriver } from '../../gateway/inputs/modbus/driver.ts';
import {
  button,
  type ModbusRig,
  type ModbusRigSettings,
  makeModbusRig,
  modbusSettings,
  moduleAt,
} from './modbus-rig.ts';
import { probed } from './support/probes.ts';
import { RecordingSink } from './support/recording-sink.ts';

/**
 * Time-out for tests in which no poll may be missed: the simulated modules stop with this process
 * when others use the machine.
 */
const PATIENT: ModbusRigSettings = { settings: { answerMs: 2_000 } };

let rig: ModbusRig;

afterEach(async () => {
  await rig.close();
});

function start(settings: ModbusRigSettings = {}): ModbusRig {
  rig = makeModbusRig(settings);
  rig.driver.start();
  return rig;
}

async function allRead(): Promise<void> {
  await rig.sink.until('the first reading of all', () =>
    rig.line.modules.every(({ address }) => rig.state(address) !== undefined),
  );
}

/** Resolves after a number of further polls. */
async function polls(count: number): Promise<void> {
  const before = rig.line.requestsHeard;
  await until(`${count} polls`, () => rig.line.requestsHeard >= before + count);
}

/** Waits for something that shows on the line and not at the sink. */
async function until(what: string, met: () => boolean): Promise<void> {
  const tick = setInterval(() => rig.sink.check(), 5);
  try {
    await rig.sink.until(what, met);
  } finally {
    clearInterval(tick);
  }
}

describe('what the inputs say', () => {
  it('is told at the first reading, then each change and nothing else', async () => {
    start();
    await allRead();
    expect(rig.sink.healths).toEqual([
      { input: 'modules', state: 'up', detail: expect.stringMatching(/^\/.+\/line \(.+\) is open at 38400 Bd 8N1$/) },
    ]);
    rig.line.drive(3, 0, true);
    await rig.sink.until('the press', () => rig.state(3) === 'active');
    rig.line.drive(3, 0, false);
    await rig.sink.until('the release', () => rig.state(3) === 'normal');
    expect(rig.said(3, 'contact').map(({ state }) => state)).toEqual(['normal', 'active', 'normal']);
    for (const address of [1, 2, 4]) expect(rig.said(address, 'contact')).toHaveLength(1);
    expect(rig.sink.signals.every(({ authenticated, identity }) => !authenticated && identity === undefined)).toBe(
      true,
    );
  });

  it('follows the wiring: normally closed, end of line with a second input for the cut cable, points', async () => {
    const contacts = [
      button(1, 0, 2),
      button(1, 1, 5, 'normallyClosed'),
      { ...button(1, 2, 9, 'endOfLine'), cutPin: '11' },
      { ...button(1, 0, 12, 'normallyClosed'), of: 'point' as const },
    ];
    start({ line: { modules: [{ address: 1, inputs: 16 }] }, modules: [moduleAt(1, contacts)] });
    await allRead();
    const now = () =>
      [0, 1, 2].map(
        (number) => rig.said(1, 'contact').findLast((one) => one.of === 'button' && one.number === number)?.state,
      );
    const point = () => rig.said(1, 'contact').findLast((one) => one.of === 'point')?.state;
    expect(now()).toEqual(['normal', 'active', 'normal']);
    expect(point()).toBe('active');
    for (const pin of [2, 5, 11, 12]) rig.line.drive(1, pin, true);
    await rig.sink.until('the changes', () => now().join() === 'active,normal,cut' && point() === 'normal');
    rig.line.drive(1, 9, true);
    await rig.sink.until('a press over a cut', () => now()[2] === 'active');
  });

  it('is read from coils where the module has them there', async () => {
    start({ line: { modules: [{ address: 1, inputs: 0 }] }, modules: [{ ...moduleAt(1), table: 'coils' }] });
    await rig.sink.until('the reading', () => rig.state(1) === 'normal');
    const [module] = rig.line.modules;
    if (module !== undefined) module.coils[0] = true;
    await rig.sink.until('the change', () => rig.state(1) === 'active');
  });

  it('spans up to 2000 inputs in one request', async () => {
    const contacts = [button(1, 0, 0), button(1, 1, 1_999)];
    start({
      line: { modules: [{ address: 1, inputs: 2_000 }], baudRate: 115_200 },
      modules: [moduleAt(1, contacts)],
      settings: { baudRate: 115_200 },
    });
    await rig.sink.until('the reading', () => rig.state(1, 1) === 'normal');
    rig.line.drive(1, 1_999, true);
    await rig.sink.until('the press', () => rig.state(1, 1) === 'active');
  });

  it('is supervised: alive about once a second for each module, not once a poll', async () => {
    start();
    await rig.sink.until('signs of life', () => rig.said(4, 'alive').length === 3);
    expect(rig.driver.counters().polls).toBeGreaterThan(40);
    for (const address of [1, 2, 3]) expect(rig.said(address, 'alive').length).toBeLessThanOrEqual(3);
  });

  it('the line is left silent for 1.75 ms before each request', async () => {
    start(PATIENT);
    await polls(200);
    expect(rig.line.requestsTooSoon).toBe(0);
    expect(rig.driver.counters()).toMatchObject({ framesRejected: 0, pollsMissed: 0 });
  });
});

describe('a module that is silent', () => {
  it('misses three polls in a row, one signal each, is asked once a second then, and holds nobody up', async () => {
    start();
    await allRead();
    rig.line.fault(2, { hangs: true });
    await rig.sink.until('three missed polls', () => rig.said(2, 'noAnswer').length === 3);
    rig.line.drive(1, 0, true);
    await rig.sink.until('the press at another', () => rig.state(1) === 'active');
    const before = rig.driver.counters().polls;
    await rig.sink.until('the fourth', () => rig.said(2, 'noAnswer').length === 4);
    expect(rig.driver.counters().polls - before).toBeGreaterThan(20);
    for (const address of [1, 3, 4]) expect(rig.said(address, 'noAnswer').length).toBeLessThan(2);
    rig.line.fault(2, { hangs: false });
    rig.line.drive(2, 0, true);
    await rig.sink.until('its return, with its contacts', () => rig.state(2) === 'active');
  });

  it('that comes back says every contact again, changed or not', async () => {
    start();
    await allRead();
    rig.line.fault(2, { hangs: true });
    await rig.sink.until('a missed poll', () => rig.said(2, 'noAnswer').length === 1);
    rig.line.fault(2, { hangs: false });
    await rig.sink.until('the contact again', () => rig.said(2, 'contact').length === 2);
  });
});

describe('a module that answers an exception', () => {
  it.each([
    [1, 'answers exception 01: it does not know function 02: its inputs are not discrete inputs'],
    [4, 'answers exception 04: it has failed inside'],
    [6, 'answers exception 06: it is busy'],
  ])('%i is a fault in plain words, not a missed poll, and ends when it answers again', async (exception, detail) => {
    start(PATIENT);
    await allRead();
    rig.line.fault(3, { exception });
    await rig.sink.until('the fault', () => rig.fault(3) === detail);
    rig.line.fault(3, { exception: 0 });
    await rig.sink.until('its end', () => rig.faults(3).length === 2);
    expect(rig.faults(3)[1]).toEqual({ type: 'fault' });
    expect(rig.said(3, 'noAnswer')).toEqual([]);
  });

  it('02 says which input it does not have', async () => {
    start({ modules: [moduleAt(1, [button(1, 0, 12)])], line: { modules: [{ address: 1 }] } });
    await rig.sink.until('the fault', () => rig.fault(1) === 'answers exception 02: it has no input 12');
  });
});

describe('wiring mistakes', () => {
  const pair = (address: number) => moduleAt(address, [button(address, 0), button(address, 1)]);
  const mixedUp =
    'all inputs of module-1 read active: normallyOpen and normallyClosed mixed up, or the common wire is missing';

  it('all buttons active at the first reading are a fault, and alarms all the same', async () => {
    rig = makeModbusRig({ modules: [pair(1), pair(2)] });
    for (const input of [0, 1]) rig.line.drive(1, input, true);
    rig.driver.start();
    await rig.sink.until('the fault', () => rig.fault(1) === mixedUp);
    expect([rig.state(1, 0), rig.state(1, 1)]).toEqual(['active', 'active']);
    rig.line.drive(1, 1, false);
    await rig.sink.until('its end', () => rig.faults(1).length === 2);
    expect(rig.fault(2)).toBeUndefined();
  });

  it('all buttons pressed later on are an alarm and no fault', async () => {
    start({ modules: [pair(1)] });
    await rig.sink.until('the reading', () => rig.state(1, 1) === 'normal');
    for (const input of [0, 1]) rig.line.drive(1, input, true);
    await rig.sink.until('the presses', () => rig.state(1, 0) === 'active' && rig.state(1, 1) === 'active');
    await polls(20);
    expect(rig.faults(1)).toEqual([]);
  });

  it('two modules of one address are found by their damaged answers; the others are fine', async () => {
    const modules = [1, 2, 3, 2].map((address) => ({ address }));
    start({ line: { modules } });
    await rig.sink.until('the fault', () => rig.fault(2) !== undefined);
    expect(rig.fault(2)).toBe('answers are damaged: two modules may have address 2, or its branch of the line is bad');
    expect(rig.driver.counters().framesRejected).toBeGreaterThan(4);
    for (const address of [1, 3]) {
      expect(rig.fault(address)).toBeUndefined();
      expect(rig.said(address, 'noAnswer').length).toBeLessThan(2);
    }
  });

  it('even when the second answers after the first, so that both answers are whole', async () => {
    const modules = [{ address: 1 }, { address: 2 }, { address: 2, turnaroundMs: 4.5 }, { address: 3 }];
    start({ line: { modules, fourWire: true } });
    await rig.sink.until('the fault', () => /^answers are damaged: two modules/.test(rig.fault(2) ?? ''));
    expect([rig.fault(1), rig.fault(3)]).toEqual([undefined, undefined]);
  });

  it('a CRC that is always wrong is a missed poll each time, and a fault', async () => {
    start({ line: { modules: [{ address: 9 }] } });
    await allRead();
    rig.line.fault(9, { wrongCrc: true });
    await rig.sink.until('three missed polls', () => rig.said(9, 'noAnswer').length >= 3);
    await rig.sink.until('the fault', () => rig.fault(9)?.startsWith('answers are damaged: two modules may') === true);
    rig.line.fault(9, { wrongCrc: false });
    await rig.sink.until('its end', () => rig.faults(9).length === 2);
  });
});

describe('noise', () => {
  it('between the answers and before them costs no reading', async () => {
    start();
    await allRead();
    for (let round = 0; round < 20; round++) {
      rig.line.noise(Uint8Array.of(0, 0xff, round));
      await polls(3);
    }
    rig.line.drive(4, 0, true);
    await rig.sink.until('the press', () => rig.state(4) === 'active');
    expect(rig.driver.counters().framesRejected).toBeGreaterThan(5);
    expect(rig.driver.counters().pollsMissed).toBeLessThan(5);
  });

  it('in floods stops no poll for good', async () => {
    start();
    await allRead();
    for (let round = 0; round < 10; round++) rig.line.noise(new Uint8Array(3_000).map((_, at) => at * 7 + round));
    await polls(20);
    rig.line.drive(4, 0, true);
    await rig.sink.until('the press', () => rig.state(4) === 'active');
  });
});

describe('the port', () => {
  it('unplugged is told once, misses no poll meanwhile, and says all contacts again when it is back', async () => {
    start();
    await allRead();
    rig.unplug();
    await rig.sink.until('trouble', () => rig.sink.states.at(-1) === 'down');
    const told = () => [rig.driver.counters().polls, rig.sink.signals.length];
    const before = told();
    rig.line.drive(1, 0, true);
    await probed(rig.port, 2);
    expect(told()).toEqual(before);
    rig.plug();
    await rig.sink.until('the contacts again', () =>
      rig.line.modules.every(({ address }) => rig.said(address, 'contact').length >= 2),
    );
    expect(rig.state(1)).toBe('active');
    expect(rig.sink.states).toEqual(['up', 'down', 'up']);
  });

  it('that is not there is told, and opened when it comes', async () => {
    start({ plugged: false });
    await rig.sink.until('trouble', () => rig.sink.states.length === 1);
    expect(rig.sink.healths[0]?.detail).toMatch(/is not there: is the adapter plugged in\?$/);
    rig.plug();
    await allRead();
  });

  it('is let go of by stop, within a second, and nothing is told afterwards', async () => {
    start();
    await allRead();
    const stopped = performance.now();
    await rig.driver.stop();
    expect(performance.now() - stopped).toBeLessThan(1_000);
    const { signals, healths } = rig.sink;
    const before = [signals.length, healths.length, rig.driver.counters().polls];
    rig.line.drive(1, 0, true);
    const next = new RecordingSink();
    const another = createModbusDriver(modbusSettings(rig.port, [moduleAt(1)]), next);
    another.start();
    // These are three rounds of another driver on the same line: a poll of the stopped one would be
    // among them.
    await until('polls of another driver', () => another.counters().polls >= 3);
    await another.stop();
    rig.unplug();
    expect([signals.length, healths.length, rig.driver.counters().polls]).toEqual(before);
  });

  it('is never opened when modbus-serial can not be loaded; that is told', async () => {
    start({ load: () => Promise.reject(new Error('no such package')) });
    await rig.sink.until('trouble', () => rig.sink.healths.length === 1);
    expect(rig.sink.healths[0]).toEqual({
      input: 'modules',
      state: 'down',
      detail: "modbus-serial can't be loaded, install the gateway anew: no such package",
    });
  });
});
