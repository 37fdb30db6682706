import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Air } from '../ble/air.ts';
import type { BthomeTagSettings } from '../ble/bthome-tag.ts';
import type { FobFormat, FobSettings } from '../ble/fob.ts';
import { HciController } from '../ble/hci-controller.ts';
import { buttonOf } from './contact-wire.ts';
import { describeBthome } from './describe-advertisement.ts';
import { epochNow, type SimulatedDevice, type SimulatedInput } from './site-file.ts';
import { TerminalPlug } from './terminal-plug.ts';
import {
  cannotBefall,
  type DeviceFault,
  type Pressed,
  type PressKind,
  type SimulatedPoint,
  type Wire,
  type WireNotice,
} from './wire.ts';

const BEACON_MS = 1_000;
const LOW_PERCENT = 3;
/**
 * Fobs change their addresses. The configuration identifies them by the content of their
 * advertisements.
 */
const FOB_ADDRESS = 'C2:00:00:00:00:';

const STRANGER_ADDRESS = 'F0:00:00:00:';
const STRANGER_BEACON_MS = 5_000;
const STRANGER_RSSI_DBM = -55;

/** No device of a site has such an id. */
function strangerId(number: number): string {
  return ` stranger ${number}`;
}

/**
 * Tags, fobs and beacons in the air, and the controllers that hear them. The controllers are on
 * pseudo-terminals at the paths of the configured radios.
 */
export class BleWire implements Wire {
  #settings: SimulatedInput;
  readonly #air: Air;
  readonly #radios: readonly TerminalPlug[];
  readonly #lost = new Set<string>();
  /** Ids of the tags of others, by address. */
  readonly #strangers = new Map<string, string>();

