import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Air } from '../../device-sim/ble/air.ts';
import { BLE_LIMITS, createBleDriver } from '../../gateway/inputs/ble/driver.ts';
import { startModule } from '../../gateway/system/start-module.ts';
import { type BleRig, makeBleRig, WAYS } from './ble-rig.ts';
import { RecordingSink } from './support/recording-sink.ts';

const TAG = 'AA:00:00:00:00:01';
const BEACON = 'C0:FF:EE:00:00:01';
const LIMITS = { pollMs: 200, tickMs: 50, stageMsMin: 500, startMs: 5_000, retryMs: 100 };
const tag = { format: 'bthome', lowBatteryPercent: 15, points: [] } as const;

let rig: BleRig;
let air: Air;

/** An advertisement is lost while nothing listens, so this repeats the press until one is heard. */
async function pressAndHear(): Promise<void> {
  const before = rig.sink.signals.length;
  air.press('tag');
  const again = setInterval(() => air.press('tag'), 300);
  await rig.until('a press', () => rig.sink.signals.length > before).finally(() => clearInterval(again));
}

describe.each(WAYS)('one radio, its process started by %s,', (startedBy) => {
  beforeAll(async () => {
    rig = makeBleRig({
      startedBy,
      devices: [{ ...tag, device: 'tag', address: TAG }],
      beacons: [BEACON],
      silenceMs: 800,
      limits: LIMITS,
    });
    air = new Air({
      tags: [
        { id: 'tag', address: TAG, buttons: 1, intervalMs: 20 },
        { id: 'beacon', address: BEACON, buttons: 1, beaconMs: 50 },
      ],
      fobs: [],
    });
    rig.driver.start();
    await rig.until('the radio to listen', () => rig.healths().includes('up') && rig.plug.controller.isScanning);
    air.reach(rig.plug.controller);
    await pressAndHear();
  });

  afterAll(async () => {
    air.stop();
    await rig.close();
  });

  it('says who started it', () => {
    const by = startedBy === 'systemd' ? ', in a process of callpoint-radio.socket' : '';
    expect(rig.details()[0]).toBe(`${rig.plug.path} listens${by}`);
  });

  it('that is jammed is restarted in stages, then told of once; and again when it hears', async () => {
    const before = rig.details().length;
    const commands = rig.plug.controller.commands.length;
    rig.plug.controller.fault({ jammed: true });
    await rig.until('the trouble', () => rig.healths().at(-1) === 'down');
    expect(rig.details().slice(before)).toEqual([
      expect.stringMatching(/has heard no beacon for 0.8 s: scan started anew/),
      expect.stringMatching(/still hears no beacon: radio reset/),
      expect.stringMatching(/still hears no beacon: radio opened anew/),
      expect.stringMatching(/hears nothing, also after it was opened anew: is it jammed/),
    ]);
    // Scan enable, reset, and then the whole set-up by a new process.
    expect(rig.plug.controller.commands.slice(commands)).toEqual(expect.arrayContaining([0x200c, 0x0c03, 0x1001]));
    rig.plug.controller.fault({ jammed: false });
    await rig.until('reception', () => rig.healths().at(-1) === 'up');
    expect(rig.details().at(-1)).toMatch(/hears again/);
    expect(rig.healths().filter((state) => state === 'down')).toHaveLength(1);
    await pressAndHear();
  });

  it('whose process is killed in mid-stream has another one in no time', async () => {
    const pid = rig.pid() ?? expect.fail('no process');
    const before = rig.healths().length;
    air.press('tag');
    process.kill(pid, 'SIGKILL');
    await rig.until('up', () => rig.healths().slice(before).at(-1) === 'up');
    expect(rig.healths().slice(before)).toEqual(['down', 'up']);
    const how = startedBy === 'systemd' ? 'journalctl -u "callpoint-radio@*" -n 20 says why' : 'killed by SIGKILL';
    expect(rig.details()[before]).toBe(
      `the process that listens to ${rig.plug.path} ended (${how}): it is started anew`,
    );
    expect(rig.pid()).not.toBe(pid);
    await pressAndHear();
  });

  it('whose process is killed again and again is given another one ever more seldom, leaves nothing behind, and hears again', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const [open, before] = [descriptors(), rig.healths().length];
    const killed = new Set<number>();
    const killing = setInterval(() => {
      const pid = rig.pid();
      if (pid === undefined || killed.has(pid)) return;
      process.kill(pid, 'SIGKILL');
      killed.add(pid);
    }, 20);
    await rig.until('five killed', () => killed.size >= 5).finally(() => clearInterval(killing));
    await rig.until('up', () => rig.healths().at(-1) === 'up' && rig.plug.controller.isScanning);
    // None of the others lived for long enough to count as well.
    expect(rig.healths().slice(before)).toEqual(['down', 'up']);
    await pressAndHear();
    await rig.until('as few open files as before', () => descriptors() <= open);
  });

  it('whose process has grown is given another one in a quiet moment, which is news and no trouble', async () => {
    await pressAndHear();
    const pid = rig.pid();
    const before = rig.healths().length;
    rig.limits.residentBytesMax = 1;
    await rig.until('the news', () =>
      rig
        .details()
        .slice(before)
        .some((detail) => /had grown to/.test(detail)),
    );
    rig.limits.residentBytesMax = Infinity;
    await rig.until('another process', () => {
      const now = rig.pid();
      return now !== undefined && now !== pid && rig.plug.controller.isScanning;
    });
    await pressAndHear();
    expect(rig.healths().slice(before)).not.toContain('down');
  });

  it('that is unplugged is told of in plain words, and taken up again when it is back', async () => {
    const before = rig.healths().length;
    rig.plug.unplug();
    await rig.until('the trouble', () => rig.healths().slice(before).includes('down'));
    expect(rig.details().at(-1)).toMatch(
      /is not there: is the adapter plugged in\?|went away.*: is the adapter unplugged\?/,
    );
    rig.plug.plug();
    await rig.until('the radio', () => rig.healths().at(-1) === 'up');
    await pressAndHear();
    expect(
      rig
        .healths()
        .slice(before)
        .filter((state) => state === 'down'),
    ).toHaveLength(1);
  });
});

