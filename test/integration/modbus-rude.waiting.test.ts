import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import type { AdapterEcho } from '../../device-sim/modbus/modbus-line.ts';
import type { ModbusModuleSettings } from '../../device-sim/modbus/modbus-module.ts';
import type { ModbusModule } from '../../gateway/inputs/modbus/settings.ts';
import { button, type ModbusRig, type ModbusRigSettings, makeModbusRig, moduleAt } from './modbus-rig.ts';

/** The simulated modules stop with this process when others use the machine. */
const PATIENT = { answerMs: 2_000 } as const;

type Finished = Pick<TestContext, 'onTestFinished'>;

/** It is not started. `test`: tests that run side by side name themselves. */
function makeRig(settings: ModbusRigSettings, test: Finished = { onTestFinished }): ModbusRig {
  const rig = makeModbusRig(settings);
  test.onTestFinished(() => rig.close());
  return rig;
}

function start(settings: ModbusRigSettings, test?: Finished): ModbusRig {
  const rig = makeRig(settings, test);
  rig.driver.start();
  return rig;
}

async function polls(rig: ModbusRig, count: number): Promise<void> {
  const before = rig.driver.counters().polls;
  // Polls do not show at the sink.
  const tick = setInterval(() => rig.sink.check(), 5);
  try {
    await rig.sink.until(`${count} polls`, () => rig.driver.counters().polls >= before + count);
  } finally {
    clearInterval(tick);
  }
}

/** Waits until a button's state has been told as this. */
async function told(rig: ModbusRig, address: number, state: string, number = 0): Promise<void> {
  await rig.sink.until(`${state} of ${address}`, () => rig.state(address, number) === state);
}

