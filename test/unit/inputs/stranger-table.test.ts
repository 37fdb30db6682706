import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StrangerTable } from '../../../gateway/inputs/stranger-table.ts';

const PLACES = 64;

function flood(table: StrangerTable<number>, count: number, fromMs: number, each: (at: number) => void): void {
  for (let at = 0; at < count; at += 1) {
    table.heard(`flood-${at}`, fromMs + at, -40, () => at);
    each(at);
  }
}

test('ten thousand addresses, each heard once, take no more than the places there are', () => {
  const table = new StrangerTable<number>(PLACES);
  flood(table, 10_000, 0, () => undefined);
  expect(table.entries()).toHaveLength(PLACES);
  expect(table.leftOut).toBe(10_000 - PLACES);
});

test('a tag that was heard before the flood, one that speaks during it and a near one all stay', () => {
  const table = new StrangerTable<number>(PLACES);
  for (let at = 0; at < 3; at += 1) {
    table.heard('before', at, -80, () => 0);
    table.heard('near', at, -20, () => 0);
    table.heard('pressed', at, -80, () => 0).movedMs = at;
  }
  flood(table, 10_000, 10, (at) => {
    if (at % 30 === 0) table.heard('during', 10 + at, -80, () => 0);
  });
  for (const key of ['before', 'near', 'pressed', 'during']) expect(table.get(key)?.messages).toBeGreaterThanOrEqual(3);
});

test('a flood of strong addresses that each speak many times leaves the oldest and the newest real ones', () => {
  const table = new StrangerTable<number>(PLACES);
  for (let at = 0; at < 3; at += 1) table.heard('real', at, -80, () => 0);
  for (let at = 0; at < 5000; at += 1) {
    for (let again = 0; again < 5; again += 1) table.heard(`flood-${at}`, 10 + at, -10, () => 0);
  }
  expect(table.get('real')).toBeDefined();
  expect(table.entries().length).toBeLessThanOrEqual(PLACES);
});

test('whatever comes, the table is bounded and each message counts once for its sender', () => {
  const message = fc.record({ key: fc.integer({ min: 0, max: 200 }), strength: fc.integer({ min: -100, max: 0 }) });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 600 }), fc.integer({ min: 4, max: 40 }), (messages, places) => {
      const table = new StrangerTable<string>(places);
      let nowMs = 0;
      for (const { key, strength } of messages) {
        nowMs += 1;
        const entry = table.heard(String(key), nowMs, strength, () => String(key));
        expect(table.get(String(key))).toBe(entry);
        expect(entry.lastMs).toBe(nowMs);
      }
      const entries = table.entries();
      expect(entries.length).toBe(Math.min(entries.length, places));
      expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
      const counted = entries.reduce((sum, entry) => sum + entry.messages, 0);
      if (table.leftOut === 0) expect(counted).toBe(messages.length);
      for (const entry of entries) expect(entry.value).toBe(entry.key);
    }),
  );
});
