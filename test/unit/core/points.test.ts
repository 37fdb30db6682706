import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Points } from '../../../gateway/core/devices/points.ts';
import { device } from '../../simulation/site.ts';
import { TestContext } from './test-context.ts';

const DOOR = 0;
const DEBOUNCE_MS = 50;

function points() {
  const test = new TestContext();
  const of = device(101);
  const states: string[] = [];
  const door = of.points.get(DOOR);
  if (door === undefined) throw new Error('no door');
  const one: Points = new Points(of, test.context, (point) => states.push(one.certainState(point)));
  test.onTimer = (timer) => {
    if (timer.type === 'debounce') one.debounced(timer.point);
  };
  const say = (isOpen: boolean, ms: number) => {
    one.heard(DOOR, isOpen);
    test.run(ms);
  };
  return { test, one, states, say, door };
}

describe('a point', () => {
  test('changes when it has said so for its debounce time, and not for less', () => {
    const change = fc.record({ isOpen: fc.boolean(), ms: fc.integer({ min: 0, max: 120 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60, size: 'max' }), (changes) => {
        const { one, say, door } = points();
        let [settled, said, forMs] = ['unknown', 'unknown', 0];
        for (const { isOpen, ms } of changes) {
          const says = isOpen ? 'open' : 'closed';
          forMs = says === said ? forMs + ms : ms;
          said = says;
          say(isOpen, ms);
          if (forMs >= DEBOUNCE_MS) settled = says;
          // A change that is undone before its time never happened.
          else if (says === settled) forMs = 0;
          expect(one.state(door)).toBe(settled);
        }
      }),
    );
  });

  test('in doubt is unknown until it is heard anew, and then at once what it was', () => {
    const { one, say, door } = points();
    say(false, DEBOUNCE_MS);
    one.doubt();
    expect([one.certainState(door), one.state(door)]).toEqual(['unknown', 'closed']);
    expect(one.heard(DOOR, false)).toBe(true);
    expect(one.certainState(door)).toBe('closed');
    expect(one.heard(DOOR, false)).toBe(false);
  });

  test('that was changing when the doubt began stays unknown after its debounce time', () => {
    const { test, one, states, say, door } = points();
    say(true, 10);
    one.doubt();
    test.run(DEBOUNCE_MS);
    expect([one.certainState(door), one.state(door), states]).toEqual(['unknown', 'open', ['unknown']]);
  });

  test('whose wire is lost is unknown, and a change that was under way is dropped', () => {
    const { test, one, states, say, door } = points();
    say(false, DEBOUNCE_MS);
    say(true, 10);
    one.lose(DOOR);
    test.run(DEBOUNCE_MS);
    expect([one.state(door), states]).toEqual(['unknown', ['closed', 'unknown']]);
  });
});
