import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { walkTestSettings } from '../../gateway/core/walk-test-settings.ts';
import type { SensorWorld } from './sensor-world.ts';
import { device, inTurn, site } from './site.ts';

import { CENTRAL, itemOf, LIVE, MINUTE, ready, reportOf, STOP, start } from './walk-test-school.ts';

describe('a press in a walk test', () => {
  test('is a test in its text and codes, never on a live-only path, and closes itself without a word', () => {
    const plan = {
      ...inTurn([CENTRAL, LIVE]),
      steps: [CENTRAL, LIVE].map(({ id }) => ({ path: id, afterMs: 0 })),
    };
    const world = ready({ plan });
    start(world);
    const alert = world.press('wb-101', 1);
    world.run(1000);
    expect(reportOf(world, alert)).toMatchObject({ exercise: 'test', sia: 'RX', contactId: '601' });
    expect(reportOf(world, alert)?.text.startsWith('TEST: ')).toBe(true);
    expect(world.published.get(`alert/${alert}`)).toMatchObject({ mode: 'test', state: 'resolved' });
    expect(world.sentOver('police')).toEqual([]);
    expect(world.attempts.filter(({ report }) => report.id.startsWith(alert))).toHaveLength(1);
    expect(world.walls.at(-1)).toBe('wb-101 1.1 accepted');
  });

  test('ticks its button with tester, pattern and the path it was proven on', () => {
    const world = ready();
    start(world);
    const alert = world.press('wb-101', 1);
    world.run(1000);
    const document = world.walkTest();
    expect(document).toMatchObject({ state: 'running', scope: 'building:A', counts: { tested: 1 } });
    expect(itemOf(document, 'button:wb-101/button-0')).toMatchObject({
      state: 'tested',
      proof: { kind: 'walkTest', tester: 'Maria', alert, pattern: 'single', paths: [{ path: 'central', ms: 2 }] },
    });
    expect(itemOf(document, 'button:wb-201/button-0')).toBeUndefined();
    expect(world.published.get('walk-test')).toMatchObject({ last: { item: 'button:wb-101/button-0' } });
  });

  test('waits for the receiver, and is no proof before', () => {
    const world = ready();
    world.receiverAnswers = false;
    start(world);
    world.press('wb-101', 1);
    world.run(1000);
    expect(itemOf(world.walkTest(), 'button:wb-101/button-0')).toMatchObject({
      state: 'awaiting',
      awaited: ['acknowledgement of central'],
    });
    world.command(STOP);
    world.receiverAnswers = true;
    const tries = world.attempts.length;
    world.run(10 * MINUTE);
    expect(itemOf(world.walkTest(), 'button:wb-101/button-0')).toMatchObject({ state: 'untested' });
    const later = world.attempts.slice(tries).map(({ report }) => report.id);
    expect(later.filter((id) => id.startsWith('wb-'))).toEqual([]);
  });

  test('where no path takes tests is ticked as pressed, and over', () => {
    const world = ready({ paths: [LIVE], plan: inTurn([LIVE]) });
    start(world);
    const alert = world.press('wb-101', 1);
    world.run(100);
    expect(itemOf(world.walkTest(), 'button:wb-101/button-0')).toMatchObject({ state: 'tested', proof: { paths: [] } });
    expect(world.published.get(`alert/${alert}`)).toMatchObject({ state: 'resolved' });
  });
});

