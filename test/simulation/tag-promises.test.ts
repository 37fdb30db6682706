import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REPEATS, type TagKind, TagLife, type TagStep } from './tag-life.ts';

/** A press of a device with a key waits for its counter to be durable; see `HeldPresses`. */
const DURABLE_MS = 60;
/** Two uses of a button whose messages were lost in between may look like one. */
const MERGED_MS = 12_000;
/** A hold waits this long for its end. */
const HOLD_WAIT_MS = 3_000;

const KINDS: fc.Arbitrary<TagKind> = fc
  .record({ isKeyed: fc.boolean(), isBeacon: fc.boolean(), holdFirst: fc.boolean(), repeatsLast: fc.boolean() })
  .map((kind) => ({ ...kind, repeatsLast: kind.repeatsLast && kind.isBeacon }));
const SEED = fc.integer({ min: 1, max: 1000 });
const WAIT = fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 90_000 }) });

function press(lost: fc.Arbitrary<boolean[]>): fc.Arbitrary<TagStep> {
  return fc.record({
    type: fc.constant('press' as const),
    button: fc.constantFrom(0 as const, 1 as const),
    pattern: fc.constantFrom('single' as const, 'long' as const),
    heldMs: fc.constantFrom(1_800, 1_800, 6_000, 30_000),
    lost,
  });
}

/** One advertisement of each message is heard. */
const REPEATS_LOST = fc.array(
  fc.integer({ min: 0, max: REPEATS - 1 }).map((heard) => Array.from({ length: REPEATS }, (_, at) => at !== heard)),
  { minLength: 3, maxLength: 3 },
);
const ALL_LOST = Array.from({ length: REPEATS }, () => true);
const NONE_LOST = Array.from({ length: REPEATS }, () => false);
const MESSAGES_LOST = fc.array(fc.constantFrom(ALL_LOST, NONE_LOST), { minLength: 3, maxLength: 3 });
const flat = (lists: fc.Arbitrary<boolean[][]>) => lists.map((lost) => lost.flat());

const END = fc.record({
  type: fc.constantFrom('kill' as const, 'stop' as const),
  downMs: fc.integer({ min: 10, max: 90_000 }),
});

function kindOf({ button, pattern }: { readonly button: number; readonly pattern: string }): string {
  return button === 1 || pattern === 'long' ? 'medical' : 'hold-up';
}

test('one use of a button is one alert of the right kind, whatever repeats are lost, over restarts between uses', () => {
  const between = fc.tuple(fc.integer({ min: 4_000, max: 90_000 }), END).map(([ms, end]): TagStep[] => {
    return [{ type: 'wait', ms }, end];
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: press(flat(REPEATS_LOST)).map((each) => [each]) },
    { weight: 2, arbitrary: WAIT.map((each): TagStep[] => [each]) },
    { weight: 1, arbitrary: between },
  );
  fc.assert(
    fc.property(KINDS, fc.array(step, { maxLength: 12 }), SEED, (kind, steps, seed) => {
      const life = new TagLife(kind, seed);
      life.live(steps.flat());
      const heard = life.operations.map((operation) => life.alertsOf(operation).map((alert) => alert.kind));
      expect(heard).toEqual(life.operations.map((operation) => [kindOf(operation)]));
    }),
    { numRuns: 150 },
  );
});

test('two radios, of which one hears only some messages and the other delivers all of them late: one use is one alert', () => {
  const lags = fc.integer({ min: 0, max: 2_000 });
  const steps = fc.array(
    fc.oneof(
      press(flat(MESSAGES_LOST)),
      WAIT.map((each) => ({ ...each, ms: each.ms + 6_000 })),
    ),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(KINDS, lags, steps, SEED, (kind, lagMs, live, seed) => {
      const life = new TagLife({ ...kind, isKeyed: false, lagMs }, seed);
      life.live(live.flatMap((step) => [step, { type: 'wait', ms: 6_000 }]));
      const heard = life.operations.map((operation) => life.alertsOf(operation).map((alert) => alert.kind));
      expect(heard).toEqual(life.operations.map((operation) => [kindOf(operation)]));
    }),
    { numRuns: 150 },
  );
});

test('whole messages may be lost, and the gateway may end at any moment: what was heard of a press is an alert', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: press(flat(MESSAGES_LOST)) },
    { weight: 3, arbitrary: fc.oneof(WAIT, fc.record({ type: fc.constant('wait' as const), ms: fc.nat(3_000) })) },
    { weight: 2, arbitrary: END },
  );
  fc.assert(
    fc.property(KINDS, fc.array(step, { maxLength: 16 }), SEED, (kind, steps, seed) => {
      const life = new TagLife(kind, seed);
      life.live(steps);
      const { operations, world } = life;
      // Nothing is raised without a press. Where the end of a press was lost, or the gateway ended
      // before it, the alert does not know that end, and what is heard of it later is another.
      const most = operations.map(({ button, endedMs }) => {
        return button === 0 || kind.repeatsLast || endedMs !== undefined ? 2 : 1;
      });
      expect(world.raised.length).toBeLessThanOrEqual(most.reduce((sum, each) => sum + each, 0));
      const raisedMs = [...world.sentMs].flatMap(([id, atMs]) =>
        world.raised.some((each) => each.id === id) ? [atMs] : [],
      );
      for (const [at, { heardMs, endedMs, startMs }] of operations.entries()) {
        const isRecorded = endedMs === undefined || (heardMs !== undefined && endedMs - heardMs > DURABLE_MS);
        if (heardMs === undefined || !isRecorded) continue;
        const untilMs = (operations[at + 1]?.startMs ?? Number.POSITIVE_INFINITY) + HOLD_WAIT_MS;
        expect(raisedMs.some((ms) => ms >= startMs - MERGED_MS && ms <= untilMs)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
