import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Freshness } from '../../../gateway/core/devices/frame-window.ts';
import { PacketIds } from '../../../gateway/core/devices/packet-ids.ts';
import type { Readings } from '../../../gateway/core/signal.ts';

const MINUTE = 60_000;
const NOTHING: Readings = { type: 'readings', presses: [], points: [], batteryPercent: 100 };
const PRESS: Readings = { ...NOTHING, presses: [{ button: 0, pattern: 'single' }] };
const HOLD: Readings = { ...NOTHING, presses: [{ button: 0, pattern: 'hold' }] };
const LONG: Readings = { ...NOTHING, presses: [{ button: 0, pattern: 'long' }] };

type Heard = readonly [id: number, atMs: number, message?: Readings];

/** What becomes of the last of them. */
function lastOf(heard: readonly Heard[], silentMs = 0): Freshness | undefined {
  const ids = new PacketIds(silentMs);
  return heard.map(([id, atMs, message = PRESS]) => ids.hear(id, message, atMs).freshness).at(-1);
}

test.each<[string, readonly Heard[], Freshness]>([
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
    'the same after half a minute of silence, from a device that may not count at all',
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
    'a state that a newer message has overtaken',
    [
      [8, 0],
      [7, 10, NOTHING],
    ],
    'repeat',
  ],
  [
    'a state that is too far ahead',
    [
      [0, 0],
      [64, 10, NOTHING],
    ],
    'repeat',
  ],
  [
    'a press that a newer message has overtaken, heard for the first time',
    [
      [8, 0, NOTHING],
      [7, 10],
    ],
    'new',
  ],
  [
    'a press that a newer message has overtaken, heard again',
    [
      [7, 0],
      [8, 10, NOTHING],
      [7, 20],
    ],
    'repeat',
  ],
  [
    'a press heard late for the first time, and again',
    [
      [8, 0, NOTHING],
      [7, 10],
      [7, 40],
    ],
    'repeat',
  ],
  [
    'a press of a device that loses its count at each press',
    [
      [0, 0],
      [1, 60_000, NOTHING],
      [2, 120_000, NOTHING],
      [0, 121_000],
    ],
    'new',
  ],
  [
    'the hold of a press whose end has overtaken it',
    [
      [8, 0],
      [7, 10, HOLD],
    ],
    'repeat',
  ],
  [
    'the hold of a press whose end and the next beacon have overtaken it',
    [
      [8, 0],
      [9, 500, NOTHING],
      [7, 1_000, HOLD],
    ],
    'repeat',
  ],
  [
    'a press of a device that lost its count a moment ago',
    [
      [100, 0, NOTHING],
      [0, 900],
    ],
    'new',
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
  expect(lastOf(heard)).toBe(last);
});

test('a device that counts on, with up to 62 ids lost between two, never loses a press', () => {
  const step = fc.record({ ahead: fc.integer({ min: 1, max: 63 }), afterMs: fc.integer({ min: 0, max: 100_000 }) });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.array(step, { maxLength: 50, size: 'max' }), (first, steps) => {
      const ids = new PacketIds(0);
      let [id, nowMs] = [first, 0];
      expect(ids.hear(id, PRESS, nowMs).freshness).toBe('new');
      for (const { ahead, afterMs } of steps) {
        id = (id + ahead) & 0xff;
        nowMs += afterMs;
        expect(ids.hear(id, PRESS, nowMs).freshness).toBe('new');
        // Each advertisement is sent many times.
        expect(ids.hear(id, PRESS, nowMs + 29_999).freshness).toBe('repeat');
        nowMs += 29_999;
      }
    }),
  );
});

