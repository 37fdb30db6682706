import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Air } from '../../device-sim/ble/air.ts';
import { nodeBthomeCcm } from '../../device-sim/ble/node-bthome-ccm.ts';
import type { Device } from '../../gateway/core/site.ts';
import { addressBytes } from '../../protocol/ble/address.ts';
import { sealBthome } from '../../protocol/ble/bthome-encryption.ts';
import { bytesToHex } from '../../protocol/bytes.ts';
import { SensorWorld } from '../simulation/sensor-world.ts';
import { device, path, site } from '../simulation/site.ts';
import { type BleRig, bthomeAdvertisement, makeBleRig } from './ble-rig.ts';

/**
 * Messages as users have captured them, through real noble, into the core, whose time is simulated.
 */

const KEY = new Uint8Array(16).fill(0x5a);
const PLAIN = '7C:C6:B6:00:00:0A';
const SEALED = '54:48:E6:00:00:A5';
const SHELLY = { saysHowHoldEnds: true, heartbeatMs: 0 } as const;

let rig: BleRig;
let world: SensorWorld;
let given = { signals: 0, unknown: 0 };
let markers = 0;

beforeAll(async () => {
  const tag = { format: 'bthome', lowBatteryPercent: 15, points: [] } as const;
  rig = makeBleRig({
    devices: [
      { ...tag, device: 'wb-101', address: PLAIN },
      { ...tag, device: 'wb-102', address: SEALED, key: KEY },
    ],
  });
  rig.driver.start();
  await rig.until('the radio to listen', () => rig.healths().includes('up') && rig.plug.controller.isScanning);
});

afterAll(() => rig.close());

beforeEach(async () => {
  await arrive();
  restart({ ...SHELLY });
});

function restart(plain: Partial<Device>, sealed: Partial<Device> = {}): void {
  const keyed = { ...SHELLY, counterOnly: true, keyFingerprint: 'aa', ...sealed };
  world = new SensorWorld(site([device(101, plain), device(102, keyed)], [path('central')]));
}

/** Gives the core everything that was sent so far: a marker sent after it has arrived. */
async function arrive(): Promise<void> {
  markers += 1;
  const number = markers.toString(16).padStart(4, '0').toUpperCase();
  const address = `0F:00:00:00:${number.slice(0, 2)}:${number.slice(2)}`;
  rig.plug.controller.hear(bthomeAdvertisement(address, '44 00 01 3a 01'));
  await rig.until('what was sent', () => rig.sink.unknown.some((each) => each.address === address));
  const { signals, unknown } = rig.sink;
  for (const signal of signals.slice(given.signals)) {
    world?.give({ type: 'signal', signal: { ...signal, input: 'bus-1', capturedMs: world.clock.nowMs } });
  }
  for (const each of unknown.slice(given.unknown)) {
    if (each.device === undefined) continue;
    world?.give({ type: 'unknownSignal', signal: { ...each, input: 'bus-1', capturedMs: world.clock.nowMs } });
  }
  given = { signals: signals.length, unknown: unknown.length };
}

/** Sends an advertisement eight times, as such a device does, once the core's time has passed. */
async function hear(address: string, hex: string, afterMs = 0): Promise<void> {
  world.run(afterMs);
  for (let time = 0; time < 8; time++) rig.plug.controller.hear(bthomeAdvertisement(address, hex));
  await arrive();
}

function sealed(counter: number, key = KEY): string {
  const address = addressBytes(SEALED) ?? expect.fail();
  return bytesToHex(sealBthome(nodeBthomeCcm, key, address, true, { counter, objects: Uint8Array.of(0x3a, 0x01) }));
}

/** Kinds of the alerts, in order. */
function kinds(): string[] {
  return world.raised.map(({ kind }) => kind);
}