it('a radio without a beacon that hears nothing is told to be deaf, or in an empty building', async () => {
  const alone = makeBleRig({ devices: [{ ...tag, device: 'tag', address: TAG }], silenceMs: 300, limits: LIMITS });
  try {
    alone.driver.start();
    await alone.until('the trouble', () => alone.healths().at(-1) === 'down');
    expect(alone.details().at(-1)).toMatch(/hears nothing, also after .* Or is nobody here\? A beacon near it, listed/);
  } finally {
    await alone.close();
  }
});

it('a port that another program holds is said to be locked', async () => {
  const held = makeBleRig({ limits: LIMITS });
  const port = new SerialPort({ path: held.plug.path, baudRate: 115_200 });
  try {
    await once(port, 'open');
    held.driver.start();
    await held.until('the trouble', () => held.healths().includes('down'));
    expect(held.details()[0]).toMatch(/is locked: another program uses it/);
  } finally {
    port.close();
    await held.close();
  }
});

it('the process ends when the gateway sends an endless line', async () => {
  const module = new URL('../../gateway/inputs/ble/scanner-process', import.meta.url);
  const { child, channel } = startModule(module, import.meta.url, {}, 64);
  channel?.on('error', () => undefined).write('a'.repeat(2_000_000));
  expect(await once(child, 'exit')).toEqual([1, null]);
});

it('a process whose JavaScript hangs is ended by its alarm', async () => {
  const calls = new URL('../../gateway/system/process-calls.ts', import.meta.url).href;
  const hang = `const { alarm } = await (await import(${JSON.stringify(calls)})).loadProcessCalls(); alarm(1); for (;;);`;
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', hang]);
  expect(await once(child, 'exit')).toEqual([null, 'SIGALRM']);
});

it('the process goes when the gateway does', async () => {
  const module = new URL('../../gateway/inputs/ble/scanner-process', import.meta.url);
  const { child, channel } = startModule(module, import.meta.url, {}, 64);
  if (channel === undefined) return expect.fail('no channel');
  channel.write('{"type":"ping"}\n');
  await once(channel, 'data');
  channel.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('a radio named by an address that none has is looked for, and no other one is listened to', async () => {
  const sink = new RecordingSink();
  const adapters = [{ name: 'address:02:00:00:00:00:FF', baudRate: 0 }];
  const driver = createBleDriver(
    { driver: 'ble', id: 'radio', adapters, devices: [], beacons: [], silenceMs: 60_000 },
    sink,
    BLE_LIMITS,
  );
  driver.start();
  await sink.until('the trouble', () => sink.healths.length > 0).finally(() => driver.stop());
  // The machine decides: its kernel may lack Bluetooth, or may not let this process use it.
  expect(sink.healths[0]?.detail).toMatch(
    /^address:02:00:00:00:00:FF(: this kernel has no Bluetooth|: Bluetooth sockets are forbidden| is not there: is the radio plugged in)/,
  );
  expect(sink.states).not.toContain('up');
});
