import { expect, test } from 'vitest';
import type { Outcome } from '../../gateway/core/report.ts';
import {
  ACKNOWLEDGED,
  CUT_OFF,
  central,
  gapsOf,
  HOUR,
  isAlarm,
  isPoll,
  linkOf,
  MINUTE,
  polls,
  REFUSED,
  SECOND,
  stateOf,
  triesOf,
  worldWith,
} from './far-end-world.ts';
import { path } from './site.ts';

test('alarms that are always refused do not keep every other report waiting', () => {
  const world = worldWith([central({ supervision: polls('null') })], {
    central: (attempt) => (isAlarm(attempt) ? REFUSED : ACKNOWLEDGED),
  });
  world.press('wb-101', 1);
  world.press('wb-102', 1);
  world.run(5 * MINUTE);
  world.readings('wb-101', { points: [{ point: 2, active: true }] });
  world.run(MINUTE);
  const tamper = world.outcomes.filter(
    ({ report, type }) => report?.startsWith('tamper') && type === 'receiverAcknowledged',
  );
  expect(tamper).toHaveLength(1);
});

test('a rest that the far end asks for again at each new alarm does not put off the old ones for ever', () => {
  const limited: Outcome = { type: 'failed', reason: 'refused', detail: 'HTTP 503', retryAfterMs: 86_400_000 };
  const world = worldWith([central()], { central: (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : limited) });
  const first = world.press('wb-101', 1);
  const second = world.press('wb-102', 1);
  for (let counter = 2; counter < 10; counter++) {
    world.run(170 * SECOND);
    world.press('wb-101', counter);
  }
  const again = [...triesOf(world, first).slice(1), ...triesOf(world, second).slice(1)];
  expect(again.length).toBeGreaterThanOrEqual(2);
  const tries = new Map<string, number>();
  const repeats = world.attempts.filter(isAlarm).filter(({ report: { id } }) => {
    tries.set(id, (tries.get(id) ?? 0) + 1);
    return (tries.get(id) ?? 0) > 1;
  });
  expect(Math.max(...gapsOf(repeats.map(({ atMs }) => atMs)))).toBeLessThan(301 * SECOND);
});

test('a link that comes back just for one alarm, and is lost again, is told as down', () => {
  let isUp = true;
  const world = worldWith([central({ supervision: polls('null') })], {
    central: () => (isUp ? ACKNOWLEDGED : CUT_OFF),
  });
  world.run(5 * MINUTE);
  isUp = false;
  world.run(2 * MINUTE + 3 * SECOND);
  expect([...world.troubles]).toEqual(['pathDown.central']);
  isUp = true;
  const alert = world.press('wb-101', 1);
  world.run(SECOND);
  expect(stateOf(world, alert)).toBe('acknowledged');
  isUp = false;
  world.run(10 * MINUTE);
  expect(linkOf(world).state).toBe('down');
  expect([...world.troubles]).toEqual(['pathDown.central']);
});

test.each(['null', 'auto', 'test'] as const)(
  'a far end that answers polls on %s and never an alarm is told as down, for good',
  (mode) => {
    const world = worldWith([central({ supervision: polls(mode) })], {
      central: (attempt) => (isAlarm(attempt) ? undefined : ACKNOWLEDGED),
    });
    world.press('wb-101', 1);
    world.run(5 * MINUTE);
    expect([...world.troubles]).toEqual(['pathDown.central']);
    const { length } = world.told;
    world.run(HOUR);
    expect([...world.troubles]).toEqual(['pathDown.central']);
    expect(world.told.length).toBe(length);
  },
);

