import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../gateway/core/report.ts';
import type { Site } from '../../../gateway/core/site.ts';
import type { AfterActionDocument } from '../../../protocol/after-action-document.ts';
import { SensorWorld } from '../../simulation/sensor-world.ts';
import { device, path, site } from '../../simulation/site.ts';
import { reported } from './reported.ts';

const OFF = { ...path('central').supervision, mode: 'off' } as const;
const NAMES = { building: 'Annex', floor: 'Floor 1', room: 'Rm 201' };
const ANNEX = { building: 'B', floor: '1', room: '201', text: 'Annex, Floor 1, Rm 201', names: NAMES };
const SCHOOL: Site = site(
  [device(101, { heartbeatMs: 0 }), device(102, { heartbeatMs: 0 }), device(201, { heartbeatMs: 0, location: ANNEX })],
  [path('central', { supervision: OFF }), path('county', { supervision: OFF })],
);
const ACKNOWLEDGED: Outcome = { type: 'receiverAcknowledged' };

function drill(action: 'start' | 'stop', scope = 'building:A') {
  return { command: 'drill', action, scope, minutes: 15, reason: 'autumn drill', by: 'maria' } as const;
}

/** The report of all that the world's journal has. */
function whole(world: SensorWorld, known: Site | 'no configuration' = SCHOOL): AfterActionDocument {
  const atMs = world.clock.now.wallMs;
  const request = { kind: 'period', fromMs: 0, untilMs: atMs } as const;
  const document = reported(world.journal.records, request, {
    atMs,
    ...(known !== 'no configuration' && { site: known }),
  });
  if (document === undefined) throw new Error('a period always has a report');
  return document;
}

function ofAlert(world: SensorWorld, alert: string) {
  const { alerts } = whole(world);
  const found = [...alerts.live, ...alerts.drill, ...alerts.test].find(({ id }) => id === alert);
  if (found === undefined) throw new Error(`the report lacks ${alert}`);
  return found;
}

function ofDrill(world: SensorWorld, scope?: string): AfterActionDocument | undefined {
  const request = { kind: 'drill', ...(scope !== undefined && { scope }) } as const;
  return reported(world.journal.records, request, { atMs: world.clock.now.wallMs, site: SCHOOL });
}

describe('a press', () => {
  test('that path central acknowledged 40 ms after it shows that path and 40 ms', () => {
    const world = new SensorWorld(SCHOOL);
    world.receive = () => ({ afterMs: 40, outcome: ACKNOWLEDGED });
    const alert = world.press('wb-101', 1);
    world.run(1000);
    const account = ofAlert(world, alert);
    expect(account.acknowledged).toMatchObject({ path: 'central', after_ms: 40 });
    expect(account.first_byte).toMatchObject({ path: 'central' });
    expect(account.paths).toMatchObject([{ path: 'central', attempts: 1, failures: [] }]);
    expect(account).toMatchObject({ mode: 'live', kind_name: 'Hold-up', button: 'button-0', state: 'acknowledged' });
  });

  test('that the second path acknowledged tells what became of the first', () => {
    const world = new SensorWorld(SCHOOL);
    const closed: Outcome = { type: 'failed', reason: 'closed', detail: 'closed by the far end' };
    world.receive = ({ path: on }) => ({ afterMs: 10, outcome: on === 'central' ? closed : ACKNOWLEDGED });
    const alert = world.press('wb-101', 1);
    world.run(5000);
    const account = ofAlert(world, alert);
    expect(account.acknowledged?.path).toBe('county');
    expect(account.paths[0]).toMatchObject({
      path: 'central',
      acknowledged: null,
      failures: [{ outcome: 'closed', detail: 'closed by the far end' }],
    });
  });

  test('that nobody acknowledged has no time of an acknowledgement, and NOT CONFIRMED at the deadline', () => {
    const world = new SensorWorld(SCHOOL);
    world.receiverAnswers = false;
    const alert = world.press('wb-101', 1);
    world.run(60_000);
    const account = ofAlert(world, alert);
    expect(account).toMatchObject({ acknowledged: null, handed_over: null, closed: null, state: 'sent' });
    expect(account.not_confirmed?.after_ms).toBe(10_000);
    expect(whole(world).figures.live).toMatchObject({
      alerts: 1,
      acknowledged: 0,
      unanswered: 1,
      not_confirmed: 1,
      first_acknowledgement_ms: null,
    });
  });

  test('tells who cancelled it and why', () => {
    const world = new SensorWorld(SCHOOL);
    const alert = world.press('wb-101', 1);
    world.run(1000);
    world.command({ command: 'cancel', alert, reason: 'leant on it', by: 'j.doe' });
    world.run(1000);
    expect(ofAlert(world, alert)).toMatchObject({
      state: 'cancelled',
      closed: { by: 'j.doe', reason: 'leant on it', after_ms: 1000 },
    });
  });

  test('in an alert’s own report is alone, up to its end', () => {
    const world = new SensorWorld(SCHOOL);
    const alert = world.press('wb-101', 1);
    world.run(1000);
    world.press('wb-102', 1);
    world.run(1000);
    const atMs = world.clock.now.wallMs;
    const document = reported(world.journal.records, { kind: 'alert', alert }, { atMs, site: SCHOOL });
    expect(document?.alerts.live.map(({ id }) => id)).toEqual([alert]);
    expect(reported(world.journal.records, { kind: 'alert', alert: 'wb-9.9.9' }, { atMs })).toBeUndefined();
  });
});

