import { type Manner, MisbehavingTwin } from '../../device-sim/mqtt/manners.ts';
import type { TwinMessage } from '../../device-sim/mqtt/twin.ts';
import { type Random, seededRandom } from '../../device-sim/random.ts';
import { twinsOf } from '../../device-sim/site/mqtt-places.ts';
import type { SimulatedDevice } from '../../device-sim/site/site-file.ts';
import type { Site } from '../../gateway/core/site.ts';
import { BridgeMessages } from '../../gateway/inputs/mqtt-devices/bridge-messages.ts';
import { DeviceMessages } from '../../gateway/inputs/mqtt-devices/device-messages.ts';
import type { MqttDevice } from '../../gateway/inputs/mqtt-devices/settings.ts';
import { SensorWorld } from './sensor-world.ts';

export const INPUT = 'mqtt-1';

/** A gateway that was killed runs again after this time. */
const RESTART_MS = 4_000;

/** One connection of a device or bridge to the broker. */
interface Link {
  readonly twin: MisbehavingTwin;
  readonly devices: readonly string[];
  isUp: boolean;
}

/** What the gateway and the twins read of one site file. */
export interface MqttSite {
  readonly site: Site;
  readonly settings: readonly MqttDevice[];
  readonly devices: readonly SimulatedDevice[];
}

/**
 * The core and the reading of messages, a broker and twins of the devices, on simulated time. What
 * is retained comes again, and marked, at each connection of the gateway (MQTT 3.1.1 §3.3.1.3).
 */
export class MqttWorld {
  readonly core: SensorWorld;
  readonly links: readonly Link[];
  /** Called after each message, and after all retained ones of a connection. */
  onMessage: () => void = () => {};
  /** Everything that was published, for a person who looks for a cause. */
  readonly trace: string[] = [];
  readonly #settings: readonly MqttDevice[];
  readonly #retained = new Map<string, string>();
  readonly #random: Random;
  readonly #bridges: BridgeMessages;
  #messages: DeviceMessages;
  #isListening = false;

  constructor({ site, settings, devices }: MqttSite, seed: number) {
    this.core = new SensorWorld(site, seed);
    this.#random = seededRandom(seed + 1);
    this.#settings = settings;
    this.#bridges = new BridgeMessages(settings);
    this.#messages = new DeviceMessages(settings);
    this.links = twinsOf(devices).map((each) => {
      return { twin: new MisbehavingTwin(each.twin, seededRandom(seed + 2)), devices: each.devices, isUp: false };
    });
    this.listen();
  }

  get wallMs(): number {
    return this.core.clock.now.wallMs;
  }

  linkOf(device: string): Link {
    const link = this.links.find(({ devices }) => devices.includes(device));
    if (link === undefined) throw new RangeError(`no link of ${device}`);
    return link;
  }

  connect(link: Link, isStart: boolean): void {
    link.isUp = true;
    this.publish(link, link.twin.connected(this.wallMs, isStart));
    this.#plan(link);
  }

  /** The broker publishes the will. */
  lose(link: Link): void {
    link.isUp = false;
    this.#note('will');
    this.#carry(link.twin.will, true);
  }

  behave(link: Link, manners: readonly Manner[]): void {
    this.#note(`behaves ${manners.join(' ')}`);
    link.twin.manners = new Set(manners);
    this.#plan(link);
  }

  /** What a device would publish while its connection is lost is lost. */
  publish(link: Link, messages: readonly TwinMessage[]): void {
    for (const said of messages) {
      if (said.afterMs === 0) {
        if (link.isUp) this.#carry(said, said.retain);
      } else {
        this.core.clock.after(said.afterMs, () => {
          if (link.isUp) this.#carry(said, said.retain);
        });
      }
    }
  }

  /** The gateway's connection to the broker is lost. */
  deafen(): void {
    this.#note('gateway loses the broker');
    this.#isListening = false;
    this.core.give({ type: 'inputHealth', health: { input: INPUT, state: 'down', detail: '' } });
  }

  listen(): void {
    this.#note('gateway connects');
    this.#isListening = true;
    this.core.give({ type: 'inputHealth', health: { input: INPUT, state: 'up', detail: '' } });
    const kept = [...this.#retained].filter(([topic]) => this.#topics.has(topic));
    const order = kept.map((each) => [this.#random(), each] as const).sort(([one], [other]) => one - other);
    for (const [, [topic, payload]] of order) this.#hear(topic, payload, true);
    this.onMessage();
  }

  /** Acts like kill -9 and a restart. */
  restartGateway(): void {
    this.#note('gateway is killed');
    this.#isListening = false;
    this.core.crash();
    this.#messages = new DeviceMessages(this.#settings);
    this.core.clock.after(RESTART_MS, () => {
      this.core.start();
      this.listen();
    });
  }

  #plan(link: Link): void {
    const { againMs } = link.twin;
    if (!Number.isFinite(againMs)) return;
    const { manners } = link.twin;
    this.core.clock.after(againMs, () => {
      if (!link.isUp || link.twin.manners !== manners) return;
      this.publish(link, link.twin.again(this.wallMs));
      this.#plan(link);
    });
  }

  #carry({ topic, payload }: TwinMessage, retain: boolean): void {
    if (retain) this.#retained.set(topic, payload);
    if (!this.#topics.has(topic)) return;
    this.#note(`${topic} ${payload}${retain ? ' (retained)' : ''}`);
    if (this.#isListening) this.#hear(topic, payload, false);
    this.onMessage();
  }

  get #topics(): ReadonlySet<string> {
    return new Set([...this.#bridges.topics, ...this.#messages.topics]);
  }

  /** As the driver does. */
  #hear(topic: string, payload: string, isKept: boolean): void {
    const kept = isKept ? ({ kept: true } as const) : {};
    const bridge = this.#bridges.read(topic, payload);
    if (bridge !== undefined) this.core.give({ type: 'bridge', state: { input: INPUT, ...bridge, ...kept } });
    for (const said of this.#messages.read(topic, payload, isKept) ?? []) {
      const signal = {
        input: INPUT,
        authenticated: false,
        capturedMs: this.core.clock.nowMs,
        ...said,
        ...kept,
      } as const;
      this.core.give({ type: 'signal', signal });
    }
  }

  #note(what: string): void {
    this.trace.push(`${(this.core.clock.nowMs / 1000).toFixed(1)} ${what}`);
  }
}