test('while alarms are refused the trouble says what they met with, whatever polls say meanwhile', () => {
  const said: Outcome = { ...REFUSED, detail: 'HTTP 404: nothing is at this URL: check url' } as Outcome;
  let poll: Outcome = { type: 'unproven', detail: 'HTTP 405 to HEAD' };
  const world = worldWith([central({ supervision: polls('null') })], {
    central: (attempt) => (isPoll(attempt) ? poll : said),
  });
  world.press('wb-101', 1);
  for (const next of [poll, CUT_OFF, REFUSED, ACKNOWLEDGED]) {
    poll = next;
    world.run(2 * MINUTE);
    expect(linkOf(world)).toMatchObject({ state: 'down', detail: expect.stringContaining('check url') });
    expect([...world.troubles]).toEqual(['pathDown.central']);
  }
  expect(new Set(world.told)).toEqual(new Set(['Path central down']));
  expect(world.details.filter((detail) => !detail.includes('check url'))).toEqual([]);
});

test('on a radio what never was on the air takes no air time, and is no repeat', () => {
  const airTime = { messageMs: 700, characterMs: 7, budgetMs: 3000, windowMs: 60_000, repeatsMax: 3, restMs: 60_000 };
  let isOpen = false;
  const supervision = { ...polls('null'), mode: 'off' } as const;
  const world = worldWith([central({ airTime, supervision })], { central: () => (isOpen ? undefined : CUT_OFF) });
  const alert = world.press('wb-101', 1);
  world.run(5 * MINUTE);
  expect(Math.max(...gapsOf(triesOf(world, alert)))).toBeLessThan(31 * SECOND);
  isOpen = true;
  const openMs = world.clock.nowMs;
  world.run(10 * MINUTE);
  const times = triesOf(world, alert).filter((atMs) => atMs > openMs);
  const gaps = gapsOf([openMs, ...times]);
  expect(gaps[0]).toBeLessThan(31 * SECOND);
  // Three in a row, the last given up after 20 s, and then the rest.
  expect(gaps.findIndex((gap) => gap >= 80 * SECOND)).toBe(3);
});

test('in a storm with far ends that refuse, hang and limit, each alarm has its turn, and all leave once they are well', () => {
  const limited: Outcome = { type: 'failed', reason: 'refused', detail: 'HTTP 429', retryAfterMs: 60_000 };
  const supervision = polls('null');
  const paths = [central({ supervision }), path('hangs', { supervision }), path('limits', { supervision })];
  const steps = paths.map(({ id }) => ({ path: id, afterMs: 0 }));
  const world = worldWith(
    paths,
    {
      central: (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : REFUSED),
      hangs: (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : undefined),
      limits: (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : limited),
    },
    { steps, done: 'receiverAcknowledged' },
  );
  const alarms = Array.from({ length: 100 }, (_, count) => {
    world.run(20);
    return world.press('wb-101', count + 1);
  });
  world.run(12 * MINUTE);
  for (const over of ['central', 'hangs', 'limits']) {
    expect(alarms.filter((alarm) => triesOf(world, alarm, over).length === 0)).toEqual([]);
  }
  const gaps = alarms.flatMap((alarm) => gapsOf([...triesOf(world, alarm), world.clock.nowMs]));
  expect(Math.max(...gaps)).toBeLessThan(35 * SECOND);
  const pressedMs = world.clock.nowMs;
  const alert = world.press('wb-102', 1);
  world.run(6 * SECOND);
  const waits = ['central', 'hangs', 'limits'].map(
    (over) => (triesOf(world, alert, over)[0] ?? Number.NaN) - pressedMs,
  );
  expect(waits[0]).toBeLessThanOrEqual(250);
  expect(waits[1]).toBeLessThanOrEqual(250);
  expect(waits[2]).toBeLessThanOrEqual(5 * SECOND);
  expect([...world.troubles].sort()).toEqual(['pathDown.central', 'pathDown.hangs', 'pathDown.limits']);
  world.receive = () => ({ afterMs: 20, outcome: ACKNOWLEDGED });
  world.run(10 * SECOND);
  expect([...alarms, alert].filter((alarm) => !world.doneMs.has(alarm))).toEqual([]);
});
