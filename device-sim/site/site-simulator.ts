import { isDeepStrictEqual } from 'node:util';
import { unknownName } from '../known-names.ts';
import type { LineFaults } from '../nodes/line-faults.ts';
import type { MakeNode } from '../nodes/line-node.ts';
import type { Led } from '../nodes/press-watch.ts';
import { BleWire } from './ble-wire.ts';
import { ButtonBusWire } from './button-bus-wire.ts';
import { ContactWire } from './contact-wire.ts';
import { FirmataWireBoard } from './firmata-wire-board.ts';
import { GpioBoard } from './gpio-board.ts';
import { ModbusBoard } from './modbus-board.ts';
import { MqttWire } from './mqtt-wire.ts';
import type { SimulatedInput, SimulatedLine, SimulatedSite } from './site-file.ts';
import {
  cannotBefall,
  type DeviceFault,
  type GatewayNeeds,
  type Mark,
  type Pressed,
  type PressKind,
  type SimulatedPoint,
  type Wire,
  type WireNotice,
} from './wire.ts';

export type DoorState = 'open' | 'closed' | 'locked' | 'unlocked';

const DOOR: Record<DoorState, readonly [point: SimulatedPoint, active: boolean]> = {
  open: ['doorContact', true],
  closed: ['doorContact', false],
  unlocked: ['bolt', true],
  locked: ['bolt', false],
};

/** A whole site's devices, each at the far end of its input's wire. */
export class SiteSimulator {
  readonly #seed: number;
  readonly #makeNode: MakeNode | undefined;
  readonly #ledListeners: ((device: string, led: Led) => void)[] = [];
  readonly #noticeListeners: ((notice: WireNotice) => void)[] = [];
  #site: SimulatedSite;
  #wires: Wire[] = [];
  readonly #unplugged = new Set<string>();

