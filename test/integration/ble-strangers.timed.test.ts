import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeBthomeCcm } from '../../device-sim/ble/node-bthome-ccm.ts';
import { addressBytes } from '../../protocol/ble/address.ts';
import { AD_MANUFACTURER, composeAdvertisingData } from '../../protocol/ble/advertising-data.ts';
import { sealBthome } from '../../protocol/ble/bthome-encryption.ts';
import { composeIBeacon } from '../../protocol/ble/i-beacon.ts';
import { bytesToHex } from '../../protocol/bytes.ts';
import type { BthomeStranger, Stranger } from '../../protocol/discovery-document.ts';
import { type BleRig, bthomeAdvertisement, makeBleRig, WAYS } from './ble-rig.ts';

/** What the listening process remembers of strangers, through real noble. */

const KEY = new Uint8Array(16).fill(0x5a);
const ENROLLED = '54:48:E6:00:00:A5';
const FOB = 'f7826da64fa24e988024bc5b71e0893e';

describe.each(WAYS)('started by %s', (startedBy) => {
  let rig: BleRig;
  let counter = 0;

  beforeAll(async () => {
    const tag = { format: 'bthome', lowBatteryPercent: 15, points: [] } as const;
    rig = makeBleRig({
      startedBy,
      devices: [
        { ...tag, device: 'wb-101', address: ENROLLED, key: KEY },
        { format: 'fob', device: 'fob-1', match: { type: 'iBeacon', uuid: FOB, major: 1, minor: 7 }, quietMs: 5_000 },
      ],
    });
    rig.driver.start();
    await rig.until('the radio to listen', () => rig.healths().includes('up') && rig.plug.controller.isScanning);
  });

  afterAll(() => rig.close());

  const hear = (address: string, hex: string, rssiDbm = -60) =>
    rig.plug.controller.hear(bthomeAdvertisement(address, hex, { rssiDbm }));

  function sealed(address: string, key: Uint8Array): string {
    const bytes = addressBytes(address);
    if (bytes === undefined) throw new Error('no address');
    counter += 1;
    return bytesToHex(sealBthome(nodeBthomeCcm, key, bytes, true, { counter, objects: Uint8Array.of(0x3a, 0x01) }));
  }

  function iBeacon(uuid: string, major: number, minor: number) {
    const data = composeAdvertisingData([
      { type: AD_MANUFACTURER, value: composeIBeacon({ uuid, major, minor, powerDbm: -59 }) },
    ]);
    return { address: 'C2:00:00:00:00:01', data };
  }

  /** An enrolled device's press goes to the driver after all that was sent before. */
  async function arrive(): Promise<void> {
    hear(ENROLLED, sealed(ENROLLED, KEY));
    const sent = counter;
    // Not any signal: an enrolled fob's may still be under way.
    await rig.until('what was sent', () => rig.sink.signals.some(({ identity }) => identity?.counter === sent));
  }

  async function strangers(): Promise<readonly Stranger[]> {
    await arrive();
    return (await rig.driver.strangers()).strangers;
  }

  async function tag(address: string): Promise<BthomeStranger | undefined> {
    const all = await strangers();
    return all.find((each): each is BthomeStranger => each.kind === 'bthome' && each.address === address);
  }

  test('a plain tag that is pressed is shown with strength, battery and objects, and marked; enrolled ones are not shown', async () => {
    const address = '7C:C6:B6:00:00:0A';
    hear(address, '44 00 01 01 64 3a 00', -71);
    expect(await tag(address)).toMatchObject({ rssi_dbm: -71, battery_percent: 100, buttons: 1, encrypted: false });
    expect(await tag(address)).not.toHaveProperty('moved_at');
    hear(address, '44 00 02 01 64 3a 01', -71);
    const pressed = await tag(address);
    expect(pressed).toMatchObject({ movement: 'button 0 was pressed (single)', messages: 2 });
    expect(pressed?.object_ids).toEqual(['0x00', '0x01', '0x3a']);
    hear(address, '44 00 03 01 63', -71);
    expect(await tag(address)).toMatchObject({
      battery_percent: 99,
      buttons: 1,
      movement: 'button 0 was pressed (single)',
      object_ids: ['0x00', '0x01', '0x3a'],
    });
    expect(await tag(ENROLLED)).toBeUndefined();
  });

  test('an encrypted tag shows what can be known of it, and that it sent an event', async () => {
    const address = '7C:C6:B6:00:00:0B';
    hear(address, sealed(address, new Uint8Array(16).fill(1)));
    const shown = await tag(address);
    expect(shown).toMatchObject({ encrypted: true, trigger_based: true, object_ids: [] });
    expect(shown?.moved_at).toBeDefined();
    expect(shown).not.toHaveProperty('battery_percent');
  });

  test('beacons are told apart by what they say, whatever their addresses; an enrolled fob is not shown', async () => {
    const { controller } = rig.plug;
    controller.hear(iBeacon(FOB, 1, 7));
    controller.hear(iBeacon(FOB, 1, 8));
    controller.hear({ ...iBeacon(FOB, 1, 8), address: 'C2:00:00:00:00:02' });
    const beacons = (await strangers()).filter(({ kind }) => kind === 'iBeacon');
    expect(beacons).toHaveLength(1);
    expect(beacons[0]).toMatchObject({ uuid: FOB, major: 1, minor: 8, messages: 2, address: 'C2:00:00:00:00:02' });
  });

  test('two thousand addresses at random do not grow the list, nor push a real tag out, nor hold a press up', async () => {
    const real = '7C:C6:B6:00:00:0C';
    for (let at = 0; at < 4; at += 1) hear(real, `44 00 0${at} 3a 01`, -80);
    for (let at = 0; at < 2000; at += 1) {
      const address = `D0:00:00:00:${hexOf(at >> 8)}:${hexOf(at & 0xff)}`;
      hear(address, '44 00 01 3a 01', -30);
    }
    expect(await tag(real)).toMatchObject({ messages: 4, movement: 'button 0 was pressed (single)' });
    const { strangers: all, leftOut } = await rig.driver.strangers();
    expect(all.length).toBeLessThanOrEqual(192);
    expect(leftOut).toBeGreaterThan(1_000);
  });

  test('while the radio is away there is an answer, and it is nobody', async () => {
    rig.plug.unplug();
    await rig.until('the radio to be lost', () => rig.healths().at(-1) === 'down');
    expect(await rig.driver.strangers()).toEqual({ strangers: [], leftOut: 0 });
    rig.plug.plug();
  });

  function hexOf(byte: number): string {
    return byte.toString(16).padStart(2, '0').toUpperCase();
  }
});
