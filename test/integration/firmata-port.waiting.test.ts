import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import five from 'johnny-five';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { button, makeRig, type Rig, type RigSettings } from './firmata-rig.ts';

let rig: Rig;

afterEach(async () => {
  vi.useRealTimers();
  await rig.close();
});

const LOBBY = button('lobby', '2');
const LOOP = button('loop', 'A0', { contact: 'doubleEndOfLine', pull: 'none' });
const RELAY = { id: 'trouble', pin: '7', type: 'relay', activeLow: false } as const;
const LED = { id: 'lamp', pin: '9', type: 'led', activeLow: true } as const;

async function open(settings: RigSettings = {}): Promise<Rig> {
  rig = makeRig({ contacts: [LOBBY], ...settings });
  rig.board.loop(14, { ohms: 5_600 });
  rig.driver.start();
  await rig.up();
  await rig.says('lobby', 'normal');
  return rig;
}

/**
 * Opens, sets up and closes another board. Everything that the first one still had to send arrives
 * meanwhile.
 */
async function anotherIsUp(): Promise<void> {
  const another = makeRig({ contacts: [LOBBY] });
  another.driver.start();
  await another.up();
  await another.close();
}

/** Returns what the lobby's contacts report from now on. */
function sayAnew(...states: ('normal' | 'active')[]): Promise<void> {
  const before = rig.states('lobby').length;
  return rig.sink.until(`the lobby to say ${states.join(', ')} anew`, () =>
    rig.states('lobby').slice(before).join().endsWith(states.join()),
  );
}

const downs = () => rig.sink.healths.filter(({ state }) => state === 'down').map(({ detail }) => detail);

describe('a board that is not there', () => {
  it('is told once, and set up when it is plugged in', async () => {
    rig = makeRig({ contacts: [LOBBY], plugged: false });
    rig.driver.start();
    await rig.sink.until('trouble', () => rig.sink.states.length === 1);
    expect(downs()).toEqual([`${rig.port} is not there: is the adapter plugged in?`]);
    rig.plug();
    await rig.says('lobby', 'normal');
    expect(rig.sink.states).toEqual(['down', 'up']);
    expect(rig.sink.healths[1]?.detail).toBe(`${rig.port} (${rig.pty().path}): StandardFirmata 2.5 answers`);
  });

  it('though its port is: told once, with what comes from it, and set up when it answers', async () => {
    rig = makeRig({ contacts: [LOBBY] });
    rig.board.hang();
    const noise = setInterval(() => rig.board.garbage(Uint8Array.of(1, 2, 3)), 100);
    rig.driver.start();
    await rig.sink.until('trouble', () => rig.sink.states.length === 1);
    clearInterval(noise);
    expect(downs()).toEqual([
      `board does not answer: ${rig.port} is open, what comes is no Firmata: are 57600 Bd right?`,
    ]);
    rig.board.reset();
    await rig.says('lobby', 'normal');
    expect(rig.sink.states).toEqual(['down', 'up']);
  });
});

