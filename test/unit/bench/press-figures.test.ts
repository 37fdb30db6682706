import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { figuresOf, overtaken } from '../../bench/figures.ts';
import type { Arrival, RigRecords, WallAnswer } from '../../bench/records.ts';

const PRESSES = ['a', 'b', 'c', 'd'].map((id, index) => ({ id, dueMs: index }));

function judged(arrivals: readonly Arrival[], answers: readonly WallAnswer[] = [], connections = 1) {
  const records: RigRecords = {
    pressedMs: new Map(PRESSES.map(({ dueMs }, index) => [index, 100 + dueMs])),
    arrivals,
    answers,
    links: [],
    badFrames: 0,
  };
  return figuresOf(PRESSES, records, connections);
}

function arrival(id: string, firstByteMs: number, sequence = id.charCodeAt(0)): Arrival {
  return { id, sequence, firstByteMs };
}

describe('the figures of a load', () => {
  test('a time runs from the press to the first byte of its first report', () => {
    const { firstByteMs, lost, drainMs } = judged([
      arrival('a', 101),
      arrival('b', 103),
      arrival('c', 105),
      arrival('d', 107),
      arrival('d', 110),
    ]);
    expect(firstByteMs).toMatchObject({ n: 4, p50: 2, max: 4 });
    expect({ lost, drainMs }).toEqual({ lost: 0, drainMs: 4 });
  });

  test('the same sequence number again is a repeat, another one is shown twice', () => {
    expect(judged([arrival('a', 101, 1), arrival('a', 102, 1)]).twice).toBe(0);
    expect(judged([arrival('a', 101, 1), arrival('a', 102, 2)]).twice).toBe(1);
  });

  test('a lost press that the wall was shown as heard is counted apart', () => {
    const answers: WallAnswer[] = [
      { id: 'c', status: 'heard', atMs: 103 },
      { id: 'a', status: 'accepted', atMs: 102 },
    ];
    const figures = judged([arrival('a', 101)], answers);
    expect(figures).toMatchObject({ lost: 3, lostAfterHeard: 1, acceptedMs: { n: 1, p50: 2 } });
  });

  test('reports overtake each other as far as there are connections', () => {
    const arrivals = [arrival('b', 101), arrival('c', 102), arrival('a', 103), arrival('d', 104)];
    expect(judged(arrivals, [], 1).reordered).toBe(1);
    expect(judged(arrivals, [], 3).reordered).toBe(0);
  });

  test('what overtook a press is counted as by comparing it with every other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200), { maxLength: 60 }), (order) => {
        const compared = order.map((press, at) => order.slice(0, at).filter((earlier) => earlier > press).length);
        expect(overtaken(order)).toEqual(compared);
      }),
    );
  });
});
