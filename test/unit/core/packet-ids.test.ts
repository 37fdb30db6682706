import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Freshness } from '../../../gateway/core/devices/frame-window.ts';
import { PacketIds } from '../../../gateway/core/devices/packet-ids.ts';

test.each<[string, [id: number, atMs: number][], Freshness]>([
  ['the first', [[7, 0]], 'new'],
  [
    'the same again',
    [
      [7, 0],
      [7, 200],
    ],
    'repeat',
  ],
  [
    'the same after half a minute of silence',
    [
      [7, 0],
      [7, 30_000],
    ],
    'new',
  ],
  [
    'the same, said again and again for a minute',
    [
      [7, 0],
      [7, 20_000],
      [7, 40_000],
      [7, 60_000],
    ],
    'repeat',
  ],
  [
    'the next',
    [
      [7, 0],
      [8, 10],
    ],
    'new',
  ],
  [
    'the next, where the byte wraps',
    [
      [255, 0],
      [0, 10],
    ],
    'new',
  ],
  [
    'the last that counts as ahead',
    [
      [0, 0],
      [63, 10],
    ],
    'new',
  ],
  [
    'one that a newer one has overtaken',
    [
      [8, 0],
      [7, 10],
    ],
    'repeat',
  ],
  [
    'one that is too far ahead',
    [
      [0, 0],
      [64, 10],
    ],
    'repeat',
  ],
  [
    'a lower one after a pause: the device has begun anew',
    [
      [200, 0],
      [0, 4_000],
    ],
    'new',
  ],
])('packet ids: %s', (_, heard, last) => {
  const ids = new PacketIds();
  expect(heard.map(([id, atMs]) => ids.hear(id, atMs)).at(-1)).toBe(last);
});

test('a device that counts on, with up to 62 ids lost between two, never loses a press', () => {
  const step = fc.record({ ahead: fc.integer({ min: 1, max: 63 }), afterMs: fc.integer({ min: 0, max: 100_000 }) });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.array(step, { maxLength: 50, size: 'max' }), (first, steps) => {
      const ids = new PacketIds();
      let [id, nowMs] = [first, 0];
      expect(ids.hear(id, nowMs)).toBe('new');
      for (const { ahead, afterMs } of steps) {
        id = (id + ahead) & 0xff;
        nowMs += afterMs;
        expect(ids.hear(id, nowMs)).toBe('new');
        // Each advertisement is sent many times.
        expect(ids.hear(id, nowMs + 29_999)).toBe('repeat');
        nowMs += 29_999;
      }
    }),
  );
});
