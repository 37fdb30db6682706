import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { BusLine } from '../../device-sim/nodes/bus-line.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { frame, makeDriver, makeLine, makeRig, NODE, type Rig } from './button-bus-rig.ts';
import { probed } from './support/probes.ts';
import { RecordingSink } from './support/recording-sink.ts';

let rig: Rig;
let line: BusLine | undefined;

afterEach(async () => {
  line?.stop();
  line = undefined;
  await rig.close();
});

function start(plugged = true): Rig {
  rig = makeRig({ plugged, answer: 'heard' });
  rig.driver.start();
  return rig;
}

const states = (count: number) => () => rig.sink.states.length === count;

describe('a port that is not there', () => {
  it('is told once, in words for a person, and opened when it comes', async () => {
    start(false);
    await rig.sink.until('trouble', states(1));
    expect(rig.sink.healths[0]).toEqual({
      input: 'bus',
      state: 'down',
      detail: `${rig.port} is not there: is the adapter plugged in?`,
    });
    await probed(rig.port, 2);
    expect(rig.sink.states).toEqual(['down']);
    rig.replug();
    await rig.sink.until('the port', states(2));
    expect(rig.sink.healths[1]?.detail).toBe(`${rig.port} (${rig.pty().path}) is open at 115200 Bd`);
  });

  it('or is no serial port is told apart', async () => {
    rig = makeRig({ plugged: false });
    writeFileSync(rig.port, '');
    rig.driver.start();
    await rig.sink.until('trouble', states(1));
    expect(rig.sink.healths[0]?.detail).toBe(`${rig.port} is not a serial port`);
  });
});

describe('unplugging', () => {
  it('is told once; plugged in again under the same name, the press made meanwhile arrives', async () => {
    start();
    line = makeLine();
    line.attach(rig.pty());
    await rig.sink.until('hello', () => rig.sink.signals.length > 0);
    rig.pty().close();
    await rig.sink.until('trouble', states(2));
    expect(rig.sink.healths[1]).toMatchObject({ state: 'down' });
    expect(rig.sink.healths[1]?.detail).toMatch(/went away \(.+\): is the adapter unplugged\?$/);
    const pressed = line.press(NODE.id, 0);
    line.attach(rig.replug());
    await rig.sink.until('the press', () => rig.sink.presses.length > 0);
    expect(rig.sink.states).toEqual(['up', 'down', 'up']);
    expect(rig.sink.presses[0]?.identity).toEqual(pressed);
  });

  it('right behind a burst of bytes is noticed, five times in a row', async () => {
    start();
    for (let round = 0; round < 5; round++) {
      await rig.sink.until('the port', states(2 * round + 1));
      rig.pty().write(frame(round + 1));
      await rig.sink.until('the press', () => rig.sink.presses.length === round + 1);
      rig.pty().write(new Uint8Array(2_000).fill(1));
      rig.pty().close();
      await rig.sink.until('trouble', states(2 * round + 2));
      rig.replug();
    }
    expect(rig.sink.states.slice(0, 4)).toEqual(['up', 'down', 'up', 'down']);
  });

  it('answers to a port that is away are dropped and counted, not kept', async () => {
    start();
    await rig.sink.until('the port', states(1));
    rig.pty().close();
    await rig.sink.until('trouble', states(2));
    rig.driver.answer('lobby', { epoch: 1, counter: 1 }, 'heard');
    expect(rig.driver.counters().answersDropped).toBe(1);
  });

  it('is noticed when the name leads to another device, though the old one stays open', async () => {
    start();
    await rig.sink.until('the port', states(1));
    const other = openPseudoTerminal();
    rmSync(rig.port);
    symlinkSync(other.path, rig.port);
    await rig.sink.until('the other device', states(3));
    expect(rig.sink.healths[1]?.detail).toContain('its name now leads to another device');
    other.write(frame(1));
    await rig.sink.until('the press', () => rig.sink.presses.length === 1);
    other.close();
  });

  it('is noticed when only the device node goes', async () => {
    start();
    await rig.sink.until('the port', states(1));
    rmSync(rig.port);
    await rig.sink.until('trouble', states(2));
    expect(rig.sink.healths[1]?.detail).toContain('its device node is gone');
  });
});

it('a second driver on the same port is told that it is locked, and gets it when the first stops', async () => {
  start();
  await rig.sink.until('the port', states(1));
  const sink = new RecordingSink();
  const second = makeDriver(rig.port, sink, 4);
  second.start();
  await sink.until('trouble', () => sink.healths.length === 1);
  expect(sink.healths[0]).toMatchObject({ state: 'down', detail: `${rig.port} is locked: another program uses it` });
  await rig.driver.stop();
  await sink.until('the port', () => sink.healths.length === 2);
  expect(sink.states).toEqual(['down', 'up']);
  await second.stop();
});

describe('stop', () => {
  it('is done within a second, twice if asked, and says nothing afterwards', async () => {
    start();
    await rig.sink.until('the port', states(1));
    const startMs = performance.now();
    await rig.driver.stop();
    await rig.driver.stop();
    expect(performance.now() - startMs).toBeLessThan(1_000);
    const next = new RecordingSink();
    const another = makeDriver(rig.port, next);
    another.start();
    await next.until('the port', () => next.states.length === 1);
    rig.pty().write(frame(1));
    rig.driver.answer('lobby', { epoch: 1, counter: 1 }, 'heard');
    // The next driver gets the press: the stopped one did not consume it.
    await next.until('the press', () => next.presses.length === 1);
    await another.stop();
    expect(rig.sink.states).toEqual(['up']);
    expect(rig.sink.presses).toHaveLength(0);
  });

  it('at the very start leaves the port closed', async () => {
    start();
    await rig.driver.stop();
    const next = new RecordingSink();
    const another = makeDriver(rig.port, next);
    another.start();
    await next.until('the port', () => next.states.length === 1);
    await another.stop();
    expect(next.states).toEqual(['up']);
    expect(rig.sink.healths).toHaveLength(0);
  });

  it.each(['open', 'probing'])('while %s leaves nothing that keeps the process alive', async (state) => {
    rig = makeRig({ plugged: state === 'open' });
    expect(await exitCodeOf(rig.port)).toBe(0);
  });
});

/**
 * A process that starts a driver, stops it at the first health report, and should then end by
 * itself.
 */
async function exitCodeOf(port: string): Promise<number | string> {
  const driver = new URL('../../gateway/inputs/button-bus/driver.ts', import.meta.url).href;
  const settings = { driver: 'button-bus', id: 'bus', port, baudRate: 115_200, nodes: [] };
  const source = `
    import { createButtonBusDriver } from ${JSON.stringify(driver)};
    const none = () => undefined;
    const health = () => setImmediate(() => driver.stop());
    const driver = createButtonBusDriver(${JSON.stringify(settings)}, 1, { signal: none, unknownSignal: none, health });
    driver.start();`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', source], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 15_000,
  });
  const [code, signal] = await once(child, 'exit');
  return code ?? signal;
}