describe('a board that', () => {
  it('is unplugged is told once; plugged in again, its contacts are told anew', async () => {
    await open();
    rig.unplug();
    await rig.sink.until('trouble', () => rig.sink.states.length === 2);
    expect(downs()[0]).toMatch(/went away \(.+\): is the adapter unplugged\?$/);
    rig.board.drive(2, 0);
    rig.plug();
    await rig.says('lobby', 'normal', 'active');
    expect(rig.sink.states).toEqual(['up', 'down', 'up']);
  });

  it('restarts is told once and set up again; its contacts are told anew', async () => {
    await open({ outputs: [RELAY] });
    rig.driver.output('trouble', true);
    const anew = sayAnew('normal');
    rig.board.reset();
    await anew;
    expect(rig.sink.states).toEqual(['up', 'down', 'up']);
    expect(downs()).toEqual([`${rig.port}: the board restarted: is its supply steady?`]);
    const again = sayAnew('active', 'normal');
    rig.board.drive(2, 0);
    rig.board.drive(2, 1);
    await again;
  });

  it('restarts unheard is found out by the state of its pins, and no button is taken for pressed', async () => {
    await open({ contacts: [LOBBY, button('office', '10')] });
    await rig.says('office', 'normal');
    const anew = sayAnew('normal');
    rig.board.mute(() => rig.board.reset());
    await anew;
    expect(downs()).toEqual([`${rig.port}: the board restarted: is its supply steady?`]);
    await rig.sink.until('the office', () => rig.states('office').length === 2);
    expect([...rig.states('lobby'), ...rig.states('office')]).not.toContain('active');
  });

  it('has only loops and restarts unheard reports them again', async () => {
    rig = makeRig({ contacts: [LOOP] });
    rig.board.loop(14, { ohms: 5_600 });
    rig.driver.start();
    await rig.says('loop', 'normal');
    rig.board.mute(() => rig.board.reset());
    rig.board.loop(14, { ohms: 11_200 });
    await rig.says('loop', 'normal', 'active');
    expect(rig.sink.states).toEqual(['up']);
  });

  it('hangs is told once after three questions, and set up when it runs again', async () => {
    await open({ pollMs: 50 });
    rig.board.hang();
    await rig.sink.until('trouble', () => rig.sink.states.length === 2);
    expect(downs()).toEqual([
      `board does not answer: ${rig.port} is open, is Firmata firmware on it, and are 57600 Bd right?`,
    ]);
    const anew = sayAnew('normal');
    rig.board.reset();
    await anew;
    expect(rig.sink.states).toEqual(['up', 'down', 'up']);
  });

  it('no longer reports a pin, though it answers, has that told of the device, and taken back', async () => {
    await open({ contacts: [LOBBY, LOOP], pollMs: 50 });
    await rig.says('loop', 'normal');
    const faults = () =>
      rig.sink.signals.flatMap(({ device, body }) => (device === 'loop' && body.type === 'fault' ? [body.detail] : []));
    // This acts like another program that changes the pin's mode.
    rig.board.override(14, 0);
    await rig.sink.until('the fault', () => faults().length === 2);
    rig.board.override(14, 2);
    await rig.sink.until('its end', () => faults().length === 3);
    expect(faults()).toEqual([undefined, 'pin A0 is never reported', undefined]);
    expect(rig.sink.states.every((state) => state === 'up')).toBe(true);
  });
});

describe('garbage', () => {
  it('raises nothing lasting, is counted, and presses between and behind it are heard', async () => {
    await open({ pollMs: 1_000 });
    for (let i = 0; i < 20; i++) {
      rig.board.garbage(200);
      const pressed = sayAnew('active');
      rig.board.drive(2, 0);
      await pressed;
      const released = sayAnew('normal');
      rig.board.drive(2, 1);
      await released;
    }
    expect(rig.driver.counters().bytesRejected).toBeGreaterThan(1_000);
    expect(rig.driver.counters().framesRejected).toBeGreaterThan(20);
    expect(downs()).toEqual([]);
  });

  it('that never ends swallows no press', async () => {
    await open();
    rig.board.garbage(Uint8Array.of(0xf0, 0x71, ...new Uint8Array(20_000).fill(0x20)));
    rig.board.drive(2, 0);
    await rig.says('lobby', 'normal', 'active');
    expect(rig.driver.counters().bytesRejected).toBeGreaterThan(8_000);
  });

  it('that cut a press off is healed within milliseconds: the levels are read anew', async () => {
    await open({ pollMs: 10_000 });
    // The board reported the press, and the line lost the last byte of the report.
    rig.board.mute(() => rig.board.drive(2, 0));
    rig.board.garbage(Uint8Array.of(0x90, 0x00, 0xff));
    await rig.says('lobby', 'normal', 'active');
  });

  it.each([
    ['a state of a pin it does not have', [0xf0, 0x6e, 0x7f, 0x01, 0x00, 0xf7]],
    ['a firmware without a name', [0xf0, 0x79, 0xf7]],
    ['a mapping of more pins than it has', [0xf0, 0x6a, ...new Array(100).fill(0x01), 0xf7]],
    ['1-wire data about 1-wire data', [0xf0, 0x73, 0x73, 0xf7]],
    ['an empty message', [0xf0, 0xf7]],
    ['text', [0xf0, 0x71, 0x41, 0x00, 0xf7]],
    ['an analogue value of no pin', [0xef, 0x7f, 0x7f]],
    ['levels of a port it does not have', [0x9f, 0x7f, 0x01]],
  ])('that looks like %s does no harm', async (_what, bytes) => {
    rig = makeRig({ contacts: [LOBBY, LOOP] });
    rig.board.loop(14, { ohms: 5_600 });
    // Once before the board is set up, and once after.
    rig.board.garbage(Uint8Array.from(bytes));
    rig.driver.start();
    await rig.says('loop', 'normal');
    rig.board.garbage(Uint8Array.from(bytes));
    rig.board.drive(2, 0);
    await rig.says('lobby', 'normal', 'active');
    expect(rig.states('loop')).toEqual(['normal']);
  });
});