describe('a press while the clock had not been set, as after a power cut without a network', () => {
  const boot = 5000;

  function pressedIn1970(): { world: SensorWorld; alert: string; setAt: number } {
    const world = new SensorWorld(SCHOOL);
    const right = world.clock.wallOffsetMs;
    world.crash();
    world.clock.wallOffsetMs = boot;
    world.start();
    const alert = world.press('wb-101', 1);
    world.run(60_000);
    world.clock.wallOffsetMs = right;
    world.give({ type: 'tick' });
    world.run(1000);
    return { world, alert, setAt: world.clock.now.wallMs };
  }

  const livePresses = (world: SensorWorld, fromMs: number, untilMs: number) => {
    const request = { kind: 'period', fromMs, untilMs } as const;
    return reported(world.journal.records, request, { atMs: untilMs, site: SCHOOL })?.alerts.live.map(({ id }) => id);
  };

  test('is in the report of the time at which it was, as the clock shows once it is set', () => {
    const { world, alert, setAt } = pressedIn1970();
    expect(livePresses(world, setAt - 120_000, setAt)).toEqual([alert]);
    expect(livePresses(world, setAt - 30_000, setAt)).toEqual([]);
  });

  test('is in every report of a period if its clock was never set', () => {
    const world = new SensorWorld(SCHOOL);
    world.crash();
    world.clock.wallOffsetMs = boot;
    world.start();
    const alert = world.press('wb-101', 1);
    world.run(1000);
    expect(livePresses(world, Date.UTC(2026, 10, 1), Date.UTC(2026, 11, 1))).toEqual([alert]);
  });
});

describe('what is not recorded', () => {
  test('is null, and never a figure', () => {
    const world = new SensorWorld(SCHOOL);
    const alert = world.press('wb-101', 1);
    world.run(1000);
    const account = ofAlert(world, alert);
    expect(account).toMatchObject({ walls: null, doors: null, doors_secured: null, closed: null });
    const document = whole(world, 'no configuration');
    expect(document).toMatchObject({ site: null, gateway: null, limits: null, never_pressed: null });
    expect(document.figures.live.in_time).toBeNull();
  });

  test('a journal of an earlier version, which has no moment of the first byte, tells none', () => {
    const world = new SensorWorld(SCHOOL);
    world.receive = () => ({ afterMs: 40, outcome: ACKNOWLEDGED });
    world.press('wb-101', 1);
    world.run(1000);
    const earlier = world.journal.records.map((record) => {
      if (record.t !== 'outcome') return record;
      const { sentMs: _, tookMs: __, ...rest } = record;
      return rest;
    });
    const atMs = world.clock.now.wallMs;
    const document = reported(earlier, { kind: 'period', fromMs: 0, untilMs: atMs }, { atMs, site: SCHOOL });
    const [account] = document?.alerts.live ?? [];
    expect(account?.first_byte).toBeNull();
    expect(account?.acknowledged?.after_ms).toBe(40);
  });

  test('a clock that was set back leaves no time between the press and what followed', () => {
    const world = new SensorWorld(SCHOOL);
    world.press('wb-101', 1);
    world.run(1000);
    const back = world.journal.records.map((record) => {
      return record.t === 'attempt' || record.t === 'outcome' ? { ...record, at: record.at - 3_600_000 } : record;
    });
    const atMs = world.clock.now.wallMs;
    const document = reported(back, { kind: 'period', fromMs: 0, untilMs: atMs }, { atMs, site: SCHOOL });
    expect(document?.alerts.live[0]?.acknowledged).toMatchObject({ path: 'central', after_ms: null });
    expect(document?.figures.live.first_acknowledgement_ms).toBeNull();
  });
});

