import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../protocol/errors.ts';
import { covers } from '../../protocol/mqtt-topic-filter.ts';
import { refused } from '../errors.ts';
import { unknownName } from '../known-names.ts';
import { MANNERS, type Manner } from '../mqtt/manners.ts';
import type { Twin } from '../mqtt/twin.ts';
import { TwinLink } from '../mqtt/twin-link.ts';
import { seededRandom } from '../random.ts';
import { buttonOf } from './contact-wire.ts';
import { emptyBridge, twinsOf } from './mqtt-places.ts';
import type { SimulatedBroker, SimulatedClient, SimulatedDevice, SimulatedInput } from './site-file.ts';
import {
  cannotBefall,
  type DeviceFault,
  type Mark,
  type Pressed,
  type PressKind,
  type SimulatedPoint,
  type Wire,
  type WireNotice,
} from './wire.ts';

const RETRY_MS = 250;
const LOW_PERCENT = 3;

/**
 * MQTT devices and bridges. They log in at the gateway's broker as soon as that listens.
 */
export class MqttWire implements Wire {
  readonly #broker: SimulatedBroker;
  readonly #seed: number;
  #settings: SimulatedInput;
  readonly #links = new Map<string, TwinLink>();
  #bridges: { readonly link: TwinLink; readonly twin: Twin }[] = [];
  readonly #waiting = new Map<TwinLink, NodeJS.Timeout>();
  /** Why the last connection of a link failed. */
  readonly #refusals = new Map<TwinLink, string>();
  readonly #listeners: ((notice: WireNotice) => void)[] = [];
  #plugged = false;
  #marks = 0;

  constructor(input: SimulatedInput, broker: SimulatedBroker, seed: number) {
    this.#settings = input;
    this.#broker = broker;
    this.#seed = seed;
    this.#makeTwins();
    this.replug();
  }

  get input(): string {
    return this.#settings.id;
  }

  get devices(): readonly string[] {
    return this.#settings.devices.map(({ id }) => id);
  }