  /** Only radios at a path can be simulated this way, not radios of the kernel (`hci0`). */
  constructor(input: SimulatedInput, seed: number) {
    this.#settings = input;
    const beacons = input.beacons.map((address) => ({ id: address, address, buttons: 1, beaconMs: BEACON_MS }));
    this.#air = new Air({
      tags: [...input.devices.filter(({ fob }) => fob === undefined).map(tagSettings), ...beacons],
      fobs: input.devices.flatMap(fobSettings),
    });
    this.#radios = input.adapters
      .filter((adapter) => adapter.startsWith('/'))
      .map((path, index) => {
        const controller = new HciController({ seed: seed + index });
        this.#air.reach(controller);
        return new TerminalPlug(path, controller);
      });
  }

  get input(): string {
    return this.#settings.id;
  }

  get devices(): readonly string[] {
    return this.#settings.devices.map(({ id }) => id);
  }

  press(device: string, button: string, kind: PressKind): Pressed {
    const known = this.#device(device);
    const { number } = buttonOf(known, button);
    if (this.#lost.has(device)) return {};
    this.#air.press(device, number, kind);
    return known.key === undefined ? {} : { alert: `${device}.0.${this.#air.tag(device).counter}` };
  }

  /** A press is a message. There is no message for the release. */
  release(): void {}

  setPoint(device: string, type: SimulatedPoint, active: boolean): void {
    const known = this.#device(device);
    if (type !== 'doorContact' || !known.points.some((point) => point.type === type)) {
      throw new RangeError(`device ${device} has no ${type}`);
    }
    if (!this.#lost.has(device)) this.#air.tell(device, { type: 'door', open: active });
  }

  fault(device: string, fault: DeviceFault): void {
    const known = this.#device(device);
    switch (fault.type) {
      case 'lowBattery':
        this.#air.tell(device, { type: 'battery', percent: fault.isOn ? LOW_PERCENT : 100 });
        break;
      case 'replay':
        this.#air.replay(device);
        break;
      case 'lost':
        if (fault.isOn) this.#takeAway(device);
        else this.#bringBack(known);
        break;
      case 'keyLost':
        if (known.key === undefined) throw new RangeError(`${device} sends unencrypted: it has no key to lose`);
        this.#bringBack(fault.isOn ? { ...known, key: randomBytes(16) } : known);
        break;
      default:
        throw cannotBefall(device, fault);
    }
  }

  #takeAway(device: string): void {
    if (!this.#lost.has(device)) this.#air.leave(device);
    this.#lost.add(device);
  }

  /** In place of the one that is there. A tag goes on counting. */
  #bringBack(device: SimulatedDevice): void {
    this.#takeAway(device.id);
    this.#lost.delete(device.id);
    const [fob] = fobSettings(
      device,
      this.#settings.devices.findIndex(({ id }) => id === device.id),
    );
    if (fob === undefined) this.#air.join(tagSettings(device));
    else this.#air.joinFob(fob);
  }

  onNotice(listener: (notice: WireNotice) => void): void {
    const beacons = new Set(this.#settings.beacons);
    const unheard = new Set(beacons);
    this.#air.onMessage((id, { address, data }) => {
      // They only prove that the radio hears: the first message is enough.
      if (beacons.has(id) && !unheard.delete(id)) return;
      const tag = this.#settings.devices.find((each) => each.id === id);
      const device = tag === undefined ? {} : { device: id };
      const { type: kind = 'advertisement' } = tag?.fob ?? {};
      const said = describeBthome(address, data, tag?.key);
      const text = said === undefined ? `${kind} of ${address}` : tag === undefined ? `${address}: ${said}` : said;
      listener({ input: this.input, ...device, isToGateway: true, text });
    });
  }

  jam(isJammed: boolean): void {
    this.#air.isJammed = isJammed;
  }

  /** Tags of others: they advertise now and then. */
  stranger(count: number): void {
    const taken = new Set(this.#settings.devices.map(({ address = '' }) => String(address).toUpperCase()));
    for (let at = 0; this.#strangers.size < count; at += 1) {
      const number = at.toString(16).padStart(4, '0').toUpperCase();
      const address = `${STRANGER_ADDRESS}${number.slice(0, 2)}:${number.slice(2)}`;
      if (taken.has(address) || this.#strangers.has(address)) continue;
      const rssiDbm = STRANGER_RSSI_DBM - (at % 30);
      const id = strangerId(at);
      this.#air.join({ id, address, buttons: 1, beaconMs: STRANGER_BEACON_MS, rssiDbm });
      this.#strangers.set(address, id);
    }
    const [first] = this.#strangers.values();
    if (first !== undefined) this.#air.press(first);
  }

  /** A stranger at the address of a tag of the site is that tag from now on. */
  setUp(changed: SimulatedInput): boolean {
    const old = this.#settings;
    if (!isDeepStrictEqual({ ...old, devices: [] }, { ...changed, devices: [] })) return false;
    for (const device of old.devices) {
      if (changed.devices.some((each) => isDeepStrictEqual(each, device))) continue;
      this.#takeAway(device.id);
      this.#lost.delete(device.id);
    }
    changed.devices.forEach((device, index) => {
      if (old.devices.some((each) => isDeepStrictEqual(each, device))) return;
      const tag = tagSettings(device);
      const stranger = this.#strangers.get(tag.address);
      if (stranger !== undefined) this.#air.leave(stranger);
      this.#strangers.delete(tag.address);
      if (device.fob === undefined) this.#air.join(tag);
      for (const fob of fobSettings(device, index)) this.#air.joinFob(fob);
    });
    this.#settings = changed;
    return true;
  }

  unplug(): void {
    for (const radio of this.#radios) radio.unplug();
  }

  replug(): void {
    for (const radio of this.#radios) radio.replug();
  }

  stop(): void {
    this.#air.stop();
    for (const radio of this.#radios) radio.stop();
  }

  #device(id: string): SimulatedDevice {
    const device = this.#settings.devices.find((each) => each.id === id);
    if (device === undefined) throw new RangeError(`no device "${id}" on ${this.input}`);
    return device;
  }
}

/** Returns a counter that no earlier run of the simulator can have reached. */
function tagSettings(device: SimulatedDevice): BthomeTagSettings {
  const { id, address = '', key, buttons, points, heartbeatSeconds } = device;
  return {
    id,
    address: String(address).toUpperCase(),
    buttons: Math.max(1, ...buttons.map(({ number }) => number + 1)),
    door: points.some(({ type }) => type === 'doorContact'),
    counter: epochNow(),
    ...(key === undefined ? {} : { key }),
    ...(heartbeatSeconds ? { beaconMs: heartbeatSeconds * 1000 } : {}),
  };
}

function fobSettings({ id, fob }: SimulatedDevice, index: number): FobSettings[] {
  if (fob === undefined) return [];
  const address = `${FOB_ADDRESS}${index.toString(16).padStart(2, '0').toUpperCase()}`;
  return [{ id, address, format: fobFormat(fob) }];
}

function fobFormat({ type, uuid = '', major, minor, namespace = '', instance }: Record<string, string>): FobFormat {
  if (type === 'eddystone') return { type, namespace, instance: instance ?? '000000000001' };
  return { type: 'iBeacon', uuid: uuid.replaceAll('-', ''), major: Number(major ?? 1), minor: Number(minor ?? 1) };
}