describe('a drill', () => {
  /** A drill in building A with one press in it, and one real alert elsewhere. */
  function drilled(): SensorWorld {
    const world = new SensorWorld(SCHOOL);
    world.command(drill('start'));
    world.run(1000);
    world.press('wb-101', 1);
    world.press('wb-201', 1);
    world.run(60_000);
    world.command({ ...drill('stop'), reason: 'all checked', by: 'j.doe' });
    world.run(1000);
    return world;
  }

  test('is never under real, and a real alert is never under drill', () => {
    const { alerts, figures } = whole(drilled());
    expect(alerts.drill.map(({ device: id }) => id)).toEqual(['wb-101']);
    expect(alerts.live.map(({ device: id }) => id)).toEqual(['wb-201']);
    expect([figures.live.alerts, figures.drill.alerts, figures.test.alerts]).toEqual([1, 1, 0]);
  });

  test('tells who started and ended it, and lists the buttons that nobody pressed', () => {
    const document = ofDrill(drilled());
    expect(document?.about).toMatchObject({
      kind: 'drill',
      scope: 'building:A',
      started_by: 'maria',
      reason: 'autumn drill',
      ended: { by: 'j.doe', reason: 'all checked' },
    });
    const never = document?.never_pressed?.map(({ device: id, button }) => `${id} ${button}`);
    expect(never).toEqual(['wb-101 button-1', 'wb-102 button-0', 'wb-102 button-1']);
  });

  test('its report has the real alerts that came while it ran, wherever they were', () => {
    const document = ofDrill(drilled());
    expect(document?.alerts.live.map(({ device: id }) => id)).toEqual(['wb-201']);
  });

  test('that still runs has no end', () => {
    const world = new SensorWorld(SCHOOL);
    world.command(drill('start'));
    world.run(120_000);
    expect(ofDrill(world)?.about).toMatchObject({ kind: 'drill', ended: null });
  });

  test('the newest one counts, of the scope that was named', () => {
    const world = drilled();
    world.command(drill('start', 'building:B'));
    world.run(1000);
    expect(ofDrill(world)?.about).toMatchObject({ scope: 'building:B' });
    expect(ofDrill(world, 'building:A')?.about).toMatchObject({ scope: 'building:A', ended: { by: 'j.doe' } });
    expect(ofDrill(world, 'site')).toBeUndefined();
  });

  test('the canary’s button is none that somebody should have pressed', () => {
    const world = drilled();
    const atMs = world.clock.now.wallMs;
    const canary = { device: 'wb-102', button: 0, intervalMs: 1, withinMs: 1 };
    const document = reported(world.journal.records, { kind: 'drill' }, { atMs, site: { ...SCHOOL, canary } });
    expect(document?.never_pressed?.map(({ device: id, button }) => `${id} ${button}`)).not.toContain(
      'wb-102 button-0',
    );
  });
});

test('the last full test of each device is its last press that a receiver acknowledged', () => {
  const world = new SensorWorld(SCHOOL);
  world.command(drill('start', 'device:wb-101'));
  world.press('wb-101', 1);
  world.run(1000);
  world.receiverAnswers = false;
  world.press('wb-102', 1);
  world.run(1000);
  const proofs = new Map(whole(world).devices.map((each) => [each.device, each]));
  expect(proofs.get('wb-101')?.last_acknowledged).toMatchObject({ mode: 'drill', path: 'central' });
  expect(proofs.get('wb-102')).toMatchObject({ last_press: { mode: 'live' }, last_acknowledged: null });
  expect(proofs.get('wb-201')).toMatchObject({ last_press: null, last_acknowledged: null });
});

test('in a period, only what happened in it is reported', () => {
  const world = new SensorWorld(SCHOOL);
  world.press('wb-101', 1);
  world.run(3_600_000);
  const fromMs = world.clock.now.wallMs;
  world.press('wb-102', 1);
  world.run(1000);
  const atMs = world.clock.now.wallMs;
  const request = { kind: 'period', fromMs, untilMs: atMs } as const;
  const document = reported(world.journal.records, request, { atMs, site: SCHOOL });
  expect(document?.alerts.live.map(({ device: id }) => id)).toEqual(['wb-102']);
  expect(document?.devices.find(({ device: id }) => id === 'wb-101')?.last_acknowledged).not.toBeNull();
});