  /** The devices and bridges leave the broker properly, and come back as they are now. */
  setUp(changed: SimulatedInput): boolean {
    if (isDeepStrictEqual(changed, this.#settings)) return true;
    const isPlugged = this.#plugged;
    this.#plugged = false;
    this.#stopWaiting();
    for (const link of this.#all) link.disconnect().catch((error: unknown) => this.#tell(String(error)));
    this.#settings = changed;
    this.#makeTwins();
    if (isPlugged) this.replug();
    return true;
  }

  #makeTwins(): void {
    const { clients } = this.#broker;
    this.#links.clear();
    this.#bridges = [];
    for (const { devices, topic, twin } of twinsOf(this.#settings.devices)) {
      const login = loginFor([twin.will.topic, topic], clients);
      if (login === undefined) {
        this.#tell(
          `no client of the broker has role: device and a password in the keys file: no ${devices.join(', ')}`,
        );
        continue;
      }
      const link = this.#linkOf(twin, login);
      for (const device of devices) this.#links.set(device, link);
      if (twin.stranger !== undefined) this.#bridges.push({ link, twin });
    }
    if (this.#bridges.length > 0) return;
    // A bridge is there before its first device.
    const { topic, twin } = emptyBridge();
    const login = clients.find((client) => client.topics.some((filter) => covers(filter, topic)));
    if (login !== undefined) this.#bridges.push({ link: this.#linkOf(twin, login), twin });
  }

  #linkOf(twin: Twin, { username, password }: SimulatedClient): TwinLink {
    const login = { url: this.#broker.url, username, password };
    const link = new TwinLink(login, twin, seededRandom(this.#seed), (error) => this.#tell(String(error)));
    link.onPublished = ({ topic, payload }) => {
      for (const listener of this.#listeners) {
        listener({ input: this.input, isToGateway: true, text: `${topic} ${payload}` });
      }
    };
    return link;
  }

  press(device: string, button: string, kind: PressKind): Pressed {
    const { id } = buttonOf(this.#device(device), button);
    if (this.#links.get(device)?.isConnected !== true) {
      throw refused(`${device} has no connection to the broker, so its press is lost: ${this.#refusal(device)}`);
    }
    this.#say(device, (link) => link.press(device, id, kind));
    return {};
  }

  release(device: string, button: string): void {
    const { id } = buttonOf(this.#device(device), button);
    this.#say(device, (link) => link.release(device, id));
  }

  setPoint(device: string, type: SimulatedPoint, active: boolean): void {
    const point = this.#device(device).points.find((each) => each.type === type);
    if (point === undefined) throw new RangeError(`device ${device} has no ${type}`);
    this.#say(device, (link) => link.point(device, point.id, active));
  }

  onNotice(listener: (notice: WireNotice) => void): void {
    this.#listeners.push(listener);
  }

  fault(device: string, fault: DeviceFault): void {
    this.#device(device);
    if (fault.type === 'lowBattery') this.#say(device, (link) => link.battery(device, fault.isOn ? LOW_PERCENT : 100));
    else if (fault.type === 'lost') this.#say(device, (link) => link.presence(device, !fault.isOn));
    else throw cannotBefall(device, fault);
  }

  mark(): Mark | undefined {
    const device = this.devices.find((each) => this.#links.get(each)?.isConnected === true);
    if (device === undefined) return undefined;
    this.#marks += 1;
    const value = 100 - (this.#marks % 50);
    this.#say(device, (link) => link.battery(device, value));
    return { device, field: 'battery_percent', value };
  }

  behave(how: string): void {
    const named = Object.keys(MANNERS).find((name): name is Manner => name === how);
    if (named === undefined) {
      throw unknownName(`${this.input} can't "${how}"`, how, Object.keys(MANNERS), 'it does nothing');
    }
    for (const link of this.#all) link.behave(named);
  }

  /** At the first bridge that has devices behind it. */
  stranger(count: number): void {
    const [bridge] = this.#bridges;
    if (bridge === undefined)
      throw new RangeError(
        `input "${this.input}" has no bridge for another device: under mqtt: clients: write one with role: device and topics: ["zigbee2mqtt/#"]`,
      );
    if (!bridge.link.isConnected)
      throw refused(`the bridge of ${this.input} has no connection to the broker: start the gateway first`);
    bridge.link
      .say(bridge.twin.stranger?.(Date.now(), count) ?? [])
      .catch((error: unknown) => this.#tell(String(error)));
  }

  unplug(): void {
    this.#plugged = false;
    this.#stopWaiting();
    for (const link of this.#all) link.lose().catch((error: unknown) => this.#tell(String(error)));
  }

  replug(): void {
    if (this.#plugged) return;
    this.#plugged = true;
    for (const link of this.#all) this.#connect(link);
  }

  stop(): void {
    this.unplug();
  }

  #stopWaiting(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  get #all(): ReadonlySet<TwinLink> {
    return new Set([...this.#links.values(), ...this.#bridges.map(({ link }) => link)]);
  }

  /** Again and again, until the broker lets it in. */
  #connect(link: TwinLink): void {
    link.connect().then(
      () => {
        this.#refusals.delete(link);
        // Its devices were set up anew meanwhile.
        if (!this.#all.has(link)) link.disconnect().catch((error: unknown) => this.#tell(String(error)));
      },
      (error: unknown) => {
        this.#refusals.set(link, messageOf(error));
        if (!this.#plugged || !this.#all.has(link)) return;
        this.#waiting.set(
          link,
          setTimeout(() => this.#connect(link), RETRY_MS),
        );
      },
    );
  }

  #refusal(device: string): string {
    if (!this.#plugged) return `${this.input} is unplugged; sim replug ${this.input} ends that`;
    const link = this.#links.get(device);
    if (link === undefined) return 'mqtt: clients: has no client with role: device for it';
    return this.#refusals.get(link) ?? 'it is connecting';
  }

  #say(device: string, say: (link: TwinLink) => Promise<void>): void {
    const link = this.#links.get(device);
    if (link !== undefined) say(link).catch((error: unknown) => this.#tell(String(error)));
  }

  #tell(what: string): void {
    process.stderr.write(`${this.input}: ${what}\n`);
  }

  #device(id: string): SimulatedDevice {
    const device = this.#settings.devices.find((each) => each.id === id);
    if (device === undefined) throw new RangeError(`no device "${id}" on ${this.input}`);
    return device;
  }
}

/** The client that may publish to the first of these topics that any may publish to. */
function loginFor(topics: readonly string[], clients: readonly SimulatedClient[]): SimulatedClient | undefined {
  const own = topics.map((topic) => clients.find((client) => client.topics.some((filter) => covers(filter, topic))));
  return own.find((client) => client !== undefined) ?? clients[0];
}
