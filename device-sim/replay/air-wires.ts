import { addressBytes } from '../../protocol/ble/address.ts';
import { messageOf } from '../../protocol/errors.ts';
import { covers } from '../../protocol/mqtt-topic-filter.ts';
import type { FrameEntry } from '../../protocol/recording/recording.ts';
import { HciController } from '../ble/hci-controller.ts';
import { refused } from '../errors.ts';
import { DeviceClient } from '../mqtt/mqtt-client.ts';
import type { SimulatedBroker, SimulatedClient, SimulatedInput } from '../site/site-file.ts';
import { TerminalPlug } from '../site/terminal-plug.ts';
import { advertisingData } from './advertisement.ts';
import type { ReplayWire } from './replay-wire.ts';

/** Radios that hear the recorded advertisements. Which radio heard one is not recorded: all do. */
export class RecordedAir implements ReplayWire {
  readonly #controllers: readonly HciController[];
  readonly #plugs: readonly TerminalPlug[];

  constructor({ adapters }: SimulatedInput) {
    const paths = adapters.filter((adapter) => adapter.startsWith('/'));
    this.#controllers = paths.map((_, seed) => new HciController({ seed }));
    this.#plugs = this.#controllers.map((controller, at) => new TerminalPlug(paths[at], controller));
  }

  play({ bytes, about }: FrameEntry): void {
    const { address, rssiDbm, kind } = about;
    const data = advertisingData(kind ?? '', bytes);
    if (address === undefined || addressBytes(address) === undefined || data === undefined) return;
    const advertisement = { address, data, ...(rssiDbm !== undefined && { rssiDbm }) };
    for (const controller of this.#controllers) controller.hear(advertisement);
  }

  isRead(): boolean {
    return true;
  }

  stop(): void {
    for (const plug of this.#plugs) plug.stop();
  }
}

/** Devices at the gateway's broker that publish the recorded messages. */
export class RecordedMessages implements ReplayWire {
  readonly #broker: SimulatedBroker;
  readonly #clients = new Map<SimulatedClient, DeviceClient>();
  readonly #leftOut: (why: string, isMeant: boolean) => void;

  /**
   * @param leftOut called for each message that can't be published again; `isMeant`: none of its
   *   kind is
   */
  constructor(broker: SimulatedBroker, leftOut: (why: string, isMeant: boolean) => void) {
    this.#broker = broker;
    this.#leftOut = leftOut;
  }

  async begin(): Promise<void> {
    const { url, clients } = this.#broker;
    for (const client of clients) {
      const { username, password } = client;
      const connected = await DeviceClient.connect({ url, username, password }).catch((error: unknown) => {
        throw refused(`The broker at ${url} does not let the client ${username} in: ${messageOf(error)}`);
      });
      this.#clients.set(client, connected);
    }
  }

  async play({ direction, bytes, about: { topic, retained } }: FrameEntry): Promise<void> {
    if (direction === 'out' || topic === undefined) return;
    // A broker gives these to a new subscriber only. Published again they would be news.
    if (retained) {
      this.#leftOut('retained messages: a broker gives them to new subscribers only', true);
      return;
    }
    const client = [...this.#clients].find(([{ topics }]) => topics.some((filter) => covers(filter, topic)))?.[1];
    if (client === undefined) {
      this.#leftOut(`messages to ${topic}: no client of the broker has role: device and may publish there`, false);
      return;
    }
    await client.publish(topic, Buffer.from(bytes), { qos: 1 }).catch((error: unknown) => {
      this.#leftOut(`messages to ${topic}: ${messageOf(error)}`, false);
    });
  }

  isRead(): boolean {
    return true;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.disconnect()));
  }
}
