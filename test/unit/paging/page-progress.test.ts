import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PageProgress } from '../../../gateway/paths/page-progress.ts';
import type { PageVerdict } from '../../../protocol/paging/paging-dialogue.ts';

const ACCEPTED: PageVerdict = { type: 'accepted' };
const BUSY: PageVerdict = { type: 'refused', again: true, why: 'refused (554)' };
const UNKNOWN: PageVerdict = { type: 'refused', again: false, why: 'refused (550)' };

function progress(verdicts: Readonly<Record<string, PageVerdict | undefined>>): PageProgress {
  const made = new PageProgress(Object.keys(verdicts));
  for (const [pager, verdict] of Object.entries(verdicts)) if (verdict !== undefined) made.record(pager, verdict);
  return made;
}

describe('one report to several pagers', () => {
  test('is handed over when all have accepted', () => {
    expect(progress({ a: ACCEPTED, b: ACCEPTED }).outcome()).toEqual({ type: 'handedOver' });
  });

  test('fails while a refusal may pass, and says who has it', () => {
    const detail = 'pager b was refused (554); pager c was refused (550); accepted for a';
    const failed = { type: 'failed', reason: 'refused', detail };
    expect(progress({ a: ACCEPTED, b: BUSY, c: UNKNOWN }).outcome()).toEqual(failed);
  });

  test('is not understood where only lasting refusals are left', () => {
    expect(progress({ a: ACCEPTED, c: UNKNOWN }).outcome().type).toBe('notUnderstood');
  });

  test.each([
    ['those that may accept another time', { a: ACCEPTED, b: BUSY, c: UNKNOWN }, ['b']],
    ['those the call did not come to', { a: ACCEPTED, b: undefined, c: UNKNOWN }, ['b']],
    ['lasting refusals, where nobody else is left', { a: ACCEPTED, b: ACCEPTED, c: UNKNOWN }, ['c']],
    ['nobody, when all have it', { a: ACCEPTED, b: ACCEPTED }, []],
  ])('a retry asks %s', (_, verdicts, asked) => {
    const made = progress(verdicts);
    made.retry();
    expect(made.undecided).toEqual(asked);
  });

  test('whatever the far end says: who has accepted is never asked again, and somebody is asked until all have', () => {
    const verdict = fc.constantFrom(ACCEPTED, BUSY, UNKNOWN, undefined);
    fc.assert(
      fc.property(fc.array(fc.array(verdict, { minLength: 3, maxLength: 3 }), { maxLength: 8 }), (rounds) => {
        const pagers = ['a', 'b', 'c'];
        const made = new PageProgress(pagers);
        const accepted = new Set<string>();
        for (const round of rounds) {
          for (const pager of made.undecided) {
            expect(accepted).not.toContain(pager);
            const said = round[pagers.indexOf(pager)];
            if (said !== undefined) made.record(pager, said);
            if (said?.type === 'accepted') accepted.add(pager);
          }
          made.retry();
          expect(made.undecided.length > 0).toBe(accepted.size < pagers.length);
        }
      }),
    );
  });
});
