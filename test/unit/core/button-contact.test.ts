import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ButtonContact } from '../../../gateway/core/devices/button-contact.ts';
import type { Button, ContactTiming } from '../../../gateway/core/site.ts';
import { device } from '../../simulation/site.ts';
import { TestContext } from './test-context.ts';

const TIMING: ContactTiming = { minimumMs: 10, rearmMs: 50, stuckMs: 60_000 };

function contact(timing: ContactTiming = TIMING, isOpen = false) {
  const test = new TestContext();
  const button: Button = { id: 'button-1', number: 0, zone: 7, kind: 'medical', contact: timing };
  const pressedMs: number[] = [];
  const one = new ButtonContact(device(101), button, test.context, test.troubles, {
    pressed: (_, capturedMs) => pressedMs.push(capturedMs),
    isOpen: () => isOpen,
  });
  test.onTimer = () => one.due();
  /** Lets the contact stay in its state for this long. */
  const hold = (state: 'normal' | 'active', ms: number) => {
    one.heard(state, test.nowMs);
    test.run(ms);
  };
  return { test, one, pressedMs, hold };
}

const ms = (min: number, max: number) => fc.integer({ min, max });

describe('a wired button', () => {
  test('is one press for each time it is held, told from the first edge, whatever its length', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ activeMs: ms(10, 59_000), normalMs: ms(50, 5_000) })), (presses) => {
        const { test, pressedMs, hold } = contact();
        hold('normal', 100);
        const edgesMs: number[] = [];
        for (const { activeMs, normalMs } of presses) {
          edgesMs.push(test.nowMs);
          hold('active', activeMs);
          hold('normal', normalMs);
        }
        expect(pressedMs).toEqual(edgesMs);
        expect(test.reports).toEqual([]);
      }),
    );
  });

  test('makes one press of a contact that bounces, before and after it', () => {
    const bounce = fc.array(fc.record({ activeMs: ms(1, 9), normalMs: ms(1, 9) }), { maxLength: 5, size: 'max' });
    fc.assert(
      fc.property(bounce, bounce, ms(10, 1_000), (before, after, activeMs) => {
        const { pressedMs, hold } = contact();
        hold('normal', 100);
        for (const each of before) {
          hold('active', each.activeMs);
          hold('normal', each.normalMs);
        }
        hold('active', activeMs);
        for (const each of after) {
          hold('normal', each.normalMs);
          hold('active', each.activeMs);
        }
        hold('normal', 1_000);
        expect(pressedMs).toHaveLength(1);
      }),
    );
  });

  test('held again before it was normal for the rearm time is still the same press', () => {
    const again = fc.record({ normalMs: ms(1, 49), activeMs: ms(10, 1_000) });
    fc.assert(
      fc.property(fc.array(again, { maxLength: 20, size: 'max' }), (times) => {
        const { pressedMs, hold } = contact();
        hold('normal', 100);
        hold('active', 100);
        for (const { normalMs, activeMs } of times) {
          hold('normal', normalMs);
          hold('active', activeMs);
        }
        expect(pressedMs).toEqual([100]);
      }),
    );
  });

  test('raises nothing of a glitch shorter than the least time', () => {
    fc.assert(
      fc.property(fc.array(ms(1, 9)), (glitches) => {
        const { pressedMs, hold } = contact();
        hold('normal', 100);
        for (const activeMs of glitches) {
          hold('active', activeMs);
          hold('normal', 100);
        }
        expect(pressedMs).toEqual([]);
      }),
    );
  });

  test('counts at any edge where the wire has filtered already', () => {
    const { test, pressedMs, hold } = contact({ ...TIMING, minimumMs: 0 });
    hold('normal', 100);
    hold('active', 0);
    expect(pressedMs).toEqual([test.nowMs]);
  });

  test('is heard where this process was held up: the edges say how long it lasted', () => {
    const { test, one, pressedMs } = contact();
    one.heard('normal', 0);
    test.at(1_000);
    one.heard('active', 500);
    one.heard('normal', 510);
    test.run(100);
    expect(pressedMs).toEqual([500]);
    one.heard('active', 600);
    one.heard('normal', 605);
    test.run(100);
    expect(pressedMs).toEqual([500]);
  });

  test('held for too long is one alert and one trouble, which ends with the release', () => {
    const { test, pressedMs, hold } = contact();
    hold('normal', 100);
    hold('active', 600_000);
    expect(pressedMs).toHaveLength(1);
    expect(test.texts).toEqual(['Button stuck: wb-101 button-1, Main building, Floor 1, Rm 101: pressed for 60 s']);
    hold('normal', 1_000);
    expect(test.texts.at(-1)).toMatch(/^Restored: Button stuck/);
  });

  test.each([
    ['an alert of it is open from before', true, 0],
    ['nothing is known of it: somebody may be holding it', false, 1],
  ])('found pressed at the start: %s', (_, isOpen, presses) => {
    const { pressedMs, hold } = contact(TIMING, isOpen);
    hold('active', 100);
    expect(pressedMs).toHaveLength(presses);
    hold('normal', 100);
    hold('active', 100);
    expect(pressedMs).toHaveLength(presses + 1);
  });

  test('found pressed and known to be stuck is no new alert', () => {
    const { test, pressedMs, hold } = contact();
    test.troubles.raise('stuckButton', 'wb-101.button-1', { text: 'Button stuck' }, { zone: 7, area: 0 });
    hold('active', 100);
    expect(pressedMs).toEqual([]);
  });

  test('a button that is no wired contact is a mistake of the gateway', () => {
    const { test } = contact();
    const button: Button = { id: 'b', number: 0, zone: 0, kind: 'medical' };
    const deps = { pressed: () => undefined, isOpen: () => false };
    expect(() => new ButtonContact(device(101), button, test.context, test.troubles, deps)).toThrow('no wired contact');
  });
});
