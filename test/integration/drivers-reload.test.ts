import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DeviceClient } from '../../device-sim/mqtt/mqtt-client.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { DownCounters } from '../../gateway/inputs/button-bus/down-counters.ts';
import { createButtonBusDriver } from '../../gateway/inputs/button-bus/driver.ts';
import { parseFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import { DEVICES, DeviceRig, READER } from './mqtt-devices-rig.ts';
import { RecordingSink } from './support/recording-sink.ts';
import { Waiting } from './support/waiting.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

describe('a button bus that is opened anew in one session', () => {
  test('never seals two frames of one key with the same number, whatever becomes of its nodes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'callpoint-bus-'));
    const port = join(directory, 'bus');
    const terminal = openPseudoTerminal();
    terminal.link(port);
    cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
    cleanups.push(() => terminal.close());
    const counters: number[] = [];
    const waiting = new Waiting();
    const scanner = new FrameScanner();
    terminal.onData((bytes) => {
      scanner.push(
        bytes,
        (body) => {
          const parsed = parseFrame(body);
          if (parsed.ok) counters.push(parsed.frame.header.counter);
        },
        () => undefined,
      );
      waiting.check();
    });
    const session = new DownCounters(() => true);
    const node = { device: 'lobby', address: 5, key: Uint8Array.from({ length: 16 }, (_, at) => at) };
    const settings = { driver: 'button-bus', id: 'bus', port, baudRate: 115_200, nodes: [node] } as const;
    for (let time = 1; time <= 3; time++) {
      const sink = new RecordingSink();
      const driver = createButtonBusDriver(settings, 7, sink, session);
      driver.start();
      await sink.until('the port', () => sink.states.at(-1) === 'up');
      driver.update({ ...settings, nodes: [] });
      driver.update(settings);
      driver.answer('lobby', { epoch: 1, counter: time }, 'heard');
      // The polls may be one.
      await waiting.until(
        'the answer',
        () => counters.length >= 2 * time,
        () => counters,
      );
      await driver.stop();
    }
    expect(new Set(counters).size).toBe(counters.length);
    expect(counters).toEqual(counters.toSorted((a, b) => a - b));
  });
});

describe('the devices at a broker', () => {
  test('change while the connection is open, and no message is missed or told twice', async () => {
    const rig = await DeviceRig.up({ devices: DEVICES.slice(0, 1) });
    cleanups.push(() => rig.close());
    const client = await DeviceClient.connect(rig.login, { topic: 'plain/will', payload: 'gone' });
    cleanups.push(() => client.disconnect());
    const settings = {
      driver: 'mqtt',
      id: 'mqtt-1',
      url: rig.url,
      username: READER.name,
      password: READER.password,
      outputs: [],
      devices: DEVICES,
    } as const;
    expect(rig.driver.takes?.({ ...settings, username: 'other' })).toBe(false);
    expect(rig.driver.takes?.(settings)).toBe(true);
    const sent: string[] = [];
    for (let time = 0; time < 100; time++) {
      if (time === 50) rig.driver.update?.(settings);
      const action = time % 2 === 0 ? 'single' : 'long';
      sent.push(`1 ${action}`);
      await client.publish('zigbee2mqtt/room-201', JSON.stringify({ action }), { qos: 1 });
    }
    const presses = () => rig.presses('shelly-1').length;
    // Heard as soon as the new subscription is made: a fast broker takes thousands before that.
    for (let time = 0; presses() === 0; time++) {
      expect(time).toBeLessThan(100_000);
      await client.publish('shellies/one/input_event/0', '{"event":"S"}', { qos: 1 });
    }
    expect(rig.presses('z-201')).toEqual(sent);
    expect(rig.sink.states).not.toContain('down');
  });
});
