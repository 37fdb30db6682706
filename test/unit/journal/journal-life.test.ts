import fc from 'fast-check';
import { expect, test } from 'vitest';
import { event, JournalLife } from './journal-life.ts';

/** More by hand: JOURNAL_LIVES=20000 JOURNAL_SEED=7. */
const { JOURNAL_LIVES = '800', JOURNAL_SEED = '1' } = process.env;

test('whatever a journal goes through, each start finds what was durable, nothing that is over, and no fault where there was none', {
  timeout: 5_000 + Number(JOURNAL_LIVES) * 20,
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
    { seed: Number(JOURNAL_SEED), numRuns: Number(JOURNAL_LIVES) },
  );
  expect(Math.min(cuts, losses)).toBeGreaterThan(Number(JOURNAL_LIVES) / 8);
  expect(lives).toBeGreaterThan(Number(JOURNAL_LIVES) * 0.8);
});
