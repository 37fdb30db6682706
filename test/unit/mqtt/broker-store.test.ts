import type { Client, PublishPacket } from 'aedes';
import { describe, expect, test } from 'vitest';
import { BrokerStore } from '../../../gateway/mqtt/broker-store.ts';
import { RetainedMessages } from '../../../gateway/mqtt/retained-messages.ts';

function packet(topic: string, text: string): PublishPacket {
  return { cmd: 'publish', topic, payload: Buffer.from(text), qos: 1, retain: true, dup: false };
}

function broker() {
  const retained = new RetainedMessages('site');
  const keep = (topic: string, text: string) => retained.keep(topic, Buffer.from(text));
  return { store: new BrokerStore(retained), keep };
}

async function found(store: BrokerStore, ...filters: string[]): Promise<string[]> {
  const topics: string[] = [];
  for await (const { topic } of store.createRetainedStreamCombi(filters)) topics.push(topic);
  return topics;
}

describe('what is retained', () => {
  test('is found by each filter that matches, until it is cleared', async () => {
    const { store, keep } = broker();
    for (const topic of ['a', 'a/b', 'a/b/c', 'a/x/c', '$SYS/x']) keep(topic, 'x');
    expect(await found(store, 'a/b')).toEqual(['a/b']);
    expect(await found(store, 'a/+/c')).toEqual(['a/b/c', 'a/x/c']);
    expect(await found(store, 'a/#')).toEqual(['a', 'a/b', 'a/b/c', 'a/x/c']);
    expect(await found(store, '#')).not.toContain('$SYS/x');
    expect(await found(store, 'constructor', '__proto__', 'a/b/+', 'a/b')).toEqual(['a/b/c', 'a/b']);
    keep('a/b', '');
    expect(await found(store, 'a/b')).toEqual([]);
  });

  test('is the newest of its topic', async () => {
    const { store, keep } = broker();
    for (const topic of ['z2m/a', 'site/alert/a']) {
      keep(topic, 'old');
      keep(topic, 'new');
      for await (const { payload } of store.createRetainedStreamCombi([topic])) expect(String(payload)).toBe('new');
    }
  });

  test('of a thousand alerts is each as it was published, also when others were removed between', async () => {
    const { store, keep } = broker();
    const topics = Array.from({ length: 1_000 }, (_, number) => `site/alert/wb.1.${number}`);
    for (const topic of topics) keep(topic, `{"id":"${topic}","text":"Überfall, 食堂"}`);
    for (const topic of topics) if (!topic.endsWith('7')) keep(topic, '');
    const left = topics.filter((topic) => topic.endsWith('7'));
    const payloads: string[] = [];
    for await (const packet of store.createRetainedStreamCombi(['site/alert/#'])) payloads.push(String(packet.payload));
    expect(payloads).toEqual(left.map((topic) => `{"id":"${topic}","text":"Überfall, 食堂"}`));
  });
});

test('what a connection has half done is its own, whoever bears the same client id', async () => {
  const { store } = broker();
  const [one, other] = [{ id: 'same' }, { id: 'same' }] as [Client, Client];
  await store.incomingStorePacket(one, { ...packet('a', 'x'), messageId: 7 });
  await store.cleanIncoming(other);
  await expect(store.incomingGetPacket(other, { messageId: 7 })).rejects.toThrow('no such packet');
  await expect(store.incomingGetPacket(one, { messageId: 7 })).resolves.toMatchObject({ topic: 'a' });
  await store.incomingDelPacket(one, { messageId: 7 });
  await expect(store.incomingDelPacket(one, { messageId: 7 })).rejects.toThrow('no such packet');
});
