import type { Client, PublishPacket } from 'aedes';
import { describe, expect, test } from 'vitest';
import { BrokerStore } from '../../../gateway/mqtt/broker-store.ts';

function packet(topic: string, text: string): PublishPacket {
  return { cmd: 'publish', topic, payload: Buffer.from(text), qos: 1, retain: true, dup: false };
}

async function found(store: BrokerStore, ...filters: string[]): Promise<string[]> {
  const topics: string[] = [];
  for await (const { topic } of store.createRetainedStreamCombi(filters)) topics.push(topic);
  return topics;
}

describe('what is retained', () => {
  test('is found by each filter that matches, until it is cleared', async () => {
    const store = new BrokerStore();
    for (const topic of ['a', 'a/b', 'a/b/c', 'a/x/c', '$SYS/x']) await store.storeRetained(packet(topic, 'x'));
    expect(await found(store, 'a/b')).toEqual(['a/b']);
    expect(await found(store, 'a/+/c')).toEqual(['a/b/c', 'a/x/c']);
    expect(await found(store, 'a/#')).toEqual(['a', 'a/b', 'a/b/c', 'a/x/c']);
    expect(await found(store, '#')).not.toContain('$SYS/x');
    expect(await found(store, 'constructor', '__proto__', 'a/b/+', 'a/b')).toEqual(['a/b/c', 'a/b']);
    await store.storeRetained(packet('a/b', ''));
    expect(await found(store, 'a/b')).toEqual([]);
  });

  test('is the newest of its topic', async () => {
    const store = new BrokerStore();
    await store.storeRetained(packet('a', 'old'));
    await store.storeRetained(packet('a', 'new'));
    for await (const { payload } of store.createRetainedStreamCombi(['a'])) expect(String(payload)).toBe('new');
  });
});

test('what a connection has half done is its own, whoever bears the same client id', async () => {
  const store = new BrokerStore();
  const [one, other] = [{ id: 'same' }, { id: 'same' }] as [Client, Client];
  await store.incomingStorePacket(one, { ...packet('a', 'x'), messageId: 7 });
  await store.cleanIncoming(other);
  await expect(store.incomingGetPacket(other, { messageId: 7 })).rejects.toThrow('no such packet');
  await expect(store.incomingGetPacket(one, { messageId: 7 })).resolves.toMatchObject({ topic: 'a' });
  await store.incomingDelPacket(one, { messageId: 7 });
  await expect(store.incomingDelPacket(one, { messageId: 7 })).rejects.toThrow('no such packet');
});