it('every contact is told anew every 10 seconds, as the board reports it then', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await open({ contacts: [LOBBY, LOOP], pollMs: 60_000 });
  await rig.says('loop', 'normal');
  vi.advanceTimersByTime(10_000);
  await rig.says('lobby', 'normal', 'normal');
  await rig.says('loop', 'normal', 'normal');
});

it('25 restarts leave no board, no listener and no memory behind', async () => {
  await open({ outputs: [RELAY, LED] });
  const restart = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const anew = sayAnew('normal');
      rig.board.reset();
      await anew;
    }
  };
  await restart(10);
  const before = { heap: usedHeap(), exits: process.listenerCount('exit') };
  await restart(25);
  const grownKb = (usedHeap() - before.heap) / 1_024;
  expect((five.Board as unknown as { cache: unknown[] }).cache).toHaveLength(1);
  expect(process.listenerCount('exit')).toBe(before.exits);
  process.stdout.write(`firmata: 25 restarts, heap grown by ${grownKb.toFixed(0)} kB\n`);
  // The figure includes the test's own record.
  expect(grownKb).toBeLessThan(300);
});

describe('stop', () => {
  it('is done within a second, twice if asked, and says nothing afterwards', async () => {
    await open();
    const startMs = performance.now();
    await rig.driver.stop();
    await rig.driver.stop();
    expect(performance.now() - startMs).toBeLessThan(1_000);
    const told = rig.sink.signals.length;
    rig.board.drive(2, 0);
    rig.driver.output('trouble', true);
    rig.unplug();
    await anotherIsUp();
    expect(rig.sink.signals).toHaveLength(told);
    expect(rig.sink.states).toEqual(['up']);
  });

  it('at the very start leaves the port closed', async () => {
    rig = makeRig();
    rig.driver.start();
    await rig.driver.stop();
    await anotherIsUp();
    expect(rig.sink.healths).toHaveLength(0);
  });

  it.each([true, false])('leaves nothing that keeps the process alive, board plugged in: %s', async (plugged) => {
    rig = makeRig({ plugged });
    expect(await exitCodeOf(rig.port)).toBe(0);
  });
});

function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/**
 * A process that starts a driver, stops it at the first health report, and should then end by
 * itself.
 */
async function exitCodeOf(port: string): Promise<number | string> {
  const driver = new URL('../../gateway/inputs/firmata/driver.ts', import.meta.url).href;
  const settings = {
    driver: 'firmata',
    id: 'board',
    port,
    baudRate: 57_600,
    pollMs: 100,
    samplingMs: 10,
    contacts: [LOBBY],
    outputs: [RELAY],
  };
  const source = `
    import { createFirmataDriver } from ${JSON.stringify(driver)};
    const none = () => undefined;
    const health = () => setImmediate(() => driver.stop());
    const driver = createFirmataDriver(${JSON.stringify(settings)}, { signal: none, unknownSignal: none, health });
    driver.start();`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', source], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 25_000,
  });
  const [code, signal] = await once(child, 'exit');
  return code ?? signal;
}
