import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Site } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, inTurn, path, site } from './site.ts';

const OFF = { ...path('central').supervision, mode: 'off' } as const;
const CENTRAL = path('central', { supervision: OFF });
const LIVE = path('police', { supervision: OFF, liveOnly: true });
const MINUTE = 60_000;

function school(changes: Partial<Site> = {}): Site {
  const names = { building: 'Annex', floor: 'Floor 1', room: 'Rm 201' };
  const annex = { building: 'B', floor: '1', room: '201', text: 'Annex, Floor 1, Rm 201', names };
  const devices = [device(101, { heartbeatMs: 0 }), device(201, { heartbeatMs: 0, location: annex })];
  return { ...site(devices, [CENTRAL, LIVE]), ...changes };
}

function drill(scope: string, minutes = 15) {
  return { command: 'drill', action: 'start', scope, minutes, reason: 'spring exercise', by: 'maria' } as const;
}

const stop = (scope: string) => ({ ...drill(scope, 0), action: 'stop' }) as const;

function reportOf(world: SensorWorld, id: string) {
  return world.attempts.find(({ report }) => report.id === id)?.report;
}

test('in a drill every text begins with DRILL, and every code is a test’s', () => {
  const world = new SensorWorld(school());
  expect(world.command(drill('building:A'))?.ok).toBe(true);
  const alert = world.press('wb-101', 1);
  world.run(1000);
  world.command({ command: 'resolve', alert, reason: 'over', by: 'maria' });
  world.run(1000);
  const texts = world.attempts.map(({ report }) => report.text);
  expect(texts.every((text) => text.startsWith('DRILL: '))).toBe(true);
  expect(reportOf(world, alert)).toMatchObject({ exercise: 'drill', sia: 'RX', contactId: '601' });
  expect(reportOf(world, `${alert}.restore`)).toMatchObject({ exercise: 'drill', sia: 'RX', contactId: '601' });
  expect(world.published.get(`alert/${alert}`)).toMatchObject({ mode: 'drill' });
});

test('a press from outside the scope is real', () => {
  const world = new SensorWorld(school());
  world.command(drill('building:A'));
  const alert = world.press('wb-201', 1);
  world.run(1000);
  expect(reportOf(world, alert)).toMatchObject({ sia: 'HA', text: 'Hold-up, Annex, Floor 1, Rm 201' });
  expect(reportOf(world, alert)?.exercise).toBeUndefined();
});

test.each(['site', 'building:A', 'floor:A/1', 'room:A/1/101', 'device:wb-101'])('%s covers Rm 101', (scope) => {
  const world = new SensorWorld(school());
  expect(world.command(drill(scope))?.ok).toBe(true);
  const alert = world.press('wb-101', 1);
  world.run(1000);
  expect(reportOf(world, alert)?.exercise).toBe('drill');
});

test('a scope that is nowhere in the site is refused', () => {
  const world = new SensorWorld(school());
  expect(world.command(drill('building:C'))).toMatchObject({ ok: false });
  expect(world.command(drill('nonsense'))).toMatchObject({ ok: false });
});

test('a live-only path carries nothing of a drill, and everything that is real', () => {
  const world = new SensorWorld({
    ...school(),
    plan: { ...inTurn([CENTRAL, LIVE]), steps: [CENTRAL, LIVE].map(({ id }) => ({ path: id, afterMs: 0 })) },
  });
  world.command(drill('building:A'));
  const exercise = world.press('wb-101', 1);
  const real = world.press('wb-201', 1);
  world.run(1000);
  world.command(stop('all'));
  world.run(1000);
  expect(world.sentOver('police')).toEqual([real]);
  expect(world.sentOver('central')).toContain(exercise);
});

test('a drill alert that no path takes is heard, asks for nobody, and ends with the drill', () => {
  const world = new SensorWorld({ ...school(), plan: inTurn([LIVE]) });
  world.command(drill('site'));
  const alert = world.press('wb-101', 1);
  world.run(30_000);
  expect(world.published.get(`alert/${alert}`)).toMatchObject({ not_confirmed: false });
  world.command(stop('site'));
  expect(world.published.get(`alert/${alert}`)).toMatchObject({
    state: 'resolved',
    closed_reason: 'the drill is over',
  });
});

test('a configured override makes a press from inside the scope real', () => {
  const world = new SensorWorld(school({ drillOverride: new Set(['long'] as const) }));
  world.command(drill('site'));
  const alert = world.press('wb-101', 1, { pattern: 'long' });
  world.run(1000);
  expect(reportOf(world, alert)?.exercise).toBeUndefined();
});

test('a drill ends by itself, and says so', () => {
  const world = new SensorWorld(school());
  world.command(drill('building:A', 15));
  world.run(15 * MINUTE + 1000);
  expect(world.published.get('drill/building:A')).toMatchObject({ state: 'ended' });
  expect(world.attempts.at(-1)?.report).toMatchObject({ sia: 'TE', contactId: '607', qualifier: 3 });
  const alert = world.press('wb-101', 1);
  world.run(1000);
  expect(reportOf(world, alert)?.exercise).toBeUndefined();
});

test('what happened in a drill is resolved with it; what was real is not', () => {
  const world = new SensorWorld(school());
  const real = world.press('wb-101', 1);
  world.command(drill('building:A', 15));
  const exercise = world.press('wb-101', 2);
  world.run(16 * MINUTE);
  expect(world.published.get(`alert/${exercise}`)).toMatchObject({ state: 'resolved' });
  expect(world.published.get(`alert/${real}`)).toMatchObject({ state: 'acknowledged' });
});

