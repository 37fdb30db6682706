import { expect, test } from 'vitest';
import type { Signal } from '../../gateway/core/signal.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const HEARTBEAT = { type: 'heartbeat', uptimeSeconds: 1, lowBattery: false, tamper: false, silentMode: false } as const;
const SCHOOL = site([device(101, { heartbeatMs: 30_000 }), device(102, { heartbeatMs: 0 })], [path('central')]);

function running(): SensorWorld {
  const world = new SensorWorld(SCHOOL);
  beat(world, 1);
  world.run(20_000);
  return world;
}

function beat(world: SensorWorld, counter: number): void {
  world.say('wb-101', { ...HEARTBEAT, points: [] }, { identity: { epoch: 1, counter }, authenticated: true });
}

function press(world: SensorWorld, id: string, counter: number, how: Partial<Signal> = {}) {
  const body = { type: 'press', button: 0, pattern: 'single' } as const;
  world.say(id, body, { identity: { epoch: 1, counter }, authenticated: true, ...how });
  return world.raised.find((each) => each.id === `${id}.1.${counter}`);
}

function input(world: SensorWorld, state: 'up' | 'down'): void {
  world.give({ type: 'inputHealth', health: { input: 'bus-1', state, detail: state } });
}

test('a press of a device that is heard is fresh, and nothing is said of its age', () => {
  const world = running();
  const alert = press(world, 'wb-101', 2);
  expect(alert).not.toHaveProperty('age_seconds_max');
  expect(alert?.text).not.toContain('may be');
});

test('a press that ends an outage of its line may be as old as the outage: record, document and text say so', () => {
  const world = running();
  input(world, 'down');
  world.run(78_000);
  input(world, 'up');
  world.run(1400);
  // Its last sign of life came 20 s before.
  expect(press(world, 'wb-101', 2)).toMatchObject({
    age_seconds_max: 100,
    text: expect.stringMatching(/ \(may be up to 100 s old\)$/),
  });
  world.run(1000);
  const raised = world.journal.records.find(({ t }) => t === 'alert');
  expect(raised).toMatchObject({ report: { alert: { ageSecondsMax: 100 } } });
});

test('also if a sign of life came first; a press 5 s later is fresh', () => {
  const world = running();
  input(world, 'down');
  world.run(78_000);
  input(world, 'up');
  beat(world, 2);
  world.run(2400);
  expect(press(world, 'wb-101', 3)).toMatchObject({ age_seconds_max: 101 });
  world.run(5000);
  expect(press(world, 'wb-101', 4)).not.toHaveProperty('age_seconds_max');
});

test('a device that was overdue on a line that is up: since its last sign of life', () => {
  const world = running();
  world.run(5 * 60_000);
  expect(press(world, 'wb-101', 2)).toMatchObject({
    age_seconds_max: 320,
    text: expect.stringContaining('(may be up to 6 min old)'),
  });
});

test('a device without signs of life: since its line was last heard, or two minutes before its loss was noticed', () => {
  const world = running();
  input(world, 'down');
  world.run(60_000);
  input(world, 'up');
  expect(press(world, 'wb-102', 1)).toMatchObject({ age_seconds_max: 80 });
});

test('a gateway that stood still: as long as that', () => {
  const world = running();
  world.clock.nowMs += 40_000;
  expect(press(world, 'wb-102', 1)).toMatchObject({ age_seconds_max: expect.any(Number) });
  expect(world.raised[0]?.age_seconds_max).toBeGreaterThanOrEqual(40);
});

test('the age outlives a restart and the packing of settled alerts', () => {
  const world = running();
  input(world, 'down');
  world.run(78_000);
  input(world, 'up');
  const { id = '', text } = press(world, 'wb-101', 2) ?? {};
  world.run(60_000);
  world.crash();
  world.start();
  world.run(1000);
  world.command({ command: 'resolve', alert: id, by: 'desk', reason: 'over' });
  expect(world.published.get(`alert/${id}`)).toMatchObject({ age_seconds_max: 98, text, state: 'resolved' });
});

test('after a restart: since the last record of the run before', () => {
  const world = running();
  world.run(60_000);
  const { at = 0 } = world.journal.records.at(-1) ?? {};
  world.crash();
  world.run(30_000);
  world.start();
  world.run(2000);
  const ageSeconds = Math.ceil((world.clock.now.wallMs - at) / 1000);
  expect(press(world, 'wb-101', 2)).toMatchObject({ age_seconds_max: ageSeconds });
  expect(ageSeconds).toBeGreaterThanOrEqual(32);
  world.run(6000);
  expect(press(world, 'wb-101', 3)).not.toHaveProperty('age_seconds_max');
});

test('soon after the first start, or if the clock was set back, nobody knows', () => {
  const world = new SensorWorld(SCHOOL);
  expect(press(world, 'wb-101', 1)).not.toHaveProperty('age_seconds_max');
  world.run(60_000);
  world.crash();
  world.clock.wallOffsetMs -= 3_600_000;
  world.start();
  expect(press(world, 'wb-101', 2)).not.toHaveProperty('age_seconds_max');
});
