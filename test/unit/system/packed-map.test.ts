import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PackedMap } from '../../../gateway/system/packed-map.ts';

const key = fc.nat(60).map((number) => `alert-${number}`);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), key, text: fc.string({ unit: 'grapheme' }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'get' as const), key }) },
);

test('it holds what a map would hold', () => {
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 300 }), fc.nat(4), (steps, recentMax) => {
      const packed = new PackedMap<string>(recentMax);
      const plain = new Map<string, string>();
      for (const each of steps) {
        if (each.do === 'set') {
          packed.set(each.key, each.text);
          plain.set(each.key, each.text);
        } else if (each.do === 'delete') expect(packed.delete(each.key)).toBe(plain.delete(each.key));
        expect(packed.get(each.key)).toBe(plain.get(each.key));
        expect(packed.has(each.key)).toBe(plain.has(each.key));
      }
      expect([...packed]).toEqual([...plain]);
      expect([...packed.keys()]).toEqual([...plain.keys()]);
      expect(packed.size).toBe(plain.size);
    }),
  );
});

test('a value may be deleted while all are read', () => {
  const packed = new PackedMap<{ readonly number: number }>(0);
  for (let number = 0; number < 200; number += 1) packed.set(`k${number}`, { number });
  const read: number[] = [];
  for (const [each, { number }] of packed) {
    read.push(number);
    packed.delete(each);
  }
  expect(read).toEqual(Array.from({ length: 200 }, (_, number) => number));
  expect(packed.size).toBe(0);
});