describe('modules that show their inputs elsewhere than in discrete inputs from 0', () => {
  const layouts: readonly [string, Partial<ModbusModule>, Omit<ModbusModuleSettings, 'address'>][] = [
    [
      'bits of holding registers from 192 (eletechsup N4DIH32)',
      { table: 'holdingRegisters', firstAddress: 192 },
      { inputs: 32, map: { table: 'holdingRegisters', firstAddress: 192 } },
    ],
    [
      'a holding register each, from 128 (the same)',
      { table: 'holdingRegisters', firstAddress: 128, inputsPerRegister: 1 },
      { inputs: 32, map: { table: 'holdingRegisters', firstAddress: 128, inputsPerRegister: 1 } },
    ],
    [
      'bits of input register 48 (Moxa ioLogik)',
      { table: 'inputRegisters', firstAddress: 48 },
      { inputs: 32, map: { table: 'inputRegisters', firstAddress: 48 } },
    ],
    [
      'eight bits of each register',
      { table: 'inputRegisters', firstAddress: 0, inputsPerRegister: 8 },
      { inputs: 32, map: { table: 'inputRegisters', inputsPerRegister: 8 } },
    ],
    [
      'coils from 32 (Brainboxes)',
      { table: 'coils', firstAddress: 32 },
      { inputs: 32, map: { table: 'coils', firstAddress: 32 } },
    ],
    [
      'discrete inputs from 10000',
      { firstAddress: 10_000 },
      { inputs: 32, map: { table: 'discreteInputs', firstAddress: 10_000 } },
    ],
    [
      'all of them at once or not at all',
      { inputCount: 32 },
      { inputs: 32, map: { table: 'discreteInputs', wholeOnly: true } },
    ],
    [
      'all registers at once or not at all',
      { table: 'holdingRegisters', firstAddress: 7, inputCount: 32 },
      { inputs: 32, map: { table: 'holdingRegisters', firstAddress: 7, wholeOnly: true } },
    ],
  ];

  it.each(layouts)('%s: each press is told', async (_, layout, settings) => {
    const contacts = [button(1, 0, 3), button(1, 1, 19), button(1, 2, 31, 'normallyClosed')];
    const rig = start({
      line: { modules: [{ address: 1, ...settings }] },
      modules: [{ ...moduleAt(1, contacts), ...layout }],
      settings: PATIENT,
    });
    await rig.sink.until('the reading', () => rig.state(1, 2) === 'active');
    expect([rig.state(1, 0), rig.state(1, 1)]).toEqual(['normal', 'normal']);
    rig.line.drive(1, 19, true);
    await told(rig, 1, 'active', 1);
    expect(rig.state(1, 0)).toBe('normal');
    rig.line.drive(1, 3, true);
    rig.line.drive(1, 31, true);
    rig.line.drive(1, 19, false);
    await rig.sink.until(
      'the changes',
      () => [0, 1, 2].map((at) => rig.state(1, at)).join() === 'active,normal,normal',
    );
    expect([...rig.said(1, 'noAnswer'), ...rig.faults(1)]).toEqual([]);
  });

  it('a register that is not there is named as a register', async () => {
    const layout = { table: 'holdingRegisters', firstAddress: 192 } as const;
    const rig = start({
      line: { modules: [{ address: 1 }] },
      modules: [{ ...moduleAt(1), ...layout }],
      settings: PATIENT,
    });
    await rig.sink.until('the fault', () => rig.fault(1) === 'answers exception 02: it has no register 192');
  });

  it.each([
    ['discreteInputs', 'answers with up to 16 inputs when asked for 1'],
    ['holdingRegisters', 'answers with 2 registers when asked for 1'],
  ] as const)('that answer for all %s whatever they are asked: the fault says so', async (table, detail) => {
    const inputs = table === 'discreteInputs' ? 16 : 32;
    const modules = [1, 2].map((address) => ({ address, inputs, map: { table, wholeAnswer: true } }));
    const whole = { ...moduleAt(2), table, inputCount: inputs };
    const rig = start({ line: { modules }, modules: [{ ...moduleAt(1), table }, whole], settings: { answerMs: 60 } });
    await rig.sink.until('the fault', () => rig.fault(1)?.startsWith(detail) === true);
    expect(rig.fault(1)).toBe(`${detail}: write the number of all its inputs as inputCount`);
    // With inputCount it is read.
    await told(rig, 2, 'normal');
    expect([...rig.said(1, 'alive'), ...rig.said(1, 'contact'), ...rig.faults(2)]).toEqual([]);
  });

  it('a register that holds a number is a fault, and pressed: it is the wrong one, or "unavailable"', async () => {
    const layout = { table: 'holdingRegisters', inputsPerRegister: 1 } as const;
    const rig = makeRig({
      line: { modules: [{ address: 1 }] },
      modules: [{ ...moduleAt(1, [button(1, 0), button(1, 1)]), ...layout }],
      settings: PATIENT,
    });
    const [module] = rig.line.modules;
    if (module !== undefined) module.registers[1] = 0xffff;
    rig.driver.start();
    await rig.sink.until('the fault', () => /^register 1 holds neither 0 nor 1: /.test(rig.fault(1) ?? ''));
    expect([rig.state(1, 0), rig.state(1, 1)]).toEqual(['normal', 'active']);
    if (module !== undefined) module.registers[1] = 0;
    await rig.sink.until('its end', () => rig.faults(1).length === 2);
  });
});

