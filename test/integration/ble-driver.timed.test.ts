import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Air } from '../../device-sim/ble/air.ts';
import type { Advertisement } from '../../device-sim/ble/hci-controller.ts';
import { nodeBthomeCcm } from '../../device-sim/ble/node-bthome-ccm.ts';
import type { Readings, Signal } from '../../gateway/core/signal.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { addressBytes } from '../../protocol/ble/address.ts';
import { sealBthome } from '../../protocol/ble/bthome-encryption.ts';
import { bytesToHex } from '../../protocol/bytes.ts';
import { type BleRig, bthomeAdvertisement, makeBleRig, WAYS } from './ble-rig.ts';

const KEY = new Uint8Array(16).fill(0x5a);
const PLAIN = 'AA:00:00:00:00:01';
const SEALED = 'AA:00:00:00:00:02';
const QUIET = 'AA:00:00:00:00:03';
const IBEACON = { type: 'iBeacon', uuid: 'f7826da64fa24e988024bc5b71e0893e', major: 1, minor: 7 } as const;
const EDDYSTONE = { type: 'eddystone', namespace: '00112233445566778899', instance: 'aabbccddeeff' } as const;
const RECEPTION_MS = 400;

describe.each(WAYS)('started by %s', (startedBy) => {
  let rig: BleRig;
  let air: Air;

  beforeAll(async () => {
    const tag = { format: 'bthome', lowBatteryPercent: 15 } as const;
    rig = makeBleRig({
      startedBy,
      devices: [
        { ...tag, device: 'plain', address: PLAIN, points: [{ number: 0, type: 'doorContact' }] },
        { ...tag, device: 'sealed', address: SEALED, key: KEY, points: [] },
        { ...tag, device: 'quiet', address: QUIET, points: [] },
        { format: 'fob', device: 'fob', match: IBEACON, quietMs: 3_000 },
        { format: 'fob', device: 'stone', match: EDDYSTONE, quietMs: 3_000 },
      ],
      limits: { receptionMs: RECEPTION_MS, pollMs: 200 },
    });
    rig.driver.start();
    await rig.until('the radio to listen', () => rig.healths().includes('up') && rig.plug.controller.isScanning);
    air = new Air({
      tags: [
        { id: 'plain', address: PLAIN, buttons: 4, door: true, intervalMs: 5 },
        { id: 'sealed', address: SEALED, buttons: 1, key: KEY, intervalMs: 5 },
      ],
      fobs: [
        { id: 'fob', address: '10:00:00:00:00:01', format: IBEACON, repeats: 5, intervalMs: 10 },
        { id: 'stone', address: '10:00:00:00:00:02', format: EDDYSTONE, repeats: 5, intervalMs: 10 },
        { id: 'other', address: '10:00:00:00:00:03', format: { ...IBEACON, minor: 8 }, repeats: 1 },
      ],
    });
    air.reach(rig.plug.controller);
  });

  afterAll(async () => {
    air?.stop();
    await rig.close();
  });

  let since = 0;

  /** Resolves when everything sent so far has arrived: a marker sent after it has arrived. */
  async function settle(): Promise<void> {
    const address = `0F:00:00:00:${[...`${markers++}`.padStart(4, '0')].join('').replace(/(..)(..)/, '$1:$2')}`;
    rig.plug.controller.hear(bthomeAdvertisement(address, '44 00 01 3a 01'));
    await rig.until('what was sent', () => rig.sink.unknown.some((unknown) => unknown.address === address));
  }
  let markers = 0;

  beforeEach(async () => {
    await settle();
    since = rig.sink.signals.length;
  });

  function news(device: string): (Signal & { readonly body: Readings })[] {
    return rig.sink.signals
      .slice(since)
      .filter((signal): signal is Signal & { readonly body: Readings } => signal.body.type === 'readings')
      .filter((signal) => signal.device === device);
  }

  function hear(address: string, hex: string, more: Partial<Advertisement> = {}): void {
    expect(rig.plug.controller.hear(bthomeAdvertisement(address, hex, more))).toBe(true);
  }

  function sealed(counter: number, key = KEY): string {
    const message = { counter, objects: Uint8Array.of(0x3a, 0x01) };
    return bytesToHex(sealBthome(nodeBthomeCcm, key, addressBytes(SEALED) ?? expect.fail(), true, message));
  }

  describe('a press in the air', () => {
    it('of a sealed tag is proven, and one identity however often it is advertised', async () => {
      const framesBefore = rig.driver.counters().framesHeard;
      const pressedMs = monoMs();
      air.press('sealed');
      await rig.until('the press', () => news('sealed').length > 0);
      const heardMs = monoMs();
      await rig.until('all ten', () => rig.driver.counters().framesHeard >= framesBefore + 10);
      const [signal] = news('sealed');
      expect(signal).toMatchObject({
        input: 'radio',
        device: 'sealed',
        authenticated: true,
        identity: { epoch: 0, counter: air.tag('sealed').counter },
        body: { presses: [{ button: 0, pattern: 'single' }], points: [], batteryPercent: 100, lowBattery: false },
      });
      expect(new Set(news('sealed').map(({ identity }) => identity?.counter)).size).toBe(1);
      // The other process takes the time from the same clock.
      expect(signal?.capturedMs).toBeGreaterThan(pressedMs);
      expect(signal?.capturedMs).toBeLessThan(heardMs);
    });

    it('and another within the second are two', async () => {
      air.press('sealed');
      const first = air.tag('sealed').counter;
      await rig.until('the first', () => news('sealed').length > 0);
      air.press('sealed');
      await rig.until('the second', () => news('sealed').some(({ identity }) => identity?.counter === first + 1));
      expect(monoMs() - (news('sealed')[0]?.capturedMs ?? 0)).toBeLessThan(1_000);

      air.press('plain');
      await rig.until('the first', () => news('plain').length > 0);
      air.press('plain');
      await rig.until('the second', () => new Set(news('plain').map(({ packetId }) => packetId)).size === 2);
    });

    it('of a plain tag proves nothing, and says which button, how, the door and the battery', async () => {
      const patterns = ['single', 'double', 'triple', 'long', 'longDouble', 'longTriple', 'hold'] as const;
      for (const [at, pattern] of patterns.entries()) {
        air.press('plain', at % 4, pattern);
        const { packetId } = air.tag('plain');
        await rig.until(pattern, () => news('plain').some((signal) => signal.packetId === packetId));
        expect(news('plain').findLast((signal) => signal.packetId === packetId)).toMatchObject({
          authenticated: false,
          body: { presses: [{ button: at % 4, pattern }], points: [{ point: 0, active: false }], batteryPercent: 100 },
        });
      }
      air.tell('plain', { type: 'battery', percent: 9 });
      air.tell('plain', { type: 'door', open: true });
      await rig.until('the door', () => news('plain').some(({ body }) => body.points[0]?.active === true));
      expect(news('plain').at(-1)?.body).toMatchObject({ presses: [], batteryPercent: 9, lowBattery: true });
      expect(news('plain').some(({ identity, repeatsWithinMs }) => identity ?? repeatsWithinMs)).toBe(false);
    });

    it('of a fob is one rule away', async () => {
      air.press('fob');
      air.press('stone');
      air.press('other');
      await rig.until('both', () => news('fob').length === 5 && news('stone').length === 5);
      for (const device of ['fob', 'stone']) {
        expect(news(device)[0]).toMatchObject({
          authenticated: false,
          repeatsWithinMs: 3_000,
          body: { presses: [{ button: 0, pattern: 'single' }] },
        });
      }
      expect(rig.sink.signals.slice(since)).toHaveLength(10);
    });

    it.each(['connectable', 'scannable', 'nonConnectable', 'direct'] as const)(
      'is heard the first time, %s or not, with or without a scan response',
      async (type) => {
        const address = `AB:00:00:00:00:0${type.length % 10}`;
        hear(address, '44 00 01 3a 01', { type });
        const heard = () => rig.sink.unknown.filter((unknown) => unknown.address === address);
        await rig.until('the first', () => heard().length === 1);
        hear(address, '44 00 02 3a 01', { type, scanResponse: Uint8Array.of(2, 9, 0x41) });
        await rig.until('the second', () => heard().length === 2);
        await settle();
        // The scan response caused no repeat of the earlier message.
        expect(heard()).toHaveLength(2);
      },
    );
  });

  describe('what proves nothing', () => {
    it('a forged, a plain and a replayed press of a sealed tag are told apart; a replay keeps its counter for the core', async () => {
      const refused = rig.sink.unknown.length;
      hear(SEALED, sealed(900, new Uint8Array(16)));
      hear(SEALED, '44 00 2a 3a 01');
      hear(SEALED, sealed(77));
      hear(SEALED, sealed(78));
      hear(SEALED, sealed(77));
      await rig.until('the replay', () => news('sealed').length === 3);
      expect(rig.sink.unknown.slice(refused)).toMatchObject([
        { address: SEALED, reason: 'notAuthentic', says: 'readings', identity: { epoch: 0, counter: 900 } },
        { address: SEALED, reason: 'notEncrypted', says: 'press' },
      ]);
      expect(news('sealed').map(({ identity }) => identity?.counter)).toEqual([77, 78, 77]);
    });

    it('no single bit of a sealed press can be changed: none becomes a press', async () => {
      const good = Buffer.from(sealed(1_000), 'hex');
      for (let bit = 0; bit < good.length * 8; bit++) {
        const flipped = Buffer.from(good);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        hear(SEALED, flipped.toString('hex'));
      }
      await settle();
      expect(news('sealed')).toEqual([]);
    });

    it('truncated reports and garbage in the air do not deafen', async () => {
      for (const hex of ['', '44', '44 3a', '41 00', '44 53 ff']) hear(PLAIN, hex);
      rig.plug.controller.hear({ address: PLAIN, data: Uint8Array.of(30, 0x16, 0xd2) });
      air.press('plain');
      const { packetId } = air.tag('plain');
      await rig.until('the press', () => news('plain').some((signal) => signal.packetId === packetId));
    });
  });

  describe('all the time', () => {
    it('how loud and how often a device is heard is told', async () => {
      const told = rig.sink.receptions.length;
      for (let id = 0; id < 20; id++) hear(QUIET, `40 00 ${bytesToHex(Uint8Array.of(id))} 01 64`, { rssiDbm: -81 });
      const mine = () =>
        rig.sink.receptions.slice(told).filter(({ device, perMinute }) => device === 'quiet' && perMinute > 0);
      await rig.until('the figures', () => mine().reduce((sum, { perMinute }) => sum + perMinute, 0) >= 20);
      expect(mine().at(-1)).toMatchObject({ input: 'radio', rssiDbm: -81, trend: 'steady' });
    });

    it('5,000 passers-by with addresses of their own cost neither process memory, and hide no press', async () => {
      const pid = rig.pid() ?? expect.fail('no process');
      const passBy = async (from: number, to: number) => {
        const before = rig.driver.counters().advertisements;
        for (let n = from; n < to; n++) {
          const address = `C0:00:00:00:${bytesToHex(Uint8Array.of(n >> 8, n & 0xff)).replace(/(..)(..)/, '$1:$2')}`;
          rig.plug.controller.hear({ address, data: Uint8Array.of(2, 1, 6, 3, 3, 0xf3, 0xfe), type: 'connectable' });
          if (n % 100 === 99) await new Promise(setImmediate);
          if (n % 500 === 499) await settle();
        }
        await rig.until('the count', () => rig.driver.counters().advertisements >= before + (to - from));
      };
      await passBy(0, 1_000);
      const before = { own: residentBytes(process.pid), its: residentBytes(pid) };
      await passBy(1_000, 6_000);
      air.press('sealed');
      const { counter } = air.tag('sealed');
      await rig.until('the press', () => news('sealed').some(({ identity }) => identity?.counter === counter));
      expect(residentBytes(pid) - before.its).toBeLessThan(30e6);
      expect(residentBytes(process.pid) - before.own).toBeLessThan(60e6);
      expect(rig.pid()).toBe(pid);
      expect(rig.driver.counters().advertisementsDropped).toBe(0);
    });

    it('the process that listens knows nothing of the gateway: no environment, no key', () => {
      const pid = rig.pid() ?? expect.fail('no process');
      const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .flatMap((line) => line.split('=')[0] || []);
      const own = /^(NOBLE_|BLUETOOTH_HCI_SOCKET_|NODE_CHANNEL_)/;
      expect(names.filter((name) => !own.test(name))).toEqual([]);
    });

    it('is one health: up, told once', () => {
      expect(rig.healths()).toEqual(['up']);
    });
  });

  function residentBytes(pid: number): number {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? Number.NaN) * 1_024;
  }
});
