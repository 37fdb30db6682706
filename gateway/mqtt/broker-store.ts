import { Readable } from 'node:stream';
import type { Aedes, Client, PublishPacket } from 'aedes';
import type { RetainedMessages } from './retained-messages.ts';

type Numbered = Pick<PublishPacket, 'messageId'>;

/**
 * What the library stores at the broker: nothing of the retained messages, because whoever
 * publishes keeps them, and the unfinished QoS 2 messages of each open connection. Sessions are not
 * kept, so nothing is stored by client id. The library's own store keeps a list for every id that
 * has ever acknowledged a message, and drops a client's unfinished messages when a stranger names
 * its id.
 */
export class BrokerStore {
  readonly #retained: RetainedMessages;
  readonly #halfDone = new WeakMap<Client, Map<number | undefined, PublishPacket>>();

  constructor(retained: RetainedMessages) {
    this.#retained = retained;
  }

  /** The library insists on an async function. */
  async setup(_broker: Aedes): Promise<void> {}

  /** The publisher has kept it. Clients may leave nothing here by themselves. */
  async storeRetained(): Promise<void> {}

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#matching(filters));
  }

  *#matching(filters: readonly string[]): Generator<PublishPacket> {
    for (const filter of filters) {
      for (const [topic, payload] of this.#retained.matching(filter)) {
        yield { cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false };
      }
    }
  }

  async incomingStorePacket(client: Client, packet: PublishPacket): Promise<void> {
    const halfDone = this.#halfDone.get(client) ?? new Map<number | undefined, PublishPacket>();
    this.#halfDone.set(client, halfDone.set(packet.messageId, packet));
  }

  /** @throws if there is none: the library relies on that */
  async incomingGetPacket(client: Client, { messageId }: Numbered): Promise<PublishPacket> {
    const packet = this.#halfDone.get(client)?.get(messageId);
    if (packet === undefined) throw new Error('no such packet');
    return packet;
  }

  async incomingDelPacket(client: Client, { messageId }: Numbered): Promise<void> {
    if (this.#halfDone.get(client)?.delete(messageId) !== true) throw new Error('no such packet');
  }

  async cleanIncoming(client: Client): Promise<void> {
    this.#halfDone.delete(client);
  }

  // Sessions are not kept: nothing waits for an absent client.

  async subscriptionsByTopic(): Promise<readonly never[]> {
    return [];
  }

  async cleanSubscriptions(): Promise<void> {}

  async outgoingEnqueueCombi(): Promise<void> {}

  async outgoingClearMessageId(): Promise<void> {}

  outgoingStream(): Readable {
    return Readable.from([]);
  }

  // Wills belong to the connection. The library stores them for other brokers of a cluster.

  async putWill(): Promise<void> {}

  async delWill(): Promise<void> {}

  streamWill(): Readable {
    return Readable.from([]);
  }
}
