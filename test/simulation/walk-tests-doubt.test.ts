import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../gateway/core/journal-record.ts';
import { recoveredState } from '../../gateway/core/restart/journal-replay.ts';
import type { Device, Location, Site } from '../../gateway/core/site.ts';
import type { WalkTestCommand } from '../../protocol/walk-test-command.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const MINUTE = 60_000;
const CENTRAL = path('central', { supervision: { ...path('central').supervision, mode: 'off' } });
const ANNEX: Location = {
  building: 'B',
  floor: '1',
  room: '201',
  text: 'Annex, Floor 1, Rm 201',
  names: { building: 'Annex', floor: 'Floor 1', room: 'Rm 201' },
};
const BEATS = { type: 'heartbeat', uptimeSeconds: 1, lowBattery: false, tamper: false, silentMode: false } as const;
const STOP = { command: 'walk-test', action: 'stop', reason: 'done', by: 'cli:maria' } as const;

function school(devices: readonly Device[] = [device(101), device(201, { location: ANNEX })]): Site {
  return site(devices, [CENTRAL]);
}

function ready(of = school()): SensorWorld {
  const world = new SensorWorld(of);
  beat(world, 1);
  world.run(10_000);
  return world;
}

/** Each device gives a sign of life. */
function beat(world: SensorWorld, counter: number): void {
  for (const id of ['wb-101', 'wb-201'])
    world.say(id, { ...BEATS, points: [] }, { identity: { epoch: 1, counter }, authenticated: true, input: 'bus-1' });
}

function start(world: SensorWorld, scope = 'building:A') {
  const at = world.clock.now.wallMs;
  const said = { minutes: 60, tester: 'Maria', reason: 'commissioning', by: 'cli:maria', at };
  return world.command({ command: 'walk-test', action: 'start', scope, ...said } as WalkTestCommand);
}

function pressed(world: SensorWorld, id: string, counter: number): string {
  const before = world.raised.length;
  const press = { type: 'press', button: 0, pattern: 'single' } as const;
  world.say(id, press, { identity: { epoch: 1, counter }, authenticated: true, input: 'bus-1' });
  world.run(100);
  return world.raised.slice(before).find((each) => each.device === id)?.mode ?? 'lost';
}

function reload(world: SensorWorld, next: Site, inputs: readonly string[] = []): void {
  world.give({ type: 'reload', site: next, reopened: { inputs: new Set(inputs), paths: new Set() } });
}

describe('a press that may be older than the walk test is real', () => {
  test('also if the gateway was restarted between: the line was cut before the walk test began', () => {
    const world = ready();
    world.run(MINUTE);
    start(world);
    world.run(1000);
    world.crash();
    world.start();
    world.run(20_000);
    // The line is whole again, and the first that it carries is the press that waited.
    world.run(60_000);
    expect(pressed(world, 'wb-101', 2)).toBe('live');
  });

  test('of a device that was restarted with the gateway and waited for it', () => {
    const world = ready();
    start(world);
    world.crash();
    world.start();
    expect(pressed(world, 'wb-101', 2)).toBe('live');
  });

  test('of a device that was heard all the time, if the gateway stood still and reads the command first', () => {
    const world = ready();
    world.clock.nowMs += 15_000;
    world.give({ type: 'tick' });
    start(world);
    expect(pressed(world, 'wb-101', 2)).toBe('live');
    world.run(5000);
    expect(pressed(world, 'wb-101', 3)).toBe('test');
  });

  test('if the sign of life comes first, and the waiting press after it', () => {
    const world = ready();
    world.run(MINUTE);
    start(world);
    world.run(MINUTE);
    beat(world, 2);
    world.run(2500);
    expect(pressed(world, 'wb-101', 3)).toBe('live');
    world.run(5000);
    expect(pressed(world, 'wb-101', 4)).toBe('test');
  });
});

describe('a device that a reload moves', () => {
  const moved = () => school([device(101), device(201)]);

  test('into the place of the walk test stays real, over restarts too, until the walk test is started once more', () => {
    const world = ready();
    start(world);
    reload(world, moved());
    expect(world.logged('walkTest.movedIn')).toEqual([expect.objectContaining({ devices: 'wb-201' })]);
    expect(pressed(world, 'wb-201', 2)).toBe('live');
    world.run(4000);
    world.crash();
    world.start(moved());
    world.run(6000);
    beat(world, 3);
    world.run(6000);
    expect(pressed(world, 'wb-101', 4)).toBe('test');
    expect(pressed(world, 'wb-201', 4)).toBe('live');
    world.run(4000);
    start(world);
    expect(pressed(world, 'wb-201', 5)).toBe('test');
  });

  test('out of it is real at once', () => {
    const world = ready();
    start(world);
    reload(world, school([device(101, { location: ANNEX }), device(201, { location: ANNEX })]));
    expect(pressed(world, 'wb-101', 2)).toBe('live');
  });

  test('out of a site that loses the place altogether: nothing is a test, and the walk test can be stopped', () => {
    const world = ready();
    start(world);
    reload(world, school([device(201, { location: ANNEX })]));
    expect(pressed(world, 'wb-201', 2)).toBe('live');
    world.run(1000);
    expect(world.command(STOP)).toMatchObject({ ok: true });
  });
});

test('a device that is added to the place by a reload, or replaced there, is tested like the others', () => {
  const world = ready();
  start(world);
  reload(world, school([device(101, { keyFingerprint: 'bb' }), device(102), device(201, { location: ANNEX })]));
  for (const id of ['wb-101', 'wb-102'])
    world.say(
      id,
      { ...BEATS, points: [] },
      { identity: { epoch: 1, counter: 1 }, authenticated: true, input: 'bus-1' },
    );
  world.run(6000);
  expect(pressed(world, 'wb-101', 2)).toBe('test');
  expect(pressed(world, 'wb-102', 2)).toBe('test');
});

test('a press in the seconds after a reload that opened its input anew is real', () => {
  const world = ready();
  start(world);
  world.run(1000);
  reload(world, { ...school(), name: 'other' }, ['bus-1']);
  world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'open' } });
  expect(pressed(world, 'wb-101', 2)).toBe('live');
  world.run(6000);
  expect(pressed(world, 'wb-101', 3)).toBe('test');
});

describe('after the restore of a backup', () => {
  const restored = (before: SensorWorld): SensorWorld => {
    const { records, entries } = before.journal;
    const at = before.clock.now.wallMs;
    const session = recoveredState(records).session + 1_000_000;
    const record: JournalEntry = { record: { t: 'fromBackup', at, madeAt: at, session } };
    const world = new SensorWorld(school(), 7, [...entries, record]);
    beat(world, 500);
    world.run(6000);
    return world;
  };

  test('a walk test that ran when it was made is over: it may have been stopped since', () => {
    const before = ready();
    start(before);
    before.run(2 * MINUTE);
    const world = restored(before);
    expect(world.walkTest()).toMatchObject({ state: 'ended' });
    expect(pressed(world, 'wb-101', 501)).toBe('live');
  });

  test('and so is a drill', () => {
    const before = ready();
    const drill = { scope: 'site', minutes: 60, reason: 'autumn', by: 'maria' } as const;
    before.command({ command: 'drill', action: 'start', ...drill });
    before.run(2 * MINUTE);
    const world = restored(before);
    expect(pressed(world, 'wb-101', 501)).toBe('live');
    expect(recoveredState(world.journal.records).drills).toEqual([]);
  });
});
