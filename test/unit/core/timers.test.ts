import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Timer, Timers } from '../../../gateway/core/timers.ts';

/** There are few names, so that one is in many timers and parts of different timers look alike. */
const id = fc.constantFrom('a', '1', 'a.1');
const count = fc.integer({ min: 0, max: 2 });

const BY_TYPE: { readonly [T in Timer['type']]: fc.Arbitrary<Extract<Timer, { readonly type: T }>> } = {
  attemptTimeout: fc.record({ type: fc.constant('attemptTimeout'), path: id, attempt: count }),
  deliveryRetry: fc.record({ type: fc.constant('deliveryRetry'), path: id, report: id }),
  holdOffEnd: fc.record({ type: fc.constant('holdOffEnd'), path: id }),
  joinPath: fc.record({ type: fc.constant('joinPath'), report: id }),
  notConfirmed: fc.record({ type: fc.constant('notConfirmed'), alert: id }),
  autoResolve: fc.record({ type: fc.constant('autoResolve') }),
  alertDocuments: fc.record({ type: fc.constant('alertDocuments') }),
  alertSurplus: fc.record({ type: fc.constant('alertSurplus') }),
  certificates: fc.record({ type: fc.constant('certificates') }),
  clockUnsynchronised: fc.record({ type: fc.constant('clockUnsynchronised') }),
  inputDue: fc.record({ type: fc.constant('inputDue'), input: id }),
  deviceDue: fc.record({ type: fc.constant('deviceDue'), device: id }),
  bridgeDue: fc.record({ type: fc.constant('bridgeDue'), bridge: id }),
  bridgeCached: fc.record({ type: fc.constant('bridgeCached'), bridge: id }),
  probe: fc.record({ type: fc.constant('probe'), path: id }),
  debounce: fc.record({ type: fc.constant('debounce'), device: id, point: count }),
  buttonContact: fc.record({ type: fc.constant('buttonContact'), device: id, button: count }),
  contactWire: fc.record({
    type: fc.constant('contactWire'),
    device: id,
    of: fc.constantFrom('button', 'point'),
    number: count,
  }),
  heldPress: fc.record({ type: fc.constant('heldPress'), record: count }),
  commandAnswer: fc.record({ type: fc.constant('commandAnswer'), ticket: count }),
  holdWait: fc.record({ type: fc.constant('holdWait'), device: id, button: count }),
  testHold: fc.record({ type: fc.constant('testHold'), device: id, button: count }),
  walkTest: fc.record({ type: fc.constant('walkTest') }),
  outputShown: fc.record({ type: fc.constant('outputShown') }),
  sensorWatch: fc.record({ type: fc.constant('sensorWatch') }),
  enrolmentEnd: fc.record({ type: fc.constant('enrolmentEnd'), device: id }),
  noticeWindow: fc.record({ type: fc.constant('noticeWindow'), key: id }),
  flappingEnd: fc.record({
    type: fc.constant('flappingEnd'),
    trouble: fc.constantFrom('tamper', 'inputDown'),
    subject: id,
  }),
  doorForced: fc.record({ type: fc.constant('doorForced'), door: id }),
  doorHeldOpen: fc.record({ type: fc.constant('doorHeldOpen'), door: id }),
  alertDoors: fc.record({ type: fc.constant('alertDoors'), building: id }),
  drill: fc.record({ type: fc.constant('drill'), scope: id }),
  canaryDue: fc.constant({ type: 'canaryDue' }),
  canaryLate: fc.constant({ type: 'canaryLate' }),
  canaryRelease: fc.constant({ type: 'canaryRelease' }),
  answersDue: fc.constant({ type: 'answersDue' }),
  checkpoint: fc.constant({ type: 'checkpoint' }),
  internalPressDue: fc.constant({ type: 'internalPressDue' }),
  internalPress: fc.constant({ type: 'internalPress' }),
  beat: fc.constant({ type: 'beat' }),
};

const anyTimer: fc.Arbitrary<Timer> = fc.oneof(...Object.values(BY_TYPE));
/** Two timers of one type are more often nearly the same. */
const twoTimers: fc.Arbitrary<readonly [Timer, Timer]> = fc.oneof(
  fc.tuple(anyTimer, anyTimer),
  ...Object.values(BY_TYPE).map((each: fc.Arbitrary<Timer>) => fc.tuple(each, each)),
);

