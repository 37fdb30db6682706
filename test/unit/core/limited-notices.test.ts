import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LimitedNotice, LimitedNotices } from '../../../gateway/core/troubles/limited-notices.ts';
import { TestContext } from './test-context.ts';

const GAP_MS = 60_000;

function limited() {
  const test = new TestContext();
  const open = new Set<string>();
  const notices = new LimitedNotices(test.context, test.troubles, (report) => open.has(report));
  test.onTimer = (timer) => {
    if (timer.type === 'noticeWindow') notices.windowOver(timer.key);
  };
  const tell = (subject: string, type: LimitedNotice['type'] = 'unknownPress') =>
    notices.tell({ type, subject, text: `Press of ${subject}`, gapMs: GAP_MS });
  /** Notices that the reports so far stand for. */
  const counted = () => test.texts.reduce((sum, text) => sum + Number(/; (\d+) more since/.exec(text)?.[1] ?? 1), 0);
  return { test, tell, counted, open };
}

describe('notices that anybody may cause', () => {
  test('the first of a subject is reported at once; the others are counted in the next report', () => {
    const { test, tell } = limited();
    for (let time = 0; time < 5; time++) tell('a');
    expect(test.texts).toEqual(['Press of a']);
    test.run(GAP_MS);
    expect(test.texts).toEqual(['Press of a', 'Press of a; 4 more since the last report']);
  });

  test('none is lost: in the end each is reported or counted, whoever sends how many', () => {
    const step = fc.oneof(
      fc.record({ subject: fc.integer({ min: 1, max: 40 }), times: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ passMs: fc.integer({ min: 0, max: 2 * GAP_MS }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const { test, tell, counted } = limited();
        let told = 0;
        for (const each of steps) {
          if ('passMs' in each) test.run(each.passMs);
          else
            for (let time = 0; time < each.times; time++) {
              tell(`s${each.subject}`);
              told += 1;
            }
        }
        test.run(3 * GAP_MS);
        expect(counted()).toBe(told);
      }),
    );
  });

  test('whoever runs through all addresses gets sixteen lines of their own, and one line for the rest', () => {
    const { test, tell } = limited();
    for (let subject = 0; subject < 1_000; subject++) tell(`s${subject}`);
    expect(test.texts).toHaveLength(17);
    const ids = test.reports.map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('unknownPress.many'))).toHaveLength(1);
    test.run(GAP_MS);
    expect(test.texts.at(-1)).toContain('983 more');
  });

  test('while 32 reports have reached no receiver, further ones wait, and are told once one has', () => {
    const { test, tell, open } = limited();
    const types = ['unknownPress', 'unknownDevice', 'stalePress', 'pathRefuses'] as const;
    // Whatever is reported stays open.
    const keepOpen = () => {
      for (const { id } of test.reports) open.add(id);
    };
    for (let round = 0; round < 5; round++) {
      for (const type of types) {
        tell(`s${round}`, type);
        keepOpen();
      }
    }
    for (let round = 0; round < 10; round++) {
      tell('s0');
      test.run(GAP_MS);
      keepOpen();
    }
    expect(test.reports.length).toBeLessThanOrEqual(32);
    for (let time = 0; time < 100; time++) {
      tell('s0');
      test.run(GAP_MS);
      keepOpen();
    }
    expect(test.reports).toHaveLength(32);
    tell('new');
    expect(test.reports).toHaveLength(32);
    open.clear();
    test.run(GAP_MS);
    expect(test.texts.slice(32)).toEqual([
      expect.stringMatching(/^Press of s0; \d+ more/),
      'Press of new; 1 more since the last report',
    ]);
  });

  test('a subject that has been quiet for its gap begins anew', () => {
    const { test, tell } = limited();
    tell('a');
    test.run(GAP_MS);
    expect(test.context.timers.size).toBe(0);
    tell('a');
    expect(test.texts).toEqual(['Press of a', 'Press of a']);
  });
});
