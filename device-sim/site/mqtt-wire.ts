import { ZigbeeBridge } from '../mqtt/mqtt-sensor.ts';
import { buttonOf } from './contact-wire.ts';
import type { SimulatedBroker, SimulatedDevice, SimulatedInput } from './site-file.ts';
import type { Pressed, PressKind, SimulatedPoint, Wire } from './wire.ts';

const RETRY_MS = 250;

/**
 * MQTT devices behind a bridge. The bridge logs in at the gateway's broker as soon as that listens.
 */
export class MqttWire implements Wire {
  readonly input: string;
  readonly devices: readonly string[];
  readonly #devices: ReadonlyMap<string, SimulatedDevice>;
  readonly #broker: SimulatedBroker;
  #bridge: ZigbeeBridge | undefined;
  #timer: NodeJS.Timeout | undefined;
  #plugged = false;

  constructor(input: SimulatedInput, broker: SimulatedBroker) {
    this.input = input.id;
    this.devices = input.devices.map(({ id }) => id);
    this.#devices = new Map(input.devices.map((device) => [device.id, device]));
    this.#broker = broker;
    this.replug();
  }

  press(device: string, button: string, kind: PressKind): Pressed {
    const known = this.#device(device);
    const { press = {} } = buttonOf(known, button);
    const action = Object.keys(press).find((text) => press[text] === kind) ?? kind;
    this.#tell((bridge) => bridge.press(nameOf(known), action));
    return {};
  }

  /** A press is a message. There is no message for the release. */
  release(): void {}

  setPoint(device: string, type: SimulatedPoint, active: boolean): void {
    const known = this.#device(device);
    if (!known.points.some((point) => point.type === type)) throw new RangeError(`device ${device} has no ${type}`);
    this.#tell((bridge) => bridge.contact(nameOf(known), !active));
  }

  unplug(): void {
    this.#plugged = false;
    clearTimeout(this.#timer);
    this.#tell((bridge) => bridge.lose());
    this.#bridge = undefined;
  }

  replug(): void {
    this.#plugged = true;
    this.#connect().catch(() => {
      // The broker does not listen yet.
      if (this.#plugged) this.#timer = setTimeout(() => this.replug(), RETRY_MS);
    });
  }

  stop(): void {
    this.unplug();
  }

  async #connect(): Promise<void> {
    const { url, login } = this.#broker;
    if (login === undefined) throw new RangeError('no client of the broker has the role device');
    const bridge = await ZigbeeBridge.connect({ url, ...login });
    this.#bridge = bridge;
    for (const device of this.#devices.values()) {
      await bridge.availability(nameOf(device), true);
      if (device.points.length > 0) await bridge.contact(nameOf(device), true);
    }
  }

  /** @throws RangeError while the bridge is offline */
  #tell(say: (bridge: ZigbeeBridge) => Promise<void>): void {
    if (this.#bridge === undefined) return;
    say(this.#bridge).catch((error: unknown) => process.stderr.write(`${this.input}: ${String(error)}\n`));
  }

  #device(id: string): SimulatedDevice {
    const device = this.#devices.get(id);
    if (device === undefined) throw new RangeError(`no device "${id}" on ${this.input}`);
    return device;
  }
}

/** Returns the bridge's name for the device: its topic without the bridge's own part. */
function nameOf({ topic = '' }: SimulatedDevice): string {
  return topic.slice(topic.indexOf('/') + 1);
}
