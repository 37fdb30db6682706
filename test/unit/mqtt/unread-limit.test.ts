import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { UnreadLimit } from '../../../gateway/mqtt/unread-limit.ts';

const MB = 1024 * 1024;

function subscriber(unread = 0): { writableLength: number; destroyed: boolean } & Duplex {
  return { writableLength: unread, destroyed: false } as Duplex & { writableLength: number; destroyed: boolean };
}

/** The library has written what it was given in the turn before. */
async function turns(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a subscriber', () => {
  test('that leaves more unread than its part is slow, and the part is smaller among many', () => {
    const limit = new UnreadLimit();
    expect([3 * MB, 5 * MB].map((unread) => limit.allows(subscriber(unread), () => 'zigbee', 100, 1))).toEqual([
      true,
      false,
    ]);
    expect([MB / 4, MB].map((unread) => limit.allows(subscriber(unread), () => 'zigbee', 100, 300))).toEqual([
      true,
      false,
    ]);
  });

  test('that was sent large messages may have them unread beside its part, and gets more when it has read', async () => {
    const limit = new UnreadLimit();
    const bridge = subscriber();
    expect([1, 2, 3, 4].map(() => limit.allows(bridge, () => 'zigbee', 1.6 * MB, 300))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(limit.allows(bridge, () => 'zigbee', 4 * MB, 300)).toBe(false);
    bridge.writableLength = 6.4 * MB + 1000;
    await turns();
    expect(limit.allows(bridge, () => 'zigbee', 100, 300)).toBe(true);
    bridge.writableLength = 8 * MB;
    expect(limit.allows(bridge, () => 'zigbee', 100, 300)).toBe(false);
    bridge.writableLength = 0;
    expect(limit.allows(bridge, () => 'zigbee', 4 * MB, 300)).toBe(true);
  });
});

test('large messages that nobody reads are 16 MB for an account and 64 MB together; closed ones do not count', async () => {
  const limit = new UnreadLimit();
  const frozen = (account: string) =>
    Array.from({ length: 50 }, () => subscriber()).filter((each) => limit.allows(each, () => account, 4 * MB, 200));
  const given = ['a', 'b', 'c'].map(frozen);
  expect(given.map(({ length }) => length)).toEqual([4, 4, 4]);
  for (const each of given.flat()) each.writableLength = 4 * MB;
  await turns();
  expect(limit.allows(subscriber(), () => 'a', 4 * MB, 200)).toBe(false);
  expect(limit.allows(subscriber(), () => 'zigbee', 4 * MB, 200)).toBe(true);
  expect(frozen('d')).toHaveLength(3);
  expect(limit.allows(subscriber(), () => 'e', 4 * MB, 200)).toBe(false);
  for (const each of given.flat()) each.destroyed = true;
  expect(limit.allows(subscriber(), () => 'a', 4 * MB, 200)).toBe(true);
});