describe('Shelly’s four-button devices send hold first (Wall Switch 4 and RC Button 4, as captured)', () => {
  it('one press of key 1, whose long press is medical, is one alert of the press, 0.9 s later', async () => {
    await hear(PLAIN, '44 00 84 01 64 3A FE 3A 00 3A 00 3A 00');
    expect(kinds()).toEqual([]);
    await hear(PLAIN, '44 00 85 01 64 3A 01 3A 00 3A 00 3A 00', 900);
    world.run(20_000);
    expect(kinds()).toEqual(['hold-up']);
  });

  it('one long press of it is one alert of the long press', async () => {
    await hear(PLAIN, '44 00 90 01 64 3A 80 3A 00 3A 00 3A 00');
    await hear(PLAIN, '44 00 91 01 64 3A 80 3A 00 3A 00 3A 00', 900);
    await hear(PLAIN, '44 00 92 01 64 3A 04 3A 00 3A 00 3A 00', 900);
    world.run(20_000);
    expect(kinds()).toEqual(['medical']);
  });

  it('one press of key 2, which has one kind, is one alert at the first byte', async () => {
    await hear(PLAIN, '44 00 84 01 64 3A 00 3A FE 3A 00 3A 00');
    expect(kinds()).toEqual(['medical']);
    await hear(PLAIN, '44 00 85 01 64 3A 00 3A 01 3A 00 3A 00', 900);
    world.run(20_000);
    expect(kinds()).toEqual(['medical']);
  });

  it('a press whose end is lost is an alert after three seconds', async () => {
    await hear(PLAIN, '44 00 84 01 64 3A FE 3A 00 3A 00 3A 00');
    world.run(2_999);
    expect(kinds()).toEqual([]);
    world.run(1);
    expect(kinds()).toEqual(['hold-up']);
  });
});

describe('the simulated tag that sends hold first', () => {
  it.each([
    ['plain', 'wb-101', {}],
    ['with a key', 'wb-102', { key: KEY }],
  ] as const)('%s: two presses and a long press are three alerts', async (_, id, key) => {
    const address = id === 'wb-101' ? PLAIN : SEALED;
    const scheduler = {
      nowMs: () => world.clock.nowMs,
      after: (ms: number, run: () => void) => {
        let isDue = true;
        world.clock.after(ms, () => isDue && run());
        return () => {
          isDue = false;
        };
      },
    };
    const air = new Air({
      tags: [{ id, address, buttons: 2, holdFirst: true, counter: 5_000, ...key }],
      fobs: [],
      scheduler,
    });
    air.reach(rig.plug.controller);
    for (const pattern of ['single', 'double', 'long'] as const) {
      air.press(id, 0, pattern);
      for (let step = 0; step < 25; step++) {
        world.run(100);
        await arrive();
      }
    }
    air.stop();
    expect(kinds()).toEqual(['hold-up', 'hold-up', 'medical']);
  });
});

describe('a tag in beacon mode that keeps its packet id', () => {
  it('repeats its press 41 s later: no second alert', async () => {
    restart({ heartbeatMs: 60_000 });
    await hear(PLAIN, '44 00 05 01 64 3A 01');
    world.run(41_000);
    // The driver passes the same packet on once in a second.
    const before = rig.sink.signals.length;
    const again = setInterval(() => rig.plug.controller.hear(bthomeAdvertisement(PLAIN, '44 00 05 01 64 3A 01')), 50);
    await rig.until('the same packet', () => rig.sink.signals.length > before).finally(() => clearInterval(again));
    await arrive();
    expect(kinds()).toHaveLength(1);
    await hear(PLAIN, '44 00 06 01 64 3A 01');
    expect(kinds()).toHaveLength(2);
  });
});

describe('a known tag that fails its proof is told with its room and what mends it', () => {
  const WHERE = 'wb-102, Main building, Floor 1, Rm 102';

  it('it has another key', async () => {
    await hear(SEALED, sealed(1_780_672_300, new Uint8Array(16)));
    expect(world.told).toEqual([
      expect.stringContaining(`Message that may be a press, not accepted, claims to be ${WHERE}`),
      `Device fault: ${WHERE}: its messages are not accepted: its key does not fit`,
    ]);
    for (const detail of world.details)
      expect(detail).toContain('write its key into keys.yaml under wb-102 and reload');
    await hear(SEALED, sealed(1_780_672_301));
    expect([...world.troubles]).toEqual([]);
  });

  it('it speaks in the clear: a press of it is told first', async () => {
    await hear(SEALED, '44 00 2a 3a 01');
    expect(world.told).toEqual([
      expect.stringContaining(`Press, not accepted, claims to be ${WHERE}`),
      `Device fault: ${WHERE}: its messages are not accepted: it has a key but spoke without it`,
    ]);
    for (const detail of world.details) expect(detail).toContain('switch its encryption on again');
    expect(kinds()).toEqual([]);
  });

  it('its counter began anew', async () => {
    await hear(SEALED, sealed(2_000_000_000));
    world.run(100);
    await hear(SEALED, sealed(3));
    expect(world.told).toEqual([
      expect.stringContaining(`Press with old numbers, not accepted: ${WHERE}: `),
      expect.stringContaining(`Device fault: ${WHERE}: `),
    ]);
    for (const detail of world.details) expect(detail).toContain(': callpoint enrol wb-102');
  });
});
