import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Door } from '../../../gateway/core/site.ts';
import { BOLT, CONTACT, DoorRig, door, SAYS, type Word, without } from './door-rig.ts';

const DEVICES = ['wb-101', 'wb-102'] as const;

/** Contact and bolt on one device, on two, and each alone. */
const DOORS: readonly Door[] = [
  door(101, { id: 'both', heldOpenMs: 5_000 }),
  door(101, { id: 'apart', contact: { device: 'wb-102', point: CONTACT } }),
  without('bolt', door(102, { id: 'contact-only', heldOpenMs: 5_000 })),
  without('contact', door(102, { id: 'bolt-only' })),
];

type Step =
  | { readonly type: 'say' | 'kept'; readonly word: Word; readonly device: string }
  | { readonly type: 'cut'; readonly point: number; readonly device: string }
  | { readonly type: 'proven' | 'missing' | 'inputDown' | 'inputUp'; readonly device: string }
  | { readonly type: 'pass'; readonly ms: number };

const words = fc.constantFrom<Word>('open', 'closed', 'unlocked', 'locked');
const device = fc.constantFrom<string>(...DEVICES);
const say = fc.record({ type: fc.constant('say' as const), word: words, device });
const pass = fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(1, 20, 49, 50, 51, 500, 1050, 5000) });
const loss = fc.record({
  type: fc.constantFrom<'proven' | 'missing' | 'inputDown' | 'inputUp'>('proven', 'missing', 'inputDown', 'inputUp'),
  device,
});
const cut = fc.record({ type: fc.constant('cut' as const), point: fc.constantFrom(CONTACT, BOLT), device });
const kept = fc.record({ type: fc.constant('kept' as const), word: words, device });
const anything = fc.array(
  fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 5, arbitrary: say },
    { weight: 3, arbitrary: pass },
    { weight: 1, arbitrary: loss },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: kept },
  ),
  { maxLength: 60 },
);

/** Closes and locks all doors. */
const SETTLED: readonly Step[] = [
  ...DEVICES.flatMap((id) =>
    (['closed', 'locked'] as const).map((word) => ({ type: 'say', word, device: id }) as const),
  ),
  { type: 'pass', ms: 50 },
];
const steps = fc.tuple(fc.boolean(), anything).map(([settled, rest]) => (settled ? [...SETTLED, ...rest] : rest));

function take(rig: DoorRig, step: Step): void {
  if (step.type === 'pass') rig.run(step.ms);
  else if (step.type === 'say') rig.say(step.word, step.device);
  else if (step.type === 'kept') rig.kept(step.word, step.device);
  else {
    const supervision = rig.device(step.device);
    if (step.type === 'cut') supervision.pointLost(step.point);
    else if (step.type === 'proven') supervision.proven();
    else if (step.type === 'missing') supervision.overdue();
    else supervision.inputChanged(step.type === 'inputUp');
  }
}

/**
 * An independent model of the points. Unlike the code under test, its only state is the last
 * reports.
 */
class Notebook {
  /** The accepted state, and a later report that has not lasted for 50 ms yet. */
  readonly #points = new Map<string, { last?: Word; lastMs: number; believed?: Word; lost: boolean }>();
  readonly #alive = new Map<string, boolean>();
  #nowMs = 0;

  take(step: Step): void {
    if (step.type === 'pass') {
      this.#nowMs += step.ms;
      return;
    }
    if (step.type === 'say' || step.type === 'proven') this.#alive.set(step.device, true);
    if (step.type === 'say' || step.type === 'kept') this.#heard(`${step.device}/${SAYS[step.word][0]}`, step.word);
    if (step.type === 'cut') this.#points.delete(`${step.device}/${step.point}`);
    if (step.type !== 'missing' && step.type !== 'inputDown') return;
    this.#alive.set(step.device, false);
    for (const [key, point] of this.#points) if (key.startsWith(step.device)) point.lost = true;
  }

  /**
   * Returns true if this was the last report and nothing has made it doubtful since. A report that
   * has not lasted yet leaves the one before.
   */
  isKnown(point: { device: string; point: number } | undefined, word: Word): boolean {
    if (point === undefined) return true;
    const known = this.#points.get(`${point.device}/${point.point}`);
    if (known === undefined || known.lost || this.#alive.get(point.device) !== true) return false;
    this.#settle(known);
    return known.believed === word;
  }

  #heard(key: string, word: Word): void {
    const point = this.#points.get(key) ?? { lastMs: this.#nowMs, lost: false };
    this.#settle(point);
    if (point.last !== word) point.lastMs = this.#nowMs;
    point.last = word;
    point.lost = false;
    this.#points.set(key, point);
  }

  #settle(point: { last?: Word; lastMs: number; believed?: Word }): void {
    if (point.last !== undefined && this.#nowMs - point.lastMs >= 50) point.believed = point.last;
  }
}

describe('whatever is said in whatever order', () => {
  test('a door is secured only while contact and bolt are both known to be closed and locked', () => {
    let secured = 0;
    fc.assert(
      fc.property(steps, (sequence) => {
        const rig = new DoorRig(DOORS);
        const notebook = new Notebook();
        for (const step of sequence) {
          take(rig, step);
          notebook.take(step);
          for (const { id, contact, bolt } of DOORS) {
            if (rig.doors.state(id) !== 'secured') continue;
            secured += 1;
            expect([id, notebook.isKnown(contact, 'closed'), notebook.isKnown(bolt, 'locked')]).toEqual([
              id,
              true,
              true,
            ]);
            expect(bolt).toBeDefined();
          }
        }
      }),
      { numRuns: 600 },
    );
    expect(secured).toBeGreaterThan(100);
  });

  test('what is listed, published and told is one and the same', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const rig = new DoorRig(DOORS);
        rig.doors.publishAll();
        for (const step of sequence) take(rig, step);
        rig.run(0);
        const published = new Map(rig.documents.map(({ door: id, state }) => [id, state]));
        expect(Object.fromEntries(published)).toEqual(
          Object.fromEntries(DOORS.map(({ id }) => [id, rig.doors.state(id)])),
        );
        expect(rig.changed).toHaveLength(rig.documents.length - DOORS.length);
        const listed = new Map(rig.doors.notSecured('A').map(({ id, state }) => [id, state]));
        for (const [id, state] of published) {
          expect(listed.get(id)).toBe(state === 'secured' ? undefined : state);
        }
      }),
    );
  });

  test('no trouble of a door stands once it is known to be closed', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const rig = new DoorRig(DOORS);
        for (const step of sequence) take(rig, step);
        for (const id of DEVICES) for (const word of ['closed', 'locked'] as const) rig.say(word, id);
        // One that came and went within a minute stands for another.
        rig.run(61_000);
        for (const { id } of DOORS) {
          expect(rig.troubles.stands('doorForced', id)).toBe(false);
          expect(rig.troubles.stands('doorHeldOpen', id)).toBe(false);
        }
      }),
    );
  });
});
