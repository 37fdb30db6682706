import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeviceContacts } from '../../../gateway/core/devices/device-contacts.ts';
import { DeviceSupervision } from '../../../gateway/core/devices/device-supervision.ts';
import type { ContactState } from '../../../gateway/core/signal.ts';
import type { Button } from '../../../gateway/core/site.ts';
import { device } from '../../simulation/site.ts';
import { TestContext } from './test-context.ts';

const DOOR = { of: 'point', number: 0 } as const;
const BUTTON = { of: 'button', number: 0 } as const;

function contacts() {
  const test = new TestContext();
  const contact = { minimumMs: 0, rearmMs: 50, stuckMs: 60_000 };
  const button: Button = { id: 'button-1', number: 0, zone: 7, kind: 'medical', contact };
  const wired = device(101, { buttons: new Map([[0, button]]), wiresSupervised: true });
  const supervision = new DeviceSupervision(wired, test.context, test.troubles);
  const order: string[] = [];
  const one = new DeviceContacts(supervision, test.context, test.troubles, {
    pressed: () => order.push('press'),
    isOpen: () => false,
  });
  test.onTimer = (timer) => {
    if (timer.type === 'contactWire') one.wireDue(timer.of, timer.number);
    else if (timer.type === 'buttonContact') one.buttonDue(timer.button);
    else if (timer.type === 'debounce') supervision.debounced(timer.point);
  };
  const say = (place: typeof DOOR | typeof BUTTON, state: ContactState, ms = 0) => {
    supervision.proven();
    one.heard({ type: 'contact', ...place, state }, test.nowMs);
    test.run(ms);
  };
  return { test, one, order, say, supervision };
}

describe('the wires of a device’s contacts', () => {
  test.each<[ContactState, string]>([
    ['cut', 'Wire cut: wb-101 door, Main building, Floor 1, Rm 101'],
    ['short', 'Wire shorted: wb-101 door, Main building, Floor 1, Rm 101'],
  ])('%s for 300 ms is a trouble, and the restoral follows a whole wire', (state, text) => {
    const { test, say } = contacts();
    say(DOOR, 'normal', 1_000);
    say(DOOR, state, 299);
    expect(test.texts).toEqual([]);
    test.run(1);
    expect(test.texts).toEqual([text]);
    say(DOOR, 'normal', 300);
    expect(test.texts).toEqual([text, `Restored: ${text}`]);
  });

  test('a fault that lasts less than 300 ms is none, whatever comes between', () => {
    const state = fc.constantFrom<ContactState>('normal', 'active', 'cut', 'short');
    const short = fc.array(fc.record({ state, ms: fc.integer({ min: 1, max: 299 }) }), { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(short, (sequence) => {
        const { test, say } = contacts();
        say(DOOR, 'normal', 1_000);
        let before: ContactState = 'normal';
        for (const { state, ms } of sequence) {
          // Two in a row would be one fault, and may be long enough.
          if (state === before) continue;
          say(DOOR, state, ms);
          before = state;
        }
        expect(test.texts).toEqual([]);
      }),
    );
  });

  test('a cut wire of a door leaves its state unknown, not as it was', () => {
    const { say, supervision } = contacts();
    say(DOOR, 'normal', 1_000);
    expect(supervision.pointState(0)).toBe('closed');
    say(DOOR, 'cut', 300);
    expect(supervision.pointState(0)).toBe('unknown');
    say(DOOR, 'active', 300);
    expect(supervision.pointState(0)).toBe('open');
  });

  test('a cut wire of a button is no press, and a press on a whole wire is one at once', () => {
    const { test, order, say } = contacts();
    say(BUTTON, 'normal', 1_000);
    say(BUTTON, 'cut', 400);
    expect(order).toEqual([]);
    expect(test.texts).toHaveLength(1);
    say(BUTTON, 'active');
    expect(order).toEqual(['press']);
  });

  test('a fault that is known to be over is restored when it is recovered late', () => {
    const { test, one, say } = contacts();
    say(DOOR, 'normal', 1_000);
    test.troubles.raise('wireFault', 'wb-101.door', { text: 'Wire cut' }, { zone: 0, area: 0 });
    test.troubles.raise('wireFault', 'wb-101.button-1', { text: 'Wire cut' }, { zone: 0, area: 0 });
    one.restoreTroubles();
    // The button has not reported yet, so its fault may persist.
    expect(test.texts.slice(2)).toEqual(['Restored: Wire cut']);
    expect(test.troubles.stands('wireFault', 'wb-101.button-1')).toBe(true);
  });

  test('a reading of a contact that the site does not have is a defect', () => {
    const { one } = contacts();
    const reading = { type: 'contact', of: 'button', number: 9, state: 'active' } as const;
    expect(() => one.heard(reading, 0)).toThrow('no wired button 9');
  });
});