// The time of these is waiting: side by side they take that of one.
describe.concurrent('an adapter that echoes', () => {
  const ECHOES: readonly AdapterEcho[] = ['whole', 'headCut', 'tailCut', 'garbled'];

  it.for(ECHOES)('%s: presses are told, a dead module is lost, and no module has a fault', async (echo, test) => {
    const rig = makeRig(
      {
        line: { modules: [{ address: 1 }, { address: 2 }], echo },
        modules: [moduleAt(1), moduleAt(2), moduleAt(9)],
        settings: { answerMs: 100 },
      },
      test,
    );
    rig.line.glitch = [0xff];
    rig.driver.start();
    await told(rig, 2, 'normal');
    rig.line.drive(2, 0, true);
    await told(rig, 2, 'active');
    await rig.sink.until('a lost module', () => rig.said(9, 'noAnswer').length >= 4);
    // Once it is lost, it is asked once a second: the others are not held up by its echo.
    const before = rig.said(9, 'noAnswer').length;
    await rig.sink.until('one more', () => rig.said(9, 'noAnswer').length > before);
    const asked = rig.sink.signals.flatMap(({ body, capturedMs }) => (body.type === 'noAnswer' ? [capturedMs] : []));
    // A machine that stalls makes one pause shorter, and the one before it longer.
    const pauses = asked.slice(1).map((ms, at) => ms - (asked[at] ?? ms));
    expect(Math.max(...pauses)).toBeGreaterThan(900);
    expect([...rig.said(9, 'alive'), ...rig.said(9, 'contact')]).toEqual([]);
    expect([1, 2, 9].flatMap((address) => rig.faults(address))).toEqual([]);
  });

  it('of two modules with one address: the fault is found as without an echo', async (test) => {
    const rig = start({ line: { modules: [{ address: 1 }, { address: 2 }, { address: 2 }], echo: 'whole' } }, test);
    await rig.sink.until('the fault', () => rig.fault(2) !== undefined);
    expect(rig.fault(2)).toBe('answers are damaged: two modules may have address 2, or its branch of the line is bad');
    expect(rig.fault(1)).toBeUndefined();
  });

  it('of a module that is too late: the fault is found as without an echo', async (test) => {
    const answerMs = 150;
    const rig = makeRig({ line: { modules: [{ address: 1 }], echo: 'whole' }, settings: { answerMs } }, test);
    rig.line.fault(1, { lateMs: 1.8 * answerMs });
    rig.driver.start();
    await rig.sink.until('the fault', () => /come later than 150 ms/.test(rig.fault(1) ?? ''));
    expect(rig.said(1, 'contact')).toEqual([]);
  });
});

describe.concurrent('a module that sends more than its answer, or less', () => {
  it.for([
    ['a byte after it', { trailing: [0x00] }],
    ['two bytes after it', { trailing: [0xff, 0x00] }],
    ['a byte before it, as from a driver that switches on', { leading: [0xfe] }],
    ['both', { leading: [0x00, 0x00], trailing: [0xff] }],
  ] as const)('%s costs no reading, and is no fault', async ([, faults], test) => {
    const rig = makeRig({ line: { modules: [{ address: 1 }, { address: 2 }] }, settings: PATIENT }, test);
    for (const address of [1, 2]) rig.line.fault(address, faults);
    rig.driver.start();
    await told(rig, 1, 'normal');
    rig.line.drive(1, 0, true);
    await told(rig, 1, 'active');
    await polls(rig, 60);
    expect(rig.driver.counters().pollsMissed).toBe(0);
    expect([1, 2].flatMap((address) => [...rig.faults(address), ...rig.said(address, 'noAnswer')])).toEqual([]);
  });

  it('an answer without its end is a missed poll each time', async (test) => {
    const rig = start({ line: { modules: [{ address: 1 }, { address: 2 }] } }, test);
    await told(rig, 2, 'normal');
    rig.line.fault(2, { cutBytes: 1 });
    await rig.sink.until('missed polls', () => rig.said(2, 'noAnswer').length >= 5);
    await rig.sink.until('the fault', () => /^answers are damaged/.test(rig.fault(2) ?? ''));
    rig.line.fault(2, { cutBytes: 0 });
    await rig.sink.until('its end', () => rig.faults(2).length === 2);
  });
});

describe('a transceiver whose direction the kernel is to switch', () => {
  it('on a port whose driver does not: the input is down, and says what to do', async () => {
    const rig = start({ settings: { rs485: { rts: 'onSend', delayBeforeMs: 0, delayAfterMs: 0 } } });
    await rig.sink.until('trouble', () => rig.sink.states.at(-1) === 'down');
    expect(rig.sink.healths.at(-1)?.detail).toMatch(
      /open failed: its driver can't switch the direction of RS-485 by RTS \(ENOTTY\): leave out rs485/,
    );
    expect(rig.driver.counters().polls).toBe(0);
  });
});