describe('a press is real', () => {
  const isReal = (world: SensorWorld, alert: string) => {
    world.run(500);
    expect(reportOf(world, alert)).toBeDefined();
    expect(reportOf(world, alert)?.exercise).toBeUndefined();
  };

  test('from outside the scope', () => {
    const world = ready();
    start(world);
    isReal(world, world.press('wb-201', 1));
  });

  test('that is held', () => {
    const world = ready();
    start(world);
    isReal(world, world.press('wb-101', 1, { pattern: 'long' }));
  });

  test('that follows another of its button within 3 s, but not of another button or later', () => {
    const world = ready();
    start(world);
    world.press('wb-101', 1);
    world.run(2000);
    isReal(world, world.press('wb-101', 2));
    const other = world.press('wb-102', 1);
    world.run(4000);
    const later = world.press('wb-101', 3);
    world.run(500);
    expect(reportOf(world, other)?.exercise).toBe('test');
    expect(reportOf(world, later)?.exercise).toBe('test');
  });

  test('that follows one of before a crash', () => {
    const world = ready();
    start(world);
    world.press('wb-101', 1);
    world.run(500);
    world.crash();
    world.start();
    world.run(500);
    isReal(world, world.press('wb-101', 2));
  });

  test('that began before the walk test, although it is heard after its start', () => {
    const world = ready();
    world.run(1000);
    const beforeMs = world.clock.nowMs - 1;
    start(world);
    const identity = { epoch: 1, counter: 5 };
    const body = { type: 'press', button: 0, pattern: 'single' } as const;
    world.say('wb-101', body, { identity, authenticated: true, capturedMs: beforeMs });
    isReal(world, 'wb-101.1.5');
  });

  test('of a device whose input came up just now: it may have waited there', () => {
    const world = ready();
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'down', detail: 'unplugged' } });
    start(world);
    world.run(1000);
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'open' } });
    isReal(world, world.press('wb-101', 1));
    world.run(10_000);
    const later = world.press('wb-102', 1);
    world.run(500);
    expect(reportOf(world, later)?.exercise).toBe('test');
  });

  test('of a device that is overdue, until it has been heard since the start', () => {
    const devices = [device(101, { heartbeatMs: 30_000 })];
    const world = ready({ ...site(devices, [CENTRAL]), doors: [] });
    world.press('wb-101', 1);
    world.run(50_000);
    start(world);
    world.run(1000);
    isReal(world, world.press('wb-101', 2));
    world.run(5000);
    const heard = world.press('wb-101', 3);
    world.run(500);
    expect(reportOf(world, heard)?.exercise).toBe('test');
  });

  test('of a contact that stays closed: the test is followed by the real alarm', () => {
    const world = ready();
    start(world);
    world.contact('wb-301', 'active');
    world.run(2500);
    expect(world.raised.map(({ mode }) => mode)).toEqual(['test']);
    world.run(1000);
    expect(world.raised.map(({ mode }) => mode)).toEqual(['test', 'live']);
  });

  test('but not of a contact that opened again, nor where the site says that buttons latch', () => {
    const quick = ready();
    start(quick);
    quick.contact('wb-301', 'active');
    quick.run(500);
    quick.contact('wb-301', 'normal');
    quick.run(10_000);
    expect(quick.raised.map(({ mode }) => mode)).toEqual(['test']);
    const latching = ready({ walkTest: { ...walkTestSettings({}), realHoldMs: 0 } });
    start(latching);
    latching.contact('wb-301', 'active');
    latching.run(10_000);
    expect(latching.raised.map(({ mode }) => mode)).toEqual(['test']);
  });

  test('of a node that says, when it is let go, that it was held; its answer waits for the alert', () => {
    const world = ready();
    start(world);
    world.press('wb-101', 1);
    world.run(6000);
    world.say('wb-101', { type: 'release', button: 0, heldMs: 6000 }, { identity: { epoch: 1, counter: 2 } });
    isReal(world, 'wb-101.1.2');
  });
});

describe('it ends', () => {
  test.each([1, 2, 3, 4])('by itself after its minutes, over restarts at any point, seed %i', (seed) => {
    const life = fc.sample(fc.array(fc.integer({ min: 1, max: 12 * MINUTE }), { minLength: 1, maxLength: 6 }), {
      numRuns: 8,
      seed,
    });
    for (const runs of life) {
      const world = ready();
      start(world, 'site', { minutes: 15 });
      const endMs = world.clock.nowMs + 15 * MINUTE;
      for (const ms of runs) {
        world.run(ms);
        world.crash();
        world.start();
      }
      // A minute of the journal may be lost in each crash, and that only shortens it.
      world.run(Math.max(0, endMs - world.clock.nowMs) + 6000);
      expect(world.walkTest().state).toBe('ended');
      const alert = world.press('wb-101', 1);
      world.run(500);
      expect(reportOf(world, alert)?.exercise).toBeUndefined();
    }
  });

  test('at once if the clock was set back while the gateway was away', () => {
    const world = ready();
    start(world);
    world.run(5 * MINUTE);
    world.crash();
    world.clock.wallOffsetMs = 0;
    world.start();
    world.run(1);
    expect(world.walkTest()).toMatchObject({ state: 'ended', ended_reason: 'its time is up' });
  });

  test('and the desk hears of its beginning and its end, once each', () => {
    const world = ready();
    start(world, 'building:A', { minutes: 1 });
    world.run(2 * MINUTE);
    const texts = world.attempts.map(({ report }) => report.text);
    expect(texts).toEqual([
      'TEST: walk test started, building:A, 1 min, Maria',
      expect.stringMatching(/^TEST: walk test ended, building:A, 0 tested, \d+ not: its time is up$/),
    ]);
    expect(world.attempts.map(({ report }) => [report.sia, report.contactId])).toEqual([
      ['TS', '607'],
      ['TE', '607'],
    ]);
  });

  test('what was ticked before a crash is ticked after it', () => {
    const world = ready();
    start(world);
    world.press('wb-101', 1);
    world.run(1000);
    world.crash();
    world.start();
    world.run(10_000);
    expect(world.walkTest()).toMatchObject({ state: 'running', tester: 'Maria', counts: { tested: 1 } });
    world.crash();
    world.start();
    expect(itemOf(world.walkTest(), 'button:wb-101/button-0')?.proof).toMatchObject({ tester: 'Maria' });
  });
});

