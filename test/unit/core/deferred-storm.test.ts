import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Effect } from '../../../gateway/core/effect.ts';
import { DeferredEffects } from '../../../gateway/deferred-effects.ts';
import type { MonoMs } from '../../../protocol/clocks.ts';

const WAIT_MS_MAX = 100;

/** Each effect takes some time. The test says when a turn of the event loop ends. */
class Loop {
  readonly performed: { readonly number: number; readonly atMs: number }[] = [];
  readonly added: { readonly number: number; readonly atMs: number }[] = [];
  readonly deferred: DeferredEffects;
  readonly #costMs: number;
  #ends: (() => void)[] = [];
  #nowMs = 0;
  #added = 0;

  constructor(costMs: number) {
    this.#costMs = costMs;
    this.deferred = new DeferredEffects((effect) => this.#perform(effect), {
      nowMs: () => this.#nowMs as MonoMs,
      atEndOfTurn: (end) => this.#ends.push(end),
    });
  }

  /** One turn: these effects come, and a message leaves or none does. */
  turn(count: number, sends: boolean, ms = 0): void {
    for (let index = 0; index < count; index += 1) {
      this.#added += 1;
      this.added.push({ number: this.#added, atMs: this.#nowMs });
      this.deferred.add({ type: 'log', level: 'info', event: String(this.#added), fields: {} });
    }
    if (sends) this.deferred.sent();
    this.#nowMs += ms;
    for (const end of this.#ends.splice(0)) end();
  }

  #perform(effect: Effect): void {
    if (effect.type !== 'log') throw new Error(effect.type);
    this.performed.push({ number: Number(effect.event), atMs: this.#nowMs });
    this.#nowMs += this.#costMs;
  }
}

const turns = fc.array(
  fc.record({ count: fc.nat(100), sends: fc.boolean(), ms: fc.double({ min: 0, max: 3, noNaN: true }) }),
  { maxLength: 60 },
);

test('whatever the turns bring, each effect is carried out once, in order', () => {
  fc.assert(
    fc.property(turns, fc.constantFrom(0, 0.01, 0.3, 5), (steps, costMs) => {
      const loop = new Loop(costMs);
      for (const { count, sends, ms } of steps) loop.turn(count, sends, ms);
      loop.deferred.flush();
      expect(loop.performed.map(({ number }) => number)).toEqual(loop.added.map(({ number }) => number));
    }),
  );
});

test('a lone press has its record written in the turn that sent its message', () => {
  const loop = new Loop(0.01);
  loop.turn(8, true);
  expect(loop.performed).toHaveLength(8);
});

test('if no message leaves, nothing waits: the record tells the wall that the press was heard', () => {
  const loop = new Loop(0.001);
  loop.turn(500, false);
  expect(loop.performed).toHaveLength(500);
});

test('while each turn sends, the records of a storm wait, and then each turn writes some', () => {
  const loop = new Loop(0.1);
  let turns = 0;
  while (loop.performed.length === 0) {
    loop.turn(100, true, 2);
    turns += 1;
  }
  const [first] = loop.performed;
  expect(first?.atMs).toBeGreaterThan(WAIT_MS_MAX / 2);
  expect(first?.atMs).toBeLessThanOrEqual(WAIT_MS_MAX + 4);
  expect(turns).toBeGreaterThan(10);
  const before = loop.performed.length;
  loop.turn(0, true, 2);
  expect(loop.performed.length).toBeGreaterThan(before);
});

test('what may wait is bounded in number too', () => {
  const loop = new Loop(0.001);
  loop.turn(20_000, true);
  expect(loop.performed.length).toBeGreaterThan(0);
});

test('when the storm is over, all is carried out without another input', () => {
  const loop = new Loop(0.01);
  for (let turn = 0; turn < 10; turn += 1) loop.turn(100, true, 1);
  for (let turn = 0; turn < 30; turn += 1) loop.turn(0, false);
  expect(loop.performed).toHaveLength(1000);
});