test('two timers are one exactly if all their fields are equal', () => {
  fc.assert(
    fc.property(twoTimers, ([one, other]) => {
      const timers = new Timers();
      timers.set(one, 1);
      const isSame = identityOf(one) === identityOf(other);
      expect(timers.has(other)).toBe(isSame);
      timers.clear(other);
      expect(timers.size).toBe(isSame ? 0 : 1);
    }),
    { numRuns: 4_000 },
  );
});

test('in which order the fields of a timer are written makes no difference', () => {
  const timers = new Timers();
  timers.set({ type: 'debounce', device: 'a', point: 1 }, 1);
  timers.clear({ point: 1, device: 'a', type: 'debounce' });
  expect(timers.size).toBe(0);
});

type Step =
  | { readonly type: 'set'; readonly timer: Timer; readonly dueMs: number }
  | { readonly type: 'clear'; readonly timer: Timer }
  | { readonly type: 'take'; readonly monoMs: number }
  | { readonly type: 'postpone'; readonly untilMs: number };

/** Few timers and few instants, so that deadlines are replaced and are equal all the time. */
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const timer: fc.Arbitrary<Timer> = fc.oneof(
  fc.record({ type: fc.constant('notConfirmed' as const), alert: name }),
  fc.record({ type: fc.constant('deviceDue' as const), device: name }),
);
const instant = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('set' as const), timer, dueMs: instant }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('clear' as const), timer }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('take' as const), monoMs: instant }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('postpone' as const), untilMs: instant }) },
);

test('whatever is set, replaced, postponed and cleared: timers of alerts fire first, then the earliest, then the one set first', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const timers = new Timers();
      const model = new NaiveTimers();
      for (const each of steps) {
        if (each.type === 'clear') {
          timers.clear(each.timer);
          model.clear(each.timer);
        } else if (each.type === 'take') {
          expect(timers.takeDue(each.monoMs)).toEqual(model.takeDue(each.monoMs));
        } else if (each.type === 'postpone') {
          timers.postpone(each.untilMs, ({ type }) => type === 'deviceDue');
          model.postponeDevices(each.untilMs);
        } else {
          timers.set(each.timer, each.dueMs);
          model.set(each.timer, each.dueMs);
        }
        expect(timers.nextMs()).toBe(model.nextMs());
        expect(timers.size).toBe(model.size);
        for (const known of ['a', 'c', 'e']) {
          const due = { type: 'deviceDue', device: known } as const;
          expect(timers.has(due)).toBe(model.dueMs(due) !== undefined);
          expect(timers.dueMs(due)).toBe(model.dueMs(due));
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('a deadline that is put off at every message is kept once, however many messages there are', () => {
  const timers = new Timers();
  for (let message = 0; message < 100_000; message++) {
    timers.set({ type: 'deviceDue', device: `device-${message % 50}` }, message + 3_600_000);
  }
  expect(timers.size).toBe(50);
});

/** Independent of how `Timers` makes its keys. */
function identityOf(timer: Timer): string {
  return JSON.stringify(Object.entries(timer).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function areSame(one: Timer, other: Timer): boolean {
  return one.type === other.type && identityOf(one) === identityOf(other);
}

/** All deadlines in a list, in the order they were set. */
class NaiveTimers {
  #all: { readonly timer: Timer; readonly dueMs: number }[] = [];

  get size(): number {
    return this.#all.length;
  }

  set(timer: Timer, dueMs: number): void {
    this.clear(timer);
    this.#all.push({ timer, dueMs });
  }

  clear(timer: Timer): void {
    this.#all = this.#all.filter((each) => !areSame(each.timer, timer));
  }

  dueMs(timer: Timer): number | undefined {
    return this.#all.find((each) => areSame(each.timer, timer))?.dueMs;
  }

  postponeDevices(untilMs: number): void {
    const early = this.#all.filter(({ dueMs, timer }) => dueMs < untilMs && timer.type === 'deviceDue');
    for (const { timer } of early.toSorted((one, other) => one.dueMs - other.dueMs)) this.set(timer, untilMs);
  }

  nextMs(): number | undefined {
    return this.#all.length === 0 ? undefined : Math.min(...this.#all.map(({ dueMs }) => dueMs));
  }

  takeDue(monoMs: number): Timer | undefined {
    const due = this.#all.filter(({ dueMs }) => dueMs <= monoMs);
    const ofAlerts = due.filter(({ timer }) => timer.type === 'notConfirmed');
    const among = ofAlerts.length > 0 ? ofAlerts : due;
    const first = among.toSorted((one, other) => one.dueMs - other.dueMs)[0];
    if (first !== undefined) this.clear(first.timer);
    return first?.timer;
  }
}
