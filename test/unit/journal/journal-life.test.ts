import fc from 'fast-check';
import { expect, test } from 'vitest';
import { event, type JournalEvent, JournalLife } from './journal-life.ts';

/** More by hand: JOURNAL_LIVES=20000 CALLPOINT_TEST_SEED=random. */
const { JOURNAL_LIVES = '400' } = process.env;

/** The power cut loses the first sectors of a segment, to the byte before its second line. */
const TORN_HEADER: [JournalEvent[], readonly ['/a', '/b'], 1_024, 1_000_000_000] = [
  [
    { t: 'powerCut', ahead: 5, sectors: 6_904 },
    { t: 'faults', rarity: 3, seed: 598_578, code: 'EIO', isShort: false, count: 1 },
    { t: 'heard', key: 'k1' },
    { t: 'work', steps: 3 },
  ],
  ['/a', '/b'],
  1_024,
  1_000_000_000,
];

test('whatever a journal goes through, each start finds what was durable, nothing that is over, and no fault where there was none', {
  timeout: 20_000 + Number(JOURNAL_LIVES) * 60,
}, () => {
  let lives = 0;
  let cuts = 0;
  let losses = 0;
  fc.assert(
    fc.property(
      fc.array(event, { minLength: 5, maxLength: 80 }),
      fc.constantFrom(['/a'], ['/a', '/b']),
      fc.constantFrom(1_024, 2_048, 8_192, 16_384),
      fc.constantFrom(1e9, 20_000),
      (events, directories, segmentBytes, retainBytes) => {
        const life = new JournalLife({ directories, segmentBytes, retainBytes });
        for (const each of events) {
          life.happen(each);
          if (life.isUndecided) return;
        }
        life.calm();
        life.happen({ t: 'restart', isClosed: false });
        if (!life.isUndecided) lives += 1;
        cuts += life.cuts;
        if (life.hasLost) losses += 1;
      },
    ),
    { numRuns: Number(JOURNAL_LIVES), examples: [TORN_HEADER] },
  );
  expect(Math.min(cuts, losses)).toBeGreaterThan(Number(JOURNAL_LIVES) / 8);
  expect(lives).toBeGreaterThan(Number(JOURNAL_LIVES) * 0.8);
});
