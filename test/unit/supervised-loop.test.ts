import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type LoopState, type LoopWiring, loopState } from '../../protocol/supervised-loop.ts';

const WIRINGS: readonly LoopWiring[] = ['endOfLine', 'doubleEndOfLine'];
const ORDER: Readonly<Record<LoopWiring, readonly LoopState[]>> = {
  endOfLine: ['active', 'normal', 'cut'],
  doubleEndOfLine: ['short', 'normal', 'active', 'cut'],
};

const wiring = fc.constantFrom(...WIRINGS);
const ratio = fc.double({ min: 0, max: 1, noNaN: true });
const last = fc.option(fc.constantFrom<LoopState>('normal', 'active', 'cut', 'short'), { nil: undefined });

describe('a double end-of-line loop', () => {
  test.each<[LoopState, number, number]>([
    ['short', 0, 0],
    ['normal', 1.65, 2047],
    ['active', 2.2, 2730],
    ['cut', 3.3, 4095],
  ])('is %s at %d V of 3.3 V, %d of a 12-bit converter', (state, volts, counts) => {
    expect(loopState('doubleEndOfLine', volts / 3.3)).toBe(state);
    expect(loopState('doubleEndOfLine', counts / 4095)).toBe(state);
  });

  test.each<[number, LoopState]>([
    [0.249, 'short'],
    [0.25, 'normal'],
    [0.583, 'normal'],
    [0.584, 'active'],
    [0.83, 'active'],
    [0.834, 'cut'],
  ])('reads %d of the supply as %s', (reading, state) => {
    expect(loopState('doubleEndOfLine', reading)).toBe(state);
  });

  it('tells press from rest with the usual resistors at the ends of their 5 %, whatever it was before', () => {
    const off = [0.95, 1, 1.05];
    for (const value of [1_000, 2_200, 4_700, 5_600]) {
      for (const pull of off.map((k) => k * value)) {
        for (const series of off.map((k) => k * value)) {
          for (const before of [undefined, 'normal', 'active', 'cut', 'short'] as const) {
            expect(loopState('doubleEndOfLine', series / (series + pull), before)).toBe('normal');
            for (const across of off.map((k) => k * value)) {
              const pressed = (series + across) / (series + across + pull);
              expect(loopState('doubleEndOfLine', pressed, before)).toBe('active');
            }
          }
        }
      }
    }
  });

  it('goes from rest to pressed at 5 % above the limit and back at 5 % below it', () => {
    expect(loopState('doubleEndOfLine', 0.61, 'normal')).toBe('normal');
    expect(loopState('doubleEndOfLine', 0.613, 'normal')).toBe('active');
    expect(loopState('doubleEndOfLine', 0.555, 'active')).toBe('active');
    expect(loopState('doubleEndOfLine', 0.554, 'active')).toBe('normal');
  });
});

describe('a single end-of-line loop', () => {
  test.each<[string, number, LoopState]>([
    ['pressed, or shorted', 0, 'active'],
    ['at rest', 1 / 2, 'normal'],
    ['at rest, resistors at their worst', 0.525, 'normal'],
    ['cut', 1, 'cut'],
  ])('%s: %d of the supply', (_what, reading, state) => {
    expect(loopState('endOfLine', reading)).toBe(state);
  });
});

describe('any loop', () => {
  it('has a state at every reading and after every state, and one that its wiring knows', () => {
    fc.assert(
      fc.property(wiring, fc.double(), last, (wired, reading, before) => {
        expect(ORDER[wired]).toContain(loopState(wired, reading, before));
      }),
    );
    expect(loopState('doubleEndOfLine', Number.NaN)).toBe('cut');
  });

  it('never changes state by noise within 5 % of a reading that has settled', () => {
    const noise = fc.array(fc.double({ min: 0.9501, max: 1.0499, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(wiring, ratio, noise, (wired, reading, factors) => {
        const settled = loopState(wired, reading);
        let state = settled;
        for (const factor of factors) state = loopState(wired, reading * factor, state);
        expect(state).toBe(settled);
      }),
    );
  });

  it('keeps its state or takes the one of the band it reads: hysteresis never skips', () => {
    fc.assert(
      fc.property(wiring, ratio, last, (wired, reading, before) => {
        expect([before, loopState(wired, reading)]).toContain(loopState(wired, reading, before));
      }),
    );
  });

  it('passes through every state in order when the reading rises or falls slowly', () => {
    for (const wired of WIRINGS) {
      const rising = Array.from({ length: 4_096 }, (_, counts) => counts / 4_095);
      expect(passed(wired, rising)).toEqual(ORDER[wired]);
      expect(passed(wired, rising.toReversed())).toEqual(ORDER[wired].toReversed());
    }
  });
});

/** The states a row of readings goes through, each once. */
function passed(wired: LoopWiring, readings: readonly number[]): LoopState[] {
  const states: LoopState[] = [];
  for (const reading of readings) {
    const state = loopState(wired, reading, states.at(-1));
    if (state !== states.at(-1)) states.push(state);
  }
  return states;
}
