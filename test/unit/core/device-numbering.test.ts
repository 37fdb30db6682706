import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeviceNumbering } from '../../../gateway/core/devices/device-numbering.ts';
import { KeyWindows } from '../../../gateway/core/devices/key-windows.ts';
import type { Identity, Signal } from '../../../gateway/core/signal.ts';

const READINGS = { type: 'readings', presses: [], points: [] } as const;
const BODY = { type: 'press', button: 0, pattern: 'single' } as const;

function signal(how: Partial<Signal>): Signal {
  return { input: 'in', device: 'd', authenticated: true, capturedMs: 0, body: BODY, ...how };
}

/** Accepts a new number, as the signal handler does. */
function hear(numbering: DeviceNumbering, identity: Identity): string {
  const checked = numbering.check(signal({ identity }), 0);
  if (checked.freshness !== 'new' || checked.identity === undefined) return checked.freshness;
  numbering.accept(checked.identity, checked.enrols === true);
  if (checked.enrols) numbering.endEnrolment();
  return `${checked.identity.epoch}.${checked.identity.counter}`;
}

describe('the numbers of a device', () => {
  test('a device with a counter alone is heard only with a higher one; every number is given out once', () => {
    const step = fc.oneof(
      { weight: 9, arbitrary: fc.record({ counter: fc.integer({ min: 0, max: 30 }) }) },
      { weight: 1, arbitrary: fc.constant('enrol' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const numbering = new DeviceNumbering(true, 'aa');
        const given = new Set<string>();
        let [highest, isEnrolling] = [-1, false];
        for (const each of steps) {
          if (each === 'enrol') {
            numbering.beginEnrolment();
            isEnrolling = true;
            continue;
          }
          const heard = hear(numbering, { epoch: 0, counter: each.counter });
          const isNew = heard.includes('.');
          expect(isNew).toBe(each.counter > highest || (isEnrolling && each.counter < highest));
          if (!isNew) continue;
          expect(given.has(heard)).toBe(false);
          given.add(heard);
          if (each.counter < highest || highest < 0) isEnrolling = false;
          highest = each.counter;
        }
      }),
    );
  });

  test.each<[string, number[], string]>([
    ['a higher counter is new', [5, 6], '0.6'],
    ['the same counter is a repeat', [5, 5], 'repeat'],
    ['a counter that was heard before is a repeat', [4, 5, 4], 'repeat'],
    ['a lower counter that was not heard is a recording', [5, 4], 'stale'],
  ])('%s', (_, counters, last) => {
    const numbering = new DeviceNumbering(true, 'aa');
    expect(counters.map((counter) => hear(numbering, { epoch: 0, counter })).at(-1)).toBe(last);
  });

  test('enrolled anew, a device begins its next epoch once; after that a lower counter is a recording again', () => {
    const numbering = new DeviceNumbering(true, 'aa');
    hear(numbering, { epoch: 0, counter: 500 });
    numbering.beginEnrolment();
    expect(hear(numbering, { epoch: 0, counter: 3 })).toBe('1.3');
    expect(hear(numbering, { epoch: 0, counter: 2 })).toBe('stale');
    expect(hear(numbering, { epoch: 0, counter: 501 })).toBe('1.501');
  });

  test('the first number after an enrolment is vouched for; without one it proves nothing', () => {
    const vouched = new DeviceNumbering(true, 'aa');
    vouched.beginEnrolment();
    hear(vouched, { epoch: 0, counter: 3 });
    expect(vouched.isProven({ epoch: 0, counter: 3 })).toBe(true);
    const alone = new DeviceNumbering(true, 'aa');
    expect(alone.isProven({ epoch: 0, counter: 3 })).toBe(false);
    hear(alone, { epoch: 0, counter: 3 });
    expect(alone.isProven({ epoch: 0, counter: 3 })).toBe(false);
    expect(alone.isProven({ epoch: 0, counter: 4 })).toBe(true);
  });

  test('from its second key on a device’s numbers say which key they belong to', () => {
    const earlier = new KeyWindows();
    earlier.of('aa').accept({ epoch: 1, counter: 1 });
    const numbering = new DeviceNumbering(false, 'bb');
    numbering.recover(earlier);
    const { identity } = numbering.check(signal({ identity: { epoch: 1, counter: 1 } }), 0);
    expect(identity).toEqual({ epoch: 1, counter: 1, generation: 2 });
    expect(numbering.isOfEarlierKey({ epoch: 1, counter: 1 })).toBe(true);
    expect(numbering.isOfEarlierKey({ epoch: 1, counter: 1, generation: 2 })).toBe(false);
  });

  test.each<[string, Partial<Signal>, string]>([
    ['a wire without numbers: every message is new', {}, 'new'],
    ['a packet id heard before is a repeat', { packetId: 4, body: READINGS }, 'repeat'],
    ['the same message soon after is a repeat, where the wire says so', { repeatsWithinMs: 500 }, 'repeat'],
  ])('%s', (_, how, second) => {
    const numbering = new DeviceNumbering(false, undefined);
    expect(numbering.check(signal(how), 0)).toEqual({ freshness: 'new' });
    expect(numbering.check(signal(how), 100)).toEqual({ freshness: second });
  });
});
