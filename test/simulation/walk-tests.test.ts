import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Device, Site } from '../../gateway/core/site.ts';
import { walkTestSettings } from '../../gateway/core/walk-test-settings.ts';
import type { WalkTestCommand } from '../../protocol/walk-test-command.ts';
import type { WalkTestDocument, WalkTestItem } from '../../protocol/walk-test-document.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, inTurn, output, path, site } from './site.ts';

const OFF = { ...path('central').supervision, mode: 'off' } as const;
const CENTRAL = path('central', { supervision: OFF });
const LIVE = path('police', { supervision: OFF, liveOnly: true });
const MINUTE = 60_000;
const ANNEX = {
  building: 'B',
  floor: '1',
  room: '201',
  text: 'Annex, Floor 1, Rm 201',
  names: { building: 'Annex', floor: 'Floor 1', room: 'Rm 201' },
};

function wired(number: number, changes: Partial<Device> = {}): Device {
  const contact = { minimumMs: 20, rearmMs: 50, stuckMs: 60_000 };
  const button = { id: 'panic', number: 0, zone: number, kind: 'medical', contact };
  return device(number, { heartbeatMs: 0, buttons: new Map([[0, button]]), points: new Map(), ...changes });
}

function school(changes: Partial<Site> = {}): Site {
  const devices = [
    device(101, { heartbeatMs: 0 }),
    device(102, { heartbeatMs: 0 }),
    device(201, { heartbeatMs: 0, location: ANNEX }),
    wired(301),
  ];
  const contact = { device: 'wb-101', point: 0 };
  const bolt = { device: 'wb-101', point: 1 };
  const doors = [{ id: 'door-101', name: 'Rm 101', building: 'A', zone: 9, area: 0, contact, bolt }];
  return { ...site(devices, [CENTRAL, LIVE]), doors, outputs: [output('siren', 'bus-1')], ...changes };
}

/** A walk test that may begin at once: what waited for the input has been heard. */
function ready(changes: Partial<Site> = {}): SensorWorld {
  const world = new SensorWorld(school(changes));
  world.run(10_000);
  return world;
}

function start(world: SensorWorld, scope = 'building:A', changes: object = {}) {
  const at = world.clock.now.wallMs;
  const said = { minutes: 60, tester: 'Maria', reason: 'commissioning', by: 'cli:maria', at };
  return world.command({ command: 'walk-test', action: 'start', scope, ...said, ...changes } as WalkTestCommand);
}

const STOP = { command: 'walk-test', action: 'stop', reason: 'done', by: 'cli:maria' } as const;

function reportOf(world: SensorWorld, id: string) {
  return world.attempts.find(({ report }) => report.id === id)?.report;
}

function itemOf(document: WalkTestDocument, name: string): WalkTestItem | undefined {
  return document.places.flatMap(({ items }) => items).find(({ item }) => item === name);
}

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
    start(world);
    const identity = { epoch: 1, counter: 5 };
    const body = { type: 'press', button: 0, pattern: 'single' } as const;
    world.say('wb-101', body, { identity, authenticated: true, capturedMs: world.clock.nowMs - 1 });
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