test('a press that was captured before the drill began is real, although it is handled after: the gateway stood still', () => {
  const world = new SensorWorld(school());
  world.run(1000);
  const beforeMs = world.clock.nowMs - 1;
  world.command(drill('site'));
  const press = { type: 'press', button: 0, pattern: 'single' } as const;
  world.say('wb-101', press, { identity: { epoch: 1, counter: 1 }, capturedMs: beforeMs });
  world.say('wb-201', press, { identity: { epoch: 1, counter: 1 } });
  expect(world.raised.map(({ mode }) => mode)).toEqual(['live', 'drill']);
});

test.each([0, 900])(
  'a press that waited unread since before the drill is real, %d ms after the gateway stood still',
  (readMs) => {
    const world = new SensorWorld(school());
    world.run(20_000);
    world.clock.nowMs += 15_000;
    // The command waited as well, and is read first. Drivers stamp a press when they read it.
    world.give({ type: 'tick' });
    world.command(drill('site'));
    world.run(readMs);
    const press = { type: 'press', button: 0, pattern: 'single' } as const;
    world.say('wb-101', press, { identity: { epoch: 1, counter: 1 } });
    world.run(2_000);
    world.say('wb-201', press, { identity: { epoch: 1, counter: 1 } });
    expect(world.raised.map(({ mode }) => mode)).toEqual(['live', 'drill']);
  },
);

test('a press that waited for its line since before the drill is real', () => {
  const world = new SensorWorld(school());
  const line = (state: 'up' | 'down') =>
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state, detail: state } });
  world.run(20_000);
  line('down');
  world.run(60_000);
  world.command(drill('site'));
  world.run(60_000);
  line('up');
  world.press('wb-101', 1);
  world.run(10_000);
  world.press('wb-201', 1);
  expect(world.raised.map(({ mode }) => mode)).toEqual(['live', 'drill']);
});

test('a drill that replaces another says so to the operator and the receivers, and the journal keeps who ran the first', () => {
  const world = new SensorWorld(school());
  expect(world.command(drill('building:A'))?.text).not.toContain('replaces');
  world.run(1000);
  const again = world.command({ ...drill('building:A', 30), reason: 'second try', by: 'omar' });
  expect(again?.text).toMatch(
    /^drill in building:A until \S+; it replaces the one that ran until \S+, started by maria: spring exercise$/,
  );
  world.run(1000);
  expect(world.attempts.map(({ report }) => report.text)).toContain(
    'DRILL: drill started, building:A, 30 min, by omar, replaces another',
  );
  const kept = world.journal.records.flatMap((record) =>
    record.t === 'drill' ? [[record.state, record.by, record.reason]] : [],
  );
  expect(kept).toEqual([
    ['running', 'maria', 'spring exercise'],
    ['ended', 'omar', 'replaced by another drill: second try'],
    ['running', 'omar', 'second try'],
  ]);
  // The drill runs as long as the second one says.
  world.run(20 * MINUTE);
  const alert = world.press('wb-101', 1);
  world.run(1000);
  expect(reportOf(world, alert)?.exercise).toBe('drill');
});

test('stopping what does not run is refused, and names the scope', () => {
  const world = new SensorWorld(school());
  expect(world.command(stop('building:A'))).toEqual({ ok: false, text: 'no drill runs in building:A' });
  expect(world.command(stop('all'))).toEqual({ ok: false, text: 'no drill runs' });
});

test('no crash lengthens a drill, and none shortens it by more than a minute', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 10, max: 400_000 }), { maxLength: 6 }), (crashesAfterMs) => {
      const world = new SensorWorld(school());
      const startMs = world.clock.nowMs;
      world.command(drill('building:A', 15));
      world.run(100);
      for (const ms of crashesAfterMs) {
        world.run(ms);
        world.crash();
        world.start();
      }
      const endMs = startMs + 15 * MINUTE;
      const leftMs = endMs - world.clock.nowMs;
      if (leftMs > 2000) world.run(leftMs - 2000);
      let alert = world.press('wb-101', 1);
      world.run(500);
      expect(reportOf(world, alert)?.exercise).toBe(leftMs > 0 ? 'drill' : undefined);
      world.run(4000);
      alert = world.press('wb-101', 2);
      world.run(500);
      expect(reportOf(world, alert)?.exercise).toBeUndefined();
    }),
    // A seed found this counterexample: at the last start the drill has 2 s left.
    { numRuns: 40, examples: [[[85_728, 312_169, 257_364, 57_653, 179_562, 5424]]] },
  );
});

test('a wall clock that was set back while the gateway was away ends the drill: a real press must not be taken for one', () => {
  const world = new SensorWorld(school());
  world.command(drill('site', 60));
  world.run(10 * MINUTE);
  world.crash();
  world.clock.wallOffsetMs = -world.clock.nowMs;
  world.start();
  const alert = world.press('wb-101', 1);
  world.run(1000);
  expect(reportOf(world, alert)?.exercise).toBeUndefined();
});

test('a drill that ended while the gateway was away ends its alerts too', () => {
  const world = new SensorWorld(school());
  world.command(drill('building:A', 15));
  const exercise = world.press('wb-101', 1);
  world.run(1000);
  world.crash();
  world.run(20 * MINUTE);
  world.start();
  world.run(1000);
  expect(world.published.get(`alert/${exercise}`)).toMatchObject({ state: 'resolved' });
  expect(world.sentOver('central')).toContain(`${exercise}.restore`);
});