describe('a command to start one is refused', () => {
  test.each<[string, number]>([
    ['that waited at a broker', -5 * MINUTE],
    ['of a clock that is ahead', 5 * MINUTE],
  ])('%s', (_, offsetMs) => {
    const world = ready();
    expect(start(world, 'site', { at: world.clock.now.wallMs + offsetMs })).toMatchObject({ ok: false });
  });

  test('that was given before, over a restart too', () => {
    const world = ready();
    const at = world.clock.now.wallMs;
    expect(start(world, 'site', { at })).toMatchObject({ ok: true });
    world.run(1000);
    world.command(STOP);
    world.run(1000);
    expect(start(world, 'site', { at })).toMatchObject({ ok: false });
    world.crash();
    world.start();
    expect(start(world, 'site', { at })).toMatchObject({ ok: false });
    world.run(1000);
    expect(start(world, 'site')).toMatchObject({ ok: true });
  });

  test('where a drill runs, and a drill where a walk test runs', () => {
    const world = ready();
    const drill = { command: 'drill', action: 'start', minutes: 5, reason: 'autumn', by: 'maria' } as const;
    world.command({ ...drill, scope: 'room:A/1/101' });
    expect(start(world, 'building:A')?.text).toContain('a drill runs in room:A/1/101');
    expect(start(world, 'building:B')).toMatchObject({ ok: true });
    expect(world.command({ ...drill, scope: 'site' })?.text).toContain('a walk test runs in building:B');
    expect(world.command({ ...drill, scope: 'building:A' })).toMatchObject({ ok: true });
  });

  test('of another scope while one runs; the same scope gets a new end', () => {
    const world = ready();
    start(world);
    world.run(1000);
    expect(start(world, 'site')?.text).toContain('a walk test runs in building:A');
    expect(start(world, 'building:A', { minutes: 120 })?.text).toContain('goes on');
  });
});

test('no press outside the scope is ever a test, and none at all is lost: crews, crashes, storms', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('press' as const), of: fc.constantFrom('wb-101', 'wb-102', 'wb-201') }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
    fc.constantFrom({ do: 'start' } as const, { do: 'stop' } as const, { do: 'crash' } as const),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const world = ready();
      const counters = new Map<string, number>();
      const pressed: { alert: string; of: string; mayBeTest: boolean }[] = [];
      for (const each of steps) {
        if (each.do === 'wait') world.run(each.ms);
        else if (each.do === 'start') start(world, 'building:A', { minutes: 1 });
        else if (each.do === 'stop') world.command(STOP);
        else if (each.do === 'crash') {
          world.run(50);
          world.crash();
          world.start();
        } else {
          const counter = (counters.get(each.of) ?? 0) + 1;
          counters.set(each.of, counter);
          const mayBeTest = each.of !== 'wb-201' && world.walkTest().state === 'running';
          pressed.push({ alert: world.press(each.of, counter), of: each.of, mayBeTest });
          world.run(20);
        }
      }
      world.run(MINUTE);
      for (const { alert, mayBeTest } of pressed) {
        const report = reportOf(world, alert);
        expect(report, alert).toBeDefined();
        if (!mayBeTest) expect(report?.exercise, alert).toBeUndefined();
      }
      const open = [...world.published].filter(([topic]) => topic.startsWith('alert/')).map(([, each]) => each);
      for (const each of open)
        if ('mode' in each && 'state' in each && each.mode === 'test') expect(each.state).toBe('resolved');
    }),
    { numRuns: 25 },
  );
});
