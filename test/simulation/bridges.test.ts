import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BridgedWorld, type Habits, MINUTE_MS, REPORT_MS } from './bridged-world.ts';

/** The time within which each loss is noticed, whoever notices it, while the bridge is up. */
const NOTICED_MS = 17 * MINUTE_MS;
/** After this time without anything wrong, nothing may be wrong any more. */
const HEALED_MS = 20 * MINUTE_MS;

const WITH_HEARTBEAT = { heartbeatMs: REPORT_MS, missedHeartbeats: 3 };
const plain: Habits = {
  device: { heartbeatMs: 0 },
  watches: true,
  tellsLastSeen: false,
  retains: false,
  clockAheadMs: 0,
};

const HABITS: readonly (readonly [string, Habits])[] = [
  ['its availability alone', plain],
  ['its availability, and its states are kept', { ...plain, retains: true }],
  ['its availability and last_seen', { ...plain, tellsLastSeen: true }],
  ['its heartbeats alone', { ...plain, device: WITH_HEARTBEAT, watches: false }],
  ['its heartbeats, and its states are kept', { ...plain, device: WITH_HEARTBEAT, watches: false, retains: true }],
  ['its heartbeats and last_seen', { ...plain, device: WITH_HEARTBEAT, watches: false, tellsLastSeen: true }],
  ['all of these', { ...plain, device: WITH_HEARTBEAT, tellsLastSeen: true, retains: true }],
  ['all, by a clock two hours behind', { ...plain, device: WITH_HEARTBEAT, tellsLastSeen: true, clockAheadMs: -7.2e6 }],
  ['all, by a clock two hours ahead', { ...plain, device: WITH_HEARTBEAT, tellsLastSeen: true, clockAheadMs: 7.2e6 }],
];

type Step = (one: BridgedWorld) => void;

const STEPS: Readonly<Record<string, Step>> = {
  report: (one) => one.report(),
  press: (one) => one.report(true),
  move: (one) => one.move(),
  die: (one) => one.die(),
  revive: (one) => one.revive(),
  killBridge: (one) => one.killBridge(),
  startBridge: (one) => one.startBridge(),
  glitch: (one) => one.glitch(),
  loseBroker: (one) => one.loseBroker(),
  findBroker: (one) => one.findBroker(),
  restartGateway: (one) => one.restartGateway(),
};

const story = fc.array(
  fc.record({
    step: fc.constantFrom(...Object.keys(STEPS)),
    waitMs: fc.constantFrom(0, 1_000, 20_000, 40_000, 3 * MINUTE_MS, 30 * MINUTE_MS),
  }),
  { minLength: 1, maxLength: 12, size: 'max' },
);

function nothingDeadIsWell(one: BridgedWorld): void {
  const { nowMs } = one.world.clock;
  const isDeadForLong = !one.isAlive && nowMs - one.diedMs > NOTICED_MS;
  if (isDeadForLong) expect(one.supervised).not.toBe('ok');
  // A door that moved unheard is unknown, or its sensor is just lost.
  const isWrong = one.door !== 'unknown' && one.door !== (one.isOpen ? 'open' : 'closed');
  const mayBeWrong = nowMs - one.movedMs < 1_000 || (!one.isAlive && !isDeadForLong);
  if (isWrong) expect(mayBeWrong, `the door is ${one.isOpen ? 'open' : 'closed'}, and shown ${one.door}`).toBe(true);
}

test.each(HABITS)('a sensor supervised by %s: nothing dead is well, and nothing well is dead for ever', (_, habits) => {
  fc.assert(
    fc.property(story, (steps) => {
      const one = new BridgedWorld(habits);
      for (const { step, waitMs } of steps) {
        STEPS[step]?.(one);
        one.pass(waitMs, () => nothingDeadIsWell(one));
      }
      one.findBroker();
      one.startBridge();
      one.revive();
      one.pass(HEALED_MS, () => nothingDeadIsWell(one));
      expect(one.supervised).toBe('ok');
      expect(one.door).toBe(one.isOpen ? 'open' : 'closed');
      expect([...one.world.troubles]).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