  /**
   * Starts the devices. If that fails, nothing is left of them.
   *
   * @param makeNode makes the wall nodes; default: the simulated ones
   * @throws CallpointError USAGE, RangeError; Error if it cannot make a pseudo-terminal or its link
   */
  constructor(site: SimulatedSite, seed: number, makeNode?: MakeNode) {
    this.#site = site;
    this.#seed = seed;
    this.#makeNode = makeNode;
    try {
      for (const place of placesOf(site)) this.#start(place);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Resolves when a gateway may be started. If it fails, nothing is left of the devices. */
  async ready(): Promise<void> {
    try {
      await Promise.all(this.#wires.map((wire) => wire.ready));
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  get devices(): readonly string[] {
    return this.#wires.flatMap((wire) => wire.devices);
  }

  /** Returns what a gateway's process needs, besides the configuration, to find these wires. */
  get gatewayNeeds(): GatewayNeeds {
    const needs = this.#wires.flatMap((wire) => wire.gatewayNeeds ?? []);
    const environment = Object.assign({}, ...needs.map((each) => each.environment)) as Record<string, string>;
    return { nodeArguments: needs.flatMap((each) => each.nodeArguments), environment };
  }

  /**
   * @param button number, or id in the configuration
   * @throws RangeError if the device or the button is unknown.
   */
  press(device: string, button: string, kind: PressKind): Pressed | undefined {
    return this.#wireOf(device).press(device, button, kind);
  }

  release(device: string, button: string): void {
    this.#wireOf(device).release(device, button);
  }

  /** @throws RangeError if the device has no such sensor. */
  door(device: string, state: DoorState): void {
    const [type, active] = DOOR[state];
    this.#wireOf(device).setPoint(device, type, active);
  }

  /** @throws RangeError if the device is unknown, or if this cannot befall it. */
  fault(device: string, fault: DeviceFault): void {
    const wire = this.#wireOf(device);
    if (wire.fault === undefined) throw cannotBefall(device, fault);
    wire.fault(device, fault);
  }

  /** On each input that can: see `Wire.mark`. */
  mark(): readonly Mark[] {
    return this.#wires.flatMap((wire) => (this.#unplugged.has(wire.input) ? [] : (wire.mark?.() ?? [])));
  }

  /** @throws RangeError if the input is unknown or is no button bus. */
  disturb(input: string, faults: Partial<LineFaults>): void {
    const wire = this.#wire(input);
    if (wire.disturb === undefined) throw new RangeError(`input "${input}" is no button bus line`);
    wire.disturb(faults);
  }

  /** Returns what the wall shows; `undefined` if the device has no display. */
  led(device: string): Led | undefined {
    return this.#wireOf(device).led?.(device);
  }

  onLed(listener: (device: string, led: Led) => void): void {
    this.#ledListeners.push(listener);
    for (const wire of this.#wires) wire.onLed?.(listener);
  }

  /** Calls back with what passes on any wire, decoded for a person. */
  onNotice(listener: (notice: WireNotice) => void): void {
    this.#noticeListeners.push(listener);
    for (const wire of this.#wires) wire.onNotice?.(listener);
  }

  /**
   * Unplugs an input, or plugs it in again. Returns false if it was so already.
   * @throws RangeError if the input is unknown.
   */
  unplug(input: string): boolean {
    const wire = this.#wire(input);
    if (this.#unplugged.has(input)) return false;
    wire.unplug();
    this.#unplugged.add(input);
    return true;
  }

  replug(input: string): boolean {
    const wire = this.#wire(input);
    wire.replug();
    return this.#unplugged.delete(input);
  }

  /**
   * Jams the radios of an input, or ends that.
   * @throws RangeError if the input is unknown or has no radio
   */
  jam(input: string, isJammed: boolean): void {
    const wire = this.#wire(input);
    if (wire.jam === undefined) throw new RangeError(`input "${input}" has no radio to jam`);
    wire.jam(isJammed);
  }

  /** Returns the input of a device if it is unplugged: no gateway hears the device now. */
  unpluggedInputOf(device: string): string | undefined {
    const { input } = this.#wireOf(device);
    return this.#unplugged.has(input) ? input : undefined;
  }

  /**
   * Sends the gateway noise on an input.
   * @throws RangeError if the input is unknown or carries no bytes.
   */
  noise(input: string, bytes: Uint8Array): void {
    const wire = this.#wire(input);
    if (wire.noise === undefined) throw new RangeError(`input "${input}" has no bytes to disturb`);
    wire.noise(bytes);
  }

  /**
   * Gives the devices of an input a bad habit.
   * @throws RangeError if the input is unknown or has none, or if the habit is unknown
   */
  behave(input: string, how: string): void {
    const wire = this.#wire(input);
    if (wire.behave === undefined) throw new RangeError(`the devices of input "${input}" have no other ways`);
    wire.behave(how);
  }

  /**
   * Devices that the site does not have appear on an input, and the first one is pressed.
   * @throws RangeError if the input is unknown or has none
   */
  stranger(input: string, count: number): void {
    const wire = this.#wire(input);
    if (wire.stranger === undefined) throw new RangeError(`on input "${input}" there are no strangers`);
    wire.stranger(count);
  }

  /**
   * Sets the devices up as the changed site has them, as a person does with a set-up tool. What did
   * not change goes on untouched.
   * @throws CallpointError USAGE, RangeError
   */
  setUp(changed: SimulatedSite): void {
    const old = this.#site;
    this.#site = changed;
    const isSameBroker = isDeepStrictEqual(changed.broker, old.broker);
    const goesOn = (place: Place, wire: Wire) => {
      if (!isLine(place) && place.driver === 'mqtt' && !isSameBroker) return false;
      if (wire.setUp !== undefined) return wire.setUp(place);
      return placesOf(old).some((each) => isDeepStrictEqual(each, place));
    };
    const places = placesOf(changed);
    const kept = this.#wires.filter((wire) => {
      const place = places.find((each) => inputOf(each) === wire.input);
      return place !== undefined && goesOn(place, wire);
    });
    for (const wire of this.#wires) if (!kept.includes(wire)) wire.stop();
    this.#wires = kept;
    const isServed = (place: Place) => kept.some(({ input }) => input === inputOf(place));
    for (const place of places) if (!isServed(place)) this.#start(place);
  }

  stop(): void {
    for (const wire of this.#wires) wire.stop();
  }

  #start(place: Place): void {
    const seed = this.#seed + placesOf(this.#site).indexOf(place);
    const wire = isLine(place) ? new ButtonBusWire(place, seed, this.#makeNode) : wireOf(place, this.#site, seed);
    for (const listener of this.#ledListeners) wire.onLed?.(listener);
    for (const listener of this.#noticeListeners) wire.onNotice?.(listener);
    this.#unplugged.delete(wire.input);
    this.#wires.push(wire);
  }

  #wire(input: string): Wire {
    const wire = this.#wires.find((each) => each.input === input);
    if (wire === undefined) {
      const known = this.#wires.map((each) => each.input);
      throw unknownName(`no input "${input}" in this site`, input, known, 'it has no inputs');
    }
    return wire;
  }

  #wireOf(device: string): Wire {
    const wire = this.#wires.find((each) => each.devices.includes(device));
    if (wire === undefined) {
      throw unknownName(`no device "${device}" in this site`, device, this.devices, 'it has no devices');
    }
    return wire;
  }
}

type Place = SimulatedLine | SimulatedInput;

function placesOf({ lines, inputs }: SimulatedSite): readonly Place[] {
  return [...lines, ...inputs];
}

function isLine(place: Place): place is SimulatedLine {
  return 'nodes' in place;
}

function inputOf(place: Place): string {
  return isLine(place) ? place.input : place.id;
}

function wireOf(input: SimulatedInput, { broker }: SimulatedSite, seed: number): Wire {
  switch (input.driver) {
    case 'gpio':
      return new ContactWire(input, new GpioBoard(input));
    case 'firmata':
      return new ContactWire(input, new FirmataWireBoard(input));
    case 'modbus':
      return new ContactWire(input, new ModbusBoard(input, seed));
    case 'ble':
      return new BleWire(input, seed);
    case 'mqtt':
      return new MqttWire(input, broker, seed);
    default:
      throw new RangeError(`input ${input.id}: nothing simulates the driver ${input.driver}`);
  }
}
