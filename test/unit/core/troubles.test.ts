import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TROUBLE_TYPES } from '../../../gateway/core/trouble-types.ts';
import { TestContext } from './test-context.ts';

const FLAPPING_MS = 60_000;

type Step =
  | { readonly type: 'raise' | 'restore'; readonly subject: string }
  | { readonly type: 'pass'; readonly ms: number };

const subject = fc.constantFrom('a', 'b');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('raise' as const), subject }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('restore' as const), subject }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 90_000 }) }) },
);

function take(test: TestContext, each: Step): void {
  if (each.type === 'pass') test.run(each.ms);
  else if (each.type === 'raise') test.troubles.raise('tamper', each.subject, { text: `Tamper: ${each.subject}` });
  else test.troubles.restore('tamper', each.subject);
}

describe('a trouble', () => {
  test('stands as its cause does, once the cause has been quiet for a minute', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const test = new TestContext();
        const is = new Map<string, boolean>();
        for (const each of steps) {
          take(test, each);
          if (each.type !== 'pass') is.set(each.subject, each.type === 'raise');
          // What is wrong now is never hidden.
          for (const [name, stands] of is) if (stands) expect(test.troubles.stands('tamper', name)).toBe(true);
        }
        test.run(FLAPPING_MS);
        for (const [name, stands] of is) expect(test.troubles.stands('tamper', name)).toBe(stands);
        expect(test.troubles.anyStands()).toBe([...is.values()].includes(true));
      }),
    );
  });

  test('that is over is logged as ended: "restored" would read as if it were back', () => {
    const test = new TestContext();
    take(test, { type: 'raise', subject: 'a' });
    test.run(FLAPPING_MS);
    take(test, { type: 'restore', subject: 'a' });
    const events = test.context.takeEffects().flatMap((effect) => (effect.type === 'log' ? [effect.event] : []));
    expect(events).toContain('trouble.ended');
    expect(events.filter((event) => event.includes('restored'))).toEqual([]);
  });

  test('is told and taken back in turn, each pair under one id, and no id twice', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const test = new TestContext();
        for (const each of steps) take(test, each);
        for (const name of ['a', 'b']) {
          const reports = test.reports.filter(({ id }) => id.startsWith(`tamper.${name}.`));
          for (const [place, { id, class: of, follows }] of reports.entries()) {
            if (place % 2 === 0) expect(of).toBe('trouble');
            else expect([of, id, follows]).toEqual(['troubleRestore', `${follows}.restore`, reports[place - 1]?.id]);
          }
          expect(new Set(reports.map(({ id }) => id)).size).toBe(reports.length);
        }
      }),
    );
  });

  test('that comes and goes all the time is told twice a minute at the most', () => {
    const flaps = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 10, maxLength: 200, size: 'max' });
    fc.assert(
      fc.property(flaps, (gaps) => {
        const test = new TestContext();
        for (const [place, ms] of gaps.entries()) {
          take(test, { type: place % 2 === 0 ? 'raise' : 'restore', subject: 'a' });
          test.run(ms);
        }
        expect(test.reports.length).toBeLessThanOrEqual(3);
      }),
    );
  });

  test('what it has cost is told when it is restored at last', () => {
    const test = new TestContext();
    for (const loss of ['lines lost: 1', 'lines lost: 3']) {
      test.troubles.raise('logFailed', 'log', { text: 'Log' });
      test.troubles.restore('logFailed', 'log', loss);
    }
    test.run(FLAPPING_MS);
    expect(test.texts).toEqual(['Log', 'Restored: Log', 'Log', 'Restored: Log']);
    expect(test.details).toEqual(['lines lost: 1', 'lines lost: 3']);
  });

  test('with another cause is one trouble with a new text, and nothing new for the receivers', () => {
    const test = new TestContext();
    test.troubles.raise('inputDown', 'bus-1', { text: 'Input down: unplugged' });
    test.troubles.reword('inputDown', 'bus-1', { text: 'Input down: permission denied' });
    test.troubles.reword('inputDown', 'bus-9', { text: 'Input down' });
    expect(test.texts).toEqual(['Input down: unplugged']);
    test.troubles.restore('inputDown', 'bus-1');
    expect(test.texts.at(-1)).toBe('Restored: Input down: permission denied');
  });

  test('has a detail for the administrator, which no receiver gets', () => {
    const test = new TestContext();
    const said = { text: 'Journal cannot be written', detail: 'ENOSPC: /var/lib/callpoint is full' };
    test.troubles.raise('journalFailed', 'journal', said);
    test.troubles.reword('journalFailed', 'journal', { ...said, detail: 'EIO' });
    test.troubles.restore('journalFailed', 'journal');
    test.troubles.notice('gatewayDefect', 'gateway', { text: 'Defect', detail: 'at core.ts:12' });
    expect(JSON.stringify(test.reports)).not.toMatch(/ENOSPC|EIO|core\.ts/);
    expect(test.details).toEqual([said.detail, 'EIO', 'EIO']);
    const kept = test.of('journal').map(({ entry }) => entry.record);
    const logged = test.of('log').map(({ fields }) => fields);
    for (const records of [kept, logged]) {
      expect(records).toMatchObject([said, { detail: 'EIO' }, { detail: 'EIO' }, { detail: 'at core.ts:12' }]);
    }
  });

  test('recovered from the journal keeps its detail, and an old record without one is read', () => {
    const test = new TestContext();
    const record = { t: 'trouble', at: 5, type: 'pathDown', state: 'standing', zone: 0, area: 0 } as const;
    test.troubles.recoverStanding({ ...record, id: 'p.1', subject: 'a', text: 'Path a down', detail: 'no answer' });
    test.troubles.recoverStanding({ ...record, id: 'p.2', subject: 'b', text: 'Path b down: no answer' });
    test.troubles.publishAll();
    expect(test.details).toEqual(['no answer']);
  });

  test('whose cause is not known so well any more loses its detail', () => {
    const test = new TestContext();
    test.troubles.raise('deviceMissing', 'wb-101', { text: 'Device missing', detail: 'never heard' });
    test.troubles.reword('deviceMissing', 'wb-101', { text: 'Device missing' });
    expect(test.details).toEqual(['never heard']);
  });

  test('is in the journal before it is reported, and kept there until it is over', () => {
    const test = new TestContext();
    test.troubles.raise('tamper', 'a', { text: 'Tamper' });
    const [raised] = test.of('journal');
    expect(raised?.entry).toMatchObject({ record: { t: 'trouble', state: 'standing' } });
    test.troubles.restore('tamper', 'a');
    const restored = test.of('journal').at(-1);
    expect(restored?.entry.releases).toBe(raised?.entry.holds);
  });

  test('recovered after a restart stands and is not told again', () => {
    const test = new TestContext();
    test.troubles.recoverStanding({
      t: 'trouble',
      at: 5,
      id: 'tamper.a.0.1',
      type: 'tamper',
      subject: 'a',
      state: 'standing',
      text: 'Tamper',
      zone: 0,
      area: 0,
    });
    test.troubles.raise('tamper', 'a', { text: 'Tamper' });
    expect(test.reports).toEqual([]);
    test.troubles.restoreAllBut(new Set());
    expect(test.reports.map(({ id }) => id)).toEqual(['tamper.a.0.1.restore']);
  });

  test('a notice is told once, is in the journal, and does not stand', () => {
    const test = new TestContext();
    const id = test.troubles.notice('unknownPress', 'bus-1.23', { text: 'Press' });
    expect(test.reports.map((report) => report.id)).toEqual([id]);
    expect(test.troubles.anyStands()).toBe(false);
    expect(test.of('journal')).toHaveLength(1);
  });
});

test.each(Object.entries(TROUBLE_TYPES))('the codes of %s are codes of their tables', (_, type) => {
  expect(type.sia).toMatch(/^[A-Z]{2}$/);
  expect(type.siaRestore).toMatch(/^[A-Z]{2}$/);
  expect(type.siaRestore).not.toBe(type.sia);
  expect(type.contactId).toMatch(/^[1-9][0-9]{2}$/);
});
