import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnnumberedWorld } from './unnumbered-world.ts';

const SECOND = 1_000;
const step = fc.constantFrom(
  'press',
  'publishAgain',
  'duplicate',
  'overtaken',
  'restartDevice',
  'restartGateway',
  'crashGateway',
  'loseBroker',
  'stopGateway',
  'retained',
  'wait',
);
const history = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 40 * SECOND })), { maxLength: 60, size: 'max' });

type Step = 'press' | 'publishAgain' | 'duplicate' | 'overtaken' | 'restartDevice' | 'retained';

/** A button that numbers its events and publishes the last one again, with all its bad habits. */
class CountingButton {
  /** Presses that the gateway could hear, at once or when they were published again. */
  heard = 0;
  #count = 0;
  #event = { mark: '0', value: '' };
  #isHeard = true;
  /** The event before the last, and when the last was said. */
  #before: { mark: string; value: string } | undefined;
  #sinceMs = 0;
  readonly #world: UnnumberedWorld;

  constructor(world: UnnumberedWorld) {
    this.#world = world;
  }

  do(what: Step, isHeard: boolean): void {
    if (what === 'press') this.#is(String(++this.#count), 'S', isHeard);
    else if (what === 'restartDevice') {
      this.#count = 0;
      // A device takes time to start. Within ten seconds the same number is of the same press.
      this.#world.run(10 * SECOND);
      this.#is('0', '', isHeard);
      // Whoever was not heard before the restart is never heard again.
      this.#before = undefined;
    }
    if (!isHeard) return;
    if (what === 'overtaken') {
      if (this.#before !== undefined && this.#world.nowMs - this.#sinceMs < 9 * SECOND) this.#say(this.#before);
      return;
    }
    if (what === 'retained') {
      if (this.#isHeard) this.#say(this.#event, true);
      return;
    }
    if (!this.#isHeard && this.#event.value !== '') this.heard += 1;
    this.#isHeard = true;
    this.#say(this.#event);
  }

  #is(mark: string, value: string, isHeard: boolean): void {
    this.#before = this.#isHeard && isHeard ? this.#event : undefined;
    this.#event = { mark, value };
    this.#sinceMs = this.#world.nowMs;
    this.#isHeard = false;
  }

  #say({ mark, value }: { readonly mark: string; readonly value: string }, retained = false): void {
    this.#world.counted(mark, value === '' ? 'release' : 'single', value, retained);
  }
}

describe('whatever is said again, late or in another order', () => {
  test('a button that counts: one press, one alert, over restarts of device, broker and gateway', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const world = new UnnumberedWorld();
        const button = new CountingButton(world);
        button.do('publishAgain', true);
        for (const [what, afterMs] of steps) {
          if (what === 'restartGateway' || what === 'crashGateway') {
            world.run(SECOND);
            world.restart(what === 'crashGateway' ? 'crash' : 'stop');
          } else if (what === 'stopGateway') {
            world.run(SECOND);
            world.stop();
            button.do('press', false);
            world.start();
          } else if (what === 'loseBroker') {
            world.lose('input');
            button.do('press', false);
            world.find('input');
          } else if (what !== 'wait') button.do(what, true);
          world.run(afterMs);
          expect(world.alerts).toBe(button.heard);
        }
        button.do('publishAgain', true);
        expect(world.alerts).toBe(button.heard);
      }),
    );
  });

  test('a button that latches: one change to pressed, one alert', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const world = new UnnumberedWorld();
        let state = 'OFF';
        let [heard, presses] = ['OFF', 0];
        const say = (retained = false) => {
          if (state === 'ON' && heard === 'OFF') presses += 1;
          heard = state;
          world.state(state, retained);
        };
        say();
        const turn = () => {
          state = state === 'ON' ? 'OFF' : 'ON';
        };
        for (const [what, afterMs] of steps) {
          if (what === 'restartGateway' || what === 'crashGateway') {
            world.run(SECOND);
            world.restart(what === 'crashGateway' ? 'crash' : 'stop');
            say(true);
          } else if (what === 'stopGateway') {
            world.run(SECOND);
            world.stop();
            turn();
            world.start();
            say(true);
          } else if (what === 'loseBroker') {
            world.lose('input');
            turn();
            world.find('input');
            say();
          } else if (what === 'press') {
            turn();
            say();
          } else if (what !== 'wait') say(what === 'retained');
          // No finger is faster: what is, is taken for bouncing.
          world.run(100 + afterMs);
          expect(world.alerts).toBe(presses);
        }
      }),
    );
  });

  test('a button that nothing marks: copies of a click within the quiet time are one alert, clicks are each', () => {
    const click = fc.record({
      pattern: fc.constantFrom('single' as const, 'double' as const, 'long' as const),
      copies: fc.array(fc.integer({ min: 0, max: 2_999 }), { maxLength: 3 }),
      thenMs: fc.integer({ min: 3_000, max: 60_000 }),
    });
    fc.assert(
      fc.property(fc.array(click, { maxLength: 30, size: 'max' }), (clicks) => {
        const world = new UnnumberedWorld();
        for (const { pattern, copies, thenMs } of clicks) {
          world.uncounted(pattern);
          for (const afterMs of copies) {
            world.run(afterMs);
            world.uncounted(pattern);
          }
          world.run(thenMs);
        }
        expect(world.alerts).toBe(clicks.length);
      }),
    );
  });

  test('no value of a button is dropped without an alert or a notice', () => {
    const value = fc.string({ unit: 'binary', maxLength: 60 });
    const retained = fc.boolean();
    fc.assert(
      fc.property(fc.array(fc.tuple(value, retained), { minLength: 1, maxLength: 8 }), (said) => {
        const world = new UnnumberedWorld();
        world.counted('first');
        said.forEach(([text, isRetained], index) => {
          const before = world.told.length;
          world.counted(`mark ${index}`, 'notUnderstood', text, isRetained);
          expect(world.told.length).toBe(before + 1);
          world.run(70 * SECOND);
        });
        expect(world.alerts).toBe(1);
      }),
    );
  });
});
