import { Readable } from 'node:stream';
import { isTopic } from '../../protocol/mqtt-topic-filter.ts';

export interface RetainedPacket {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** The part of the library's store that is used here. */
export interface RetainedStore {
  storeRetained(packet: RetainedPacket): Promise<void>;
  createRetainedStreamCombi(filters: readonly string[]): AsyncIterable<RetainedPacket>;
}

/**
 * Makes the store look up the one topic that a subscription names. The library (aedes-persistence
 * 11.0.0) searches all its messages for each subscription: a gateway with 10,000 devices, whose
 * reader names each topic, kept the broker busy for 40 s.
 */
export function lookRetainedUp(store: RetainedStore): void {
  const kept = new Map<string, RetainedPacket>();
  const keep = store.storeRetained.bind(store);
  const search = store.createRetainedStreamCombi.bind(store);
  store.storeRetained = (packet) => {
    if (packet.payload.length === 0) kept.delete(packet.topic);
    else kept.set(packet.topic, { ...packet });
    return keep(packet);
  };
  async function* found(filters: readonly string[]): AsyncGenerator<RetainedPacket> {
    for (const filter of filters) {
      const packet = kept.get(filter);
      if (packet !== undefined) yield packet;
    }
    const wide = filters.filter((filter) => !isTopic(filter));
    if (wide.length > 0) yield* search(wide);
  }
  store.createRetainedStreamCombi = (filters) => Readable.from(found(filters));
}