describe('the same packet, a while later', () => {
  const BEFORE: Heard = [4, 0];

  test.each<[string, readonly Heard[], number, Freshness]>([
    [
      'a supervised device in beacon mode repeats it',
      [
        [5, 0],
        [5, 41_000],
      ],
      3 * MINUTE,
      'repeat',
    ],
    [
      'a supervised device was away meanwhile',
      [
        [5, 0],
        [5, 3 * MINUTE],
      ],
      3 * MINUTE,
      'new',
    ],
    ['a device that counts repeats it', [BEFORE, [5, 10], [5, 41_000]], 0, 'repeat'],
    ['a device that counts was silent for long', [BEFORE, [5, 10], [5, 10 * MINUTE + 10]], 0, 'new'],
    ['other readings of the same number came between', [BEFORE, [5, 10], [5, 31_000, NOTHING], [5, 62_000]], 0, 'new'],
    [
      'another press with the same number',
      [
        [5, 0],
        [5, 100, LONG],
      ],
      3 * MINUTE,
      'new',
    ],
    [
      'two messages with one number, in turn',
      [
        [5, 0],
        [5, 30, LONG],
        [5, 60],
        [5, 90, LONG],
      ],
      3 * MINUTE,
      'repeat',
    ],
    [
      'its battery runs down',
      [
        [5, 0],
        [5, 41_000, { ...PRESS, batteryPercent: 99 }],
      ],
      3 * MINUTE,
      'repeat',
    ],
    [
      'its battery was changed',
      [
        [5, 0, { ...PRESS, batteryPercent: 60 }],
        [5, 41_000],
      ],
      3 * MINUTE,
      'new',
    ],
    [
      'a change of state has no number of its own',
      [
        [5, 0, NOTHING],
        [5, 9, { ...NOTHING, tamper: true }],
      ],
      0,
      'new',
    ],
  ])('%s', (_, heard, silentMs, last) => {
    expect(lastOf(heard, silentMs)).toBe(last);
  });

  test('that it may be a press is said once for each press', () => {
    const ids = new PacketIds(0);
    for (const id of [4, 5]) ids.hear(id, PRESS, 0);
    const later = (atMs: number, id = 5) => ids.hear(id, PRESS, atMs).repeatedAfterMs;
    expect([later(100), later(41_000), later(82_000), later(123_000)]).toEqual([
      undefined,
      40_900,
      undefined,
      undefined,
    ]);
    expect([later(124_000, 6), later(160_000, 6)]).toEqual([undefined, 36_000]);
  });

  test('the gateway itself heard nothing: that silence was not the device’s', () => {
    const ids = new PacketIds(0);
    for (const id of [4, 5]) ids.hear(id, PRESS, 0);
    ids.listening(60 * MINUTE);
    expect(ids.hear(5, PRESS, 61 * MINUTE).freshness).toBe('repeat');
  });
});

describe('over a restart', () => {
  function restarted(heard: readonly Heard[], nowMs: number): PacketIds {
    const before = new PacketIds(0);
    for (const [id, atMs, message = PRESS] of heard) before.hear(id, message, atMs);
    const ids = new PacketIds(0);
    const saved = before.save();
    if (saved !== undefined) ids.recover(saved, nowMs);
    return ids;
  }

  test('the last press, repeated, is no second one, and that it may be one is said', () => {
    expect(restarted([[5, 0]], 60 * MINUTE).hear(5, PRESS, 60 * MINUTE + 10)).toEqual({
      freshness: 'repeat',
      repeatedAfterMs: 10,
    });
  });

  test.each<[string, readonly Heard[], Heard]>([
    ['a press that was made meanwhile', [[5, 0]], [6, 0]],
    ['a press with a lower number: its battery was changed meanwhile', [[5, 0]], [1, 0]],
    ['another press with the same number', [[5, 0]], [5, 0, LONG]],
    [
      'a press whose number was last that of a state',
      [
        [5, 0],
        [6, 0, NOTHING],
      ],
      [5, 0],
    ],
  ])('%s is new', (_, before, [id, , message = PRESS]) => {
    expect(restarted(before, 0).hear(id, message, 10).freshness).toBe('new');
  });

  test('only a press is kept, and that the device counts', () => {
    const ids = new PacketIds(0);
    expect(ids.save()).toBeUndefined();
    ids.hear(5, NOTHING, 0);
    expect(ids.save()).toBeUndefined();
    ids.hear(6, PRESS, 0);
    expect(ids.save()).toEqual([true, 6, expect.stringContaining('single')]);
    ids.hear(7, NOTHING, 0);
    expect(ids.save()).toEqual([true]);
  });

  test('what this run has heard is newer than any record', () => {
    const ids = new PacketIds(0);
    ids.hear(7, PRESS, 0);
    ids.recover([true, 5, 'x'], 10);
    expect(ids.hear(7, PRESS, 20).freshness).toBe('repeat');
  });
});