describe('doors and outputs', () => {
  const move = (world: SensorWorld, point: number, active: boolean) => {
    world.say('wb-101', { type: 'contact', of: 'point', number: point, state: active ? 'active' : 'normal' });
    world.run(200);
  };

  test('a door is ticked when it was seen open and closed, unlocked and locked; until then it says what is missing', () => {
    const world = ready();
    move(world, 0, false);
    move(world, 1, false);
    start(world);
    move(world, 1, true);
    move(world, 0, true);
    expect(itemOf(world.walkTest(), 'door:door-101')).toMatchObject({
      state: 'awaiting',
      awaited: ['door to close', 'bolt to lock'],
    });
    move(world, 0, false);
    move(world, 1, false);
    expect(itemOf(world.walkTest(), 'door:door-101')).toMatchObject({ state: 'tested', proof: { kind: 'walkTest' } });
  });

  test('a door in daily use proves itself, at most once a day', () => {
    const world = ready();
    const use = () => {
      for (const [point, active] of [
        [1, true],
        [0, true],
        [0, false],
        [1, false],
      ] as const)
        move(world, point, active);
    };
    move(world, 0, false);
    move(world, 1, false);
    use();
    expect(itemOf(world.walkTest(), 'door:door-101')).toMatchObject({ earlier: { kind: 'use' } });
    const written = world.journal.records.filter(({ t }) => t === 'proven').length;
    use();
    expect(world.journal.records.filter(({ t }) => t === 'proven')).toHaveLength(written);
  });

  test('an output goes on for 5 s for the tester, and is ticked by word', () => {
    const world = ready();
    const say = { command: 'walk-test', output: 'siren', reason: 'walk test', by: 'cli:maria' } as const;
    expect(world.command({ ...say, action: 'show' })).toMatchObject({ ok: false });
    start(world, 'site');
    expect(world.command({ ...say, action: 'show' })).toMatchObject({ ok: true });
    expect(world.outputs.get('siren')).toBe(true);
    world.run(5001);
    expect(world.outputs.get('siren')).toBe(false);
    world.command({ ...say, action: 'tick' });
    expect(itemOf(world.walkTest(), 'output:siren')).toMatchObject({ state: 'tested' });
  });

  test('a siren of the whole site is tested with its only building; of several, the refusal says with what', () => {
    const say = {
      command: 'walk-test',
      output: 'siren',
      reason: 'walk test',
      by: 'cli:maria',
      action: 'show',
    } as const;
    const one = ready({ devices: new Map([['wb-101', device(101, { heartbeatMs: 0 })]]) });
    start(one, 'building:A');
    expect(one.command(say)).toMatchObject({ ok: true });
    const two = ready();
    start(two, 'building:A');
    expect(two.command(say)).toMatchObject({
      ok: false,
      text: expect.stringContaining('siren is tested in a walk test of its building, or of the whole site'),
    });
  });

  test('no output follows a test, and each follows the real press', () => {
    const world = ready();
    world.receiverAnswers = false;
    start(world);
    world.press('wb-101', 1, { button: 1 });
    world.run(500);
    expect(world.outputs.get('siren')).toBe(false);
    world.press('wb-201', 1, { button: 1 });
    world.run(500);
    expect(world.outputs.get('siren')).toBe(true);
  });
});

describe('the sensor watch', () => {
  const DAY = 86_400_000;
  const WATCHED = { walkTest: { ...walkTestSettings({}), provenWithinMs: 10 * DAY } };

  test('reports all that was never proven once each morning, and is over when all of it is', () => {
    const world = ready({ ...WATCHED, doors: [], outputs: [], ...{ devices: new Map([['wb-301', wired(301)]]) } });
    world.run(DAY);
    expect([...world.troubles]).toEqual(['notProven.site']);
    expect(world.told.filter((text) => text.includes('Not proven'))).toHaveLength(1);
    world.run(DAY);
    expect(world.told.at(-1)).toBe(
      'Still: Not proven within 10 days: Main building, Floor 1, Rm 301, wb-301 panic (Medical)',
    );
    world.contact('wb-301', 'active');
    world.run(100);
    world.contact('wb-301', 'normal');
    world.run(1000);
    expect([...world.troubles]).toEqual([]);
    expect(itemOf(world.walkTest(), 'button:wb-301/panic')).toMatchObject({ earlier: { kind: 'alert' } });
    world.run(9 * DAY);
    expect([...world.troubles]).toEqual([]);
    world.run(2 * DAY);
    expect([...world.troubles]).toEqual(['notProven.site']);
  });

  test('a real press that nobody acknowledged proves nothing', () => {
    const world = ready();
    world.receiverAnswers = false;
    world.press('wb-101', 1);
    world.run(MINUTE);
    expect(itemOf(world.walkTest(), 'button:wb-101/button-0')?.earlier).toBeUndefined();
  });

  test('a device with a new key counts as new', () => {
    const keyed = (key: string) =>
      school({ devices: new Map([['wb-101', device(101, { heartbeatMs: 0, keyFingerprint: key })]]), doors: [] });
    const world = new SensorWorld(keyed('aa'));
    world.run(10_000);
    start(world);
    world.press('wb-101', 1);
    world.run(1000);
    world.command(STOP);
    world.run(1000);
    world.crash();
    world.start(keyed('bb'));
    expect(itemOf(world.walkTest(), 'button:wb-101/button-0')?.earlier).toBeUndefined();
  });
});
