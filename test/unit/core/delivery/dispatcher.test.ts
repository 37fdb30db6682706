import { describe, expect, test } from 'vitest';
import type { Report, ReportClass } from '../../../../gateway/core/report.ts';
import { device, inTurn, site } from '../../../simulation/site.ts';
import { PartsRig, quietPath } from '../parts-rig.ts';
import { reportOf } from './parts.ts';
import { ACKNOWLEDGED, CUT_OFF, NO_CONTENT, REFUSED } from './queue-rig.ts';

const HANDED_OVER = { type: 'handedOver' } as const;
const PATHS = [quietPath('central', { formats: 1 }), quietPath('backup', { formats: 1 }), quietPath('pager')];

function rigOf(changes: Parameters<typeof inTurn>[1] = 3_000): PartsRig {
  return new PartsRig({ ...site([device(101)], PATHS), plan: inTurn(PATHS, changes) });
}

function submit(rig: PartsRig, id: string, of: ReportClass, changes: Partial<Report> = {}): void {
  const { dispatcher } = rig.parts;
  dispatcher.submit(reportOf(id, of, changes), dispatcher.reserve());
}

const sendsOf = (rig: PartsRig) => rig.attempts().map(({ path, report }) => `${report?.id} ${path}`);

describe('the next path joins', () => {
  test('when its time has come', () => {
    const rig = rigOf();
    submit(rig, 't', 'trouble');
    rig.pass(2_999);
    expect(sendsOf(rig)).toEqual(['t central']);
    rig.pass(1);
    expect(sendsOf(rig)).toEqual(['t central', 't backup']);
  });

  test.each([
    ['was cut off', CUT_OFF],
    ['refused', REFUSED],
    ['can’t process it', NO_CONTENT],
    ['asks for a rest', { ...REFUSED, retryAfterMs: 60_000 }],
  ])('at once when the one before %s', (_, outcome) => {
    const rig = rigOf();
    submit(rig, 't', 'trouble');
    rig.answer(outcome);
    expect(sendsOf(rig)).toEqual(['t central', 't backup']);
    // And at once to the one after, where the far end of the first still rests.
    rig.answer(outcome, 'backup');
    expect(sendsOf(rig).slice(2)).toEqual(['t pager']);
  });

  test('not once a receiver has acknowledged', () => {
    const rig = rigOf();
    submit(rig, 't', 'trouble');
    rig.answer(ACKNOWLEDGED);
    rig.pass(60_000);
    expect(sendsOf(rig)).toEqual(['t central']);
    expect(rig.parts.dispatcher.isOpen('t')).toBe(false);
  });
});

test('what a receiver acknowledged is withdrawn from every other path', () => {
  const rig = rigOf(0);
  submit(rig, 't', 'trouble');
  rig.answer(CUT_OFF, 'central');
  rig.answer(ACKNOWLEDGED, 'backup');
  rig.pass(600_000);
  expect(sendsOf(rig).filter((each) => each === 't central')).toHaveLength(1);
});

test('a report that is no alarm ends once every path has refused it or handed it over', () => {
  const rig = rigOf(0);
  submit(rig, 't', 'trouble');
  rig.answer(NO_CONTENT, 'central');
  rig.answer(HANDED_OVER, 'pager');
  expect(rig.parts.dispatcher.isOpen('t')).toBe(true);
  rig.answer(NO_CONTENT, 'backup');
  expect(rig.parts.dispatcher.isOpen('t')).toBe(false);
  expect(rig.records().filter(({ t }) => t === 'settled')).toHaveLength(1);
});

test('a report waits for the end of the one that it follows, and goes on its own way after a withdrawal', () => {
  const rig = rigOf();
  submit(rig, 't', 'trouble');
  submit(rig, 't.restored', 'troubleRestore', { follows: 't' });
  rig.pass(1_000);
  expect(sendsOf(rig)).toEqual(['t central']);
  rig.parts.dispatcher.withdraw('t');
  rig.answer(ACKNOWLEDGED);
  expect(sendsOf(rig)).toEqual(['t central', 't.restored central']);
  rig.answer(ACKNOWLEDGED);
  expect(rig.parts.dispatcher.isOpen('t.restored')).toBe(false);
});

test('a sequence number is not given again while its report is open', () => {
  const rig = rigOf();
  submit(rig, 't', 'trouble');
  const { sequences } = rig.parts.dispatcher;
  const first = rig.attempts()[0]?.sequence;
  const given = new Set(Array.from({ length: 9_998 }, () => sequences.next('central')));
  expect(given.has(first ?? 0)).toBe(false);
  rig.answer(ACKNOWLEDGED);
  expect(Array.from({ length: 9_999 }, () => sequences.next('central'))).toContain(first);
});
