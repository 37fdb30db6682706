import { expect, test } from 'vitest';
import { lookRetainedUp, type RetainedPacket, type RetainedStore } from '../../../gateway/mqtt/retained-lookup.ts';

/** Keeps and finds as the library does, and notes what it is made to search for. */
class Store implements RetainedStore {
  readonly searched: string[] = [];
  readonly #kept = new Map<string, RetainedPacket>();

  async storeRetained(packet: RetainedPacket): Promise<void> {
    if (packet.payload.length === 0) this.#kept.delete(packet.topic);
    else this.#kept.set(packet.topic, packet);
  }

  async *createRetainedStreamCombi(filters: readonly string[]): AsyncGenerator<RetainedPacket> {
    this.searched.push(...filters);
    for (const packet of this.#kept.values()) if (filters.includes('z2m/+')) yield packet;
  }
}

const packet = (topic: string, text: string) => ({ topic, payload: new TextEncoder().encode(text) });

async function found(store: Store, ...filters: string[]): Promise<string[]> {
  const all: string[] = [];
  for await (const { topic, payload } of store.createRetainedStreamCombi(filters)) {
    all.push(`${topic} ${new TextDecoder().decode(payload)}`);
  }
  return all;
}

test('a topic that is named is looked up, not searched for, and tells what was last kept there', async () => {
  const store = new Store();
  lookRetainedUp(store);
  await store.storeRetained(packet('z2m/a', 'online'));
  await store.storeRetained(packet('z2m/b', 'online'));
  await store.storeRetained(packet('z2m/a', 'offline'));
  expect(await found(store, 'z2m/a', 'z2m/none')).toEqual(['z2m/a offline']);
  await store.storeRetained(packet('z2m/a', ''));
  expect(await found(store, 'z2m/a', 'z2m/b')).toEqual(['z2m/b online']);
  expect(store.searched).toEqual([]);
});

test('a filter with wildcards is left to the library, beside the topics that are named', async () => {
  const store = new Store();
  lookRetainedUp(store);
  await store.storeRetained(packet('z2m/a', 'online'));
  expect(await found(store, 'z2m/a', 'z2m/+')).toEqual(['z2m/a online', 'z2m/a online']);
  expect(store.searched).toEqual(['z2m/+']);
});
