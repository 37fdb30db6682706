import { expect, test } from 'vitest';
import type { Path, Site } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, inTurn, path, site } from './site.ts';

const PATHS: readonly Path[] = ['central', 'cap', 'pager'].map((id) =>
  path(id, { supervision: { ...path(id).supervision, mode: 'off' } }),
);
const RACING: Site = {
  ...site([device(101, { heartbeatMs: 0 })], PATHS),
  plan: {
    ...inTurn(PATHS),
    steps: [
      { path: 'central', afterMs: 0 },
      { path: 'cap', afterMs: 0 },
      { path: 'pager', afterMs: 5000 },
    ],
  },
};
const cancel = (alert: string) => ({ command: 'cancel', alert, reason: 'pressed by a child', by: 'maria' }) as const;

test('a cancel goes to each path that got the alert, and to no other', () => {
  const world = new SensorWorld(RACING);
  const alert = world.press('wb-101', 1);
  world.run(1000);
  expect(world.command(cancel(alert))).toEqual({ ok: true, text: `${alert} cancelled` });
  world.run(60_000);
  expect(world.sentOver('central')).toEqual([alert, `${alert}.cancel`]);
  expect(world.sentOver('cap')).toEqual([alert, `${alert}.cancel`]);
  expect(world.sentOver('pager')).toEqual([]);
});

test('a cancel says who and why, names the alert it takes back, and has its own code', () => {
  const world = new SensorWorld(RACING);
  const alert = world.press('wb-101', 1);
  world.run(1000);
  world.command(cancel(alert));
  const { report } = world.attempts.at(-1) ?? {};
  expect(report).toMatchObject({ class: 'cancel', contactId: '406', qualifier: 1, follows: alert });
  expect(report?.alert).toMatchObject({ id: alert, by: 'maria', reason: 'pressed by a child' });
  expect(report?.alert?.earlier.map(({ id }) => id)).toEqual([alert]);
});

test('an alert is not ended twice, and one that never was is not ended', () => {
  const world = new SensorWorld(RACING);
  const alert = world.press('wb-101', 1);
  world.run(1000);
  world.command({ ...cancel(alert), command: 'resolve' });
  expect(world.command(cancel(alert))?.ok).toBe(false);
  expect(world.command(cancel('wb-101.1.99'))?.ok).toBe(false);
});

test('a cancel given before any receiver has the alert follows it, to every path that took it', () => {
  const world = new SensorWorld(RACING);
  world.receiverAnswers = false;
  const alert = world.press('wb-101', 1);
  world.run(1000);
  world.command(cancel(alert));
  world.run(7000);
  expect(world.attempts.every(({ report }) => report.id === alert)).toBe(true);
  world.receiverAnswers = true;
  world.run(120_000);
  for (const each of ['central', 'cap', 'pager']) expect(world.sentOver(each)).toContain(`${alert}.cancel`);
});

test.each(['before', 'after'] as const)('a crash %s the cancel left does not keep it from any path', (when) => {
  const world = new SensorWorld(RACING);
  const alert = world.press('wb-101', 1);
  world.run(1000);
  world.receiverAnswers = false;
  world.command(cancel(alert));
  world.run(when === 'before' ? 6 : 2000);
  world.crash();
  world.receiverAnswers = true;
  world.start();
  world.run(60_000);
  expect(world.sentOver('central').at(-1)).toBe(`${alert}.cancel`);
  expect(world.sentOver('cap').at(-1)).toBe(`${alert}.cancel`);
  world.crash();
  world.start();
  const before = world.attempts.length;
  world.run(60_000);
  expect(world.attempts).toHaveLength(before);
});

/** Paths that acknowledged the cancel, in order. */
function cancelledOn({ outcomes }: SensorWorld, alert: string): string[] {
  const acknowledged = outcomes.filter(({ type }) => type === 'receiverAcknowledged');
  return acknowledged.flatMap(({ path: id, report }) => (report === `${alert}.cancel` ? [id] : []));
}

test('a crash after one path had its cancel does not keep it from the others, and the one is not told again', () => {
  const world = new SensorWorld(RACING);
  const alert = world.press('wb-101', 1);
  world.run(1000);
  const answers = world.receive;
  world.receive = (attempt) => (attempt.path === 'cap' ? undefined : answers(attempt));
  world.command(cancel(alert));
  world.run(1000);
  world.crash();
  world.receive = answers;
  world.start();
  world.run(60_000);
  expect(world.sentOver('central')).toEqual([alert, `${alert}.cancel`]);
  expect(cancelledOn(world, alert)).toEqual(['central', 'cap']);
});

test('wherever a crash cuts the journal, a cancel that waited for its alert goes to each path that tried it', () => {
  const steps = RACING.plan.steps.map((step) => (step.path === 'cap' ? { ...step, afterMs: 500 } : step));
  for (let seed = 1; seed <= 40; seed++) {
    const world = new SensorWorld({ ...RACING, plan: { ...RACING.plan, steps } }, seed);
    world.receiverAnswers = false;
    const alert = world.press('wb-101', 1);
    world.run(1000);
    world.command(cancel(alert));
    world.run(1000);
    world.journalDelayMs = Number.POSITIVE_INFINITY;
    world.receiverAnswers = true;
    const answers = world.receive;
    world.receive = (attempt) => (attempt.report?.class === 'cancel' ? undefined : answers(attempt));
    world.run(2600);
    world.crash();
    world.receive = answers;
    world.journalDelayMs = 5;
    world.start();
    world.run(60_000);
    expect(cancelledOn(world, alert), `seed ${seed}`).toEqual(expect.arrayContaining(['central', 'cap']));
  }
});

test('a cancel does not overtake its alert on another connection of the same path', () => {
  const world = new SensorWorld(RACING);
  world.receive = ({ path: id, report }) => ({
    afterMs: id === 'cap' && report?.class === 'alarm' ? 3000 : 2,
    outcome: { type: 'receiverAcknowledged' },
  });
  const alert = world.press('wb-101', 1);
  world.run(100);
  world.command(cancel(alert));
  world.run(2000);
  expect(world.sentOver('cap')).toEqual([alert]);
  world.run(2000);
  expect(world.sentOver('cap')).toEqual([alert, `${alert}.cancel`]);
});
