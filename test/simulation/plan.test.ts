import { expect, test } from 'vitest';
import type { Attempt } from '../../gateway/core/report.ts';
import type { Path, Plan, Site } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const QUIET = {
  supervision: { mode: 'off', intervalMs: 20_000, testIntervalMs: 300_000, downAfter: 2, upAfter: 2 },
} as const;
const PATHS: readonly Path[] = ['central', 'radio', 'pager'].map((id) => path(id, QUIET));
const FAILED = { type: 'failed', reason: 'refused', detail: 'refused' } as const;

function planned(plan: Plan, changes: Partial<Site> = {}): Site {
  return { ...site([device(101), device(102)], PATHS), plan, ...changes };
}

function plan(...steps: readonly (readonly [path: string, afterMs: number])[]): Plan {
  return { steps: steps.map(([id, afterMs]) => ({ path: id, afterMs })), done: 'receiverAcknowledged' };
}

/** Time at which each path was first tried with the report, ms after `sinceMs`. */
function joined(
  world: SensorWorld,
  report: string,
  sinceMs: number,
): Partial<Record<'central' | 'radio' | 'pager', number>> {
  const times = new Map<string, number>();
  for (const { path: id, atMs, report: sent } of world.attempts) {
    if (sent.id === report && !times.has(id)) times.set(id, atMs - sinceMs);
  }
  return Object.fromEntries(times);
}

test('paths of a plan that start at once race, share one alert id, and the first acknowledgement ends it', () => {
  const world = new SensorWorld(planned(plan(['central', 0], ['radio', 0], ['pager', 3000])));
  world.receive = ({ path: id }) =>
    id === 'radio' ? { afterMs: 800, outcome: { type: 'receiverAcknowledged' } } : undefined;
  const startMs = world.clock.nowMs;
  const alert = world.press('wb-101', 1);
  world.run(60_000);
  expect(joined(world, alert, startMs)).toEqual({ central: 0, radio: 0 });
  expect(world.published.get(`alert/${alert}`)).toMatchObject({ state: 'acknowledged', not_confirmed: false });
  expect(world.sentOver('central')).toHaveLength(1);
});

test('each path joins so long after the one before it, without an acknowledgement', () => {
  const world = new SensorWorld(planned(plan(['central', 0], ['radio', 2000], ['pager', 4000])));
  world.receiverAnswers = false;
  const startMs = world.clock.nowMs;
  const alert = world.press('wb-101', 1);
  world.run(9000);
  expect(joined(world, alert, startMs)).toEqual({ central: 0, radio: 2000, pager: 6000 });
});

test('the next path joins at once when every path that started has failed, and not when one of them may still answer', () => {
  const world = new SensorWorld(planned(plan(['central', 0], ['radio', 0], ['pager', 5000])));
  const silent = new Set(['radio']);
  world.receive = ({ path: id }: Attempt) => (silent.has(id) ? undefined : { afterMs: 10, outcome: FAILED });
  let startMs = world.clock.nowMs;
  const first = world.press('wb-101', 1);
  world.run(3500);
  expect(joined(world, first, startMs)).not.toHaveProperty('pager');
  // Its attempt times out after 4 s.
  world.run(1000);
  expect(joined(world, first, startMs).pager).toBe(4000);
  silent.clear();
  startMs = world.clock.nowMs;
  const second = world.press('wb-102', 1);
  world.run(1000);
  expect(joined(world, second, startMs).pager).toBeLessThan(600);
});

test('each kind of alert goes by its own plan, and what is no alert by the plan of the site', () => {
  const plans = new Map([['medical', plan(['pager', 0])]]);
  const world = new SensorWorld(planned(plan(['central', 0]), { plans }));
  const holdUp = world.press('wb-101', 1);
  const medical = world.press('wb-101', 2, { button: 1 });
  world.give({
    type: 'signal',
    signal: {
      input: 'bus-1',
      device: 'wb-102',
      authenticated: true,
      capturedMs: world.clock.nowMs,
      body: { type: 'fault', detail: 'broken' },
    },
  });
  world.run(1000);
  expect(world.sentOver('central')[0]).toBe(holdUp);
  expect(world.sentOver('pager')).toEqual([medical]);
  expect(world.sentOver('central').some((id) => id.startsWith('deviceFault'))).toBe(true);
});

test('a pager terminal that has the alert is no acknowledgement, unless the plan is content with it', () => {
  const handedOver = () => ({ afterMs: 5, outcome: { type: 'handedOver' } }) as const;
  const strict = new SensorWorld(planned(plan(['pager', 0], ['central', 3000])));
  strict.receive = (attempt) => (attempt.path === 'pager' ? handedOver() : undefined);
  const alert = strict.press('wb-101', 1);
  strict.run(11_000);
  expect(strict.published.get(`alert/${alert}`)).toMatchObject({ not_confirmed: true });
  expect(strict.sentOver('central').length).toBeGreaterThan(0);

  const content = new SensorWorld(planned({ ...plan(['pager', 0], ['central', 3000]), done: 'handedOver' }));
  content.receive = handedOver;
  const quiet = content.press('wb-101', 1);
  content.run(11_000);
  expect(content.published.get(`alert/${quiet}`)).toMatchObject({
    not_confirmed: false,
    paths: { pager: { state: 'handedOver' } },
  });
  expect(content.sentOver('central')).toEqual([]);
});

test('what a content plan has handed over is not sent again after a restart', () => {
  const world = new SensorWorld(planned({ ...plan(['pager', 0]), done: 'handedOver' }));
  world.receive = () => ({ afterMs: 5, outcome: { type: 'handedOver' } });
  world.press('wb-101', 1);
  world.run(1000);
  world.crash();
  world.start();
  world.run(5000);
  expect(world.sentOver('pager')).toHaveLength(1);
});

test('a path known to be down is not waited for, nor are two of them', () => {
  const watched = ['central', 'radio', 'pager'].map((id) => path(id));
  const dead = new Set(['central', 'radio']);
  const world = new SensorWorld({
    ...site([device(101)], watched),
    plan: plan(['central', 0], ['radio', 3000], ['pager', 3000]),
  });
  world.receive = ({ path: id }) =>
    dead.has(id) ? { afterMs: 1, outcome: FAILED } : { afterMs: 1, outcome: { type: 'receiverAcknowledged' } };
  world.run(60_000);
  const startMs = world.clock.nowMs;
  const alert = world.press('wb-101', 1);
  world.run(1000);
  expect(joined(world, alert, startMs)).toMatchObject({ pager: 0 });
});

test('the loss of a path is told over the others, once however it flaps, and so is its return', () => {
  const watched = ['central', 'radio'].map((id) => path(id));
  let dead = false;
  const world = new SensorWorld({ ...site([device(101)], watched), plan: plan(['central', 0], ['radio', 3000]) });
  world.receive = ({ path: id }) => ({
    afterMs: 1,
    outcome: dead && id === 'central' ? FAILED : { type: 'receiverAcknowledged' },
  });
  world.run(60_000);
  for (let flap = 0; flap < 20; flap++) {
    dead = !dead;
    world.run(25_000);
  }
  world.run(180_000);
  const overRadio = world.sentOver('radio').filter((id) => id.startsWith('pathDown.central'));
  const told = [...new Set(world.attempts.map(({ report }) => report.id))].filter((id) =>
    id.startsWith('pathDown.central'),
  );
  expect(overRadio.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThanOrEqual(4);
  expect(world.troubles.has('pathDown.central')).toBe(false);
});

test('a pager that was handed the alert is not paged again after a restart, while the others go on', () => {
  const world = new SensorWorld(planned(plan(['pager', 0], ['central', 3000])));
  world.receive = ({ path: id }) => (id === 'pager' ? { afterMs: 5, outcome: { type: 'handedOver' } } : undefined);
  const alert = world.press('wb-101', 1);
  world.run(5000);
  world.crash();
  world.start();
  world.run(20_000);
  expect(world.sentOver('pager').filter((id) => id === alert)).toHaveLength(1);
  expect(world.sentOver('central').length).toBeGreaterThan(2);
  expect(world.published.get(`alert/${alert}`)).toMatchObject({ not_confirmed: true });
});

test('NOT CONFIRMED ends with what the plan counts as done, and with the alert', () => {
  const led = { id: 'led', input: 'bus-1', shows: 'notConfirmed', drills: true } as const;
  const outputs = [{ ...led, normallyEnergised: false, silentKinds: true }];
  const world = new SensorWorld(planned({ ...plan(['pager', 0]), done: 'handedOver' }, { outputs }));
  world.receiverAnswers = false;
  world.receive = () => ({ afterMs: 5, outcome: { type: 'handedOver' } });
  const late = world.press('wb-101', 1);
  world.run(11_000);
  expect(world.outputs.get('led')).toBe(true);
  world.receiverAnswers = true;
  world.run(30_000);
  expect(world.published.get(`alert/${late}`)).toMatchObject({ not_confirmed: false });
  expect(world.outputs.get('led')).toBe(false);
  world.receiverAnswers = false;
  const given = world.press('wb-101', 2);
  world.run(11_000);
  expect(world.outputs.get('led')).toBe(true);
  world.command({ command: 'cancel', alert: given, reason: 'mistake', by: 'maria' });
  expect(world.outputs.get('led')).toBe(false);
});

test('a receiver that refuses does not hurry the next path while another that started with it may answer', () => {
  const world = new SensorWorld(planned(plan(['central', 0], ['radio', 0], ['pager', 5000])));
  world.receive = ({ path: id }) => (id === 'central' ? { afterMs: 5, outcome: { type: 'notUnderstood' } } : undefined);
  const startMs = world.clock.nowMs;
  const alert = world.press('wb-101', 1);
  world.run(3000);
  expect(joined(world, alert, startMs)).toEqual({ central: 0, radio: 0 });
});

test('what a path does after the first acknowledgement is told on MQTT as well', () => {
  const racing = plan(['central', 0], ['pager', 0]);
  const world = new SensorWorld(planned(racing));
  world.receive = ({ path: id }) =>
    id === 'central'
      ? { afterMs: 5, outcome: { type: 'receiverAcknowledged' } }
      : { afterMs: 900, outcome: { type: 'handedOver' } };
  const alert = world.press('wb-101', 1);
  world.run(2000);
  expect(world.published.get(`alert/${alert}`)).toMatchObject({
    paths: { central: { state: 'acknowledged' }, pager: { state: 'handedOver' } },
  });
});

test('an acknowledgement that comes after a pager was enough is an acknowledgement all the same', () => {
  const content: Plan = { ...plan(['central', 0], ['pager', 0]), done: 'handedOver' };
  const world = new SensorWorld(planned(content));
  world.receive = ({ path: id }) =>
    id === 'central'
      ? { afterMs: 900, outcome: { type: 'receiverAcknowledged' } }
      : { afterMs: 5, outcome: { type: 'handedOver' } };
  const alert = world.press('wb-101', 1);
  world.run(2000);
  expect(world.published.get(`alert/${alert}`)).toMatchObject({ state: 'acknowledged' });
});

test('a path whose line comes is proved at once, and one whose line goes is doubted at once', () => {
  const lazy = path('radio', {
    supervision: { mode: 'null', intervalMs: 900_000, testIntervalMs: 900_000, downAfter: 2, upAfter: 2 },
  });
  let there = false;
  const world = new SensorWorld(site([device(101, { heartbeatMs: 0 })], [lazy]));
  world.receive = () => ({ afterMs: 1, outcome: there ? { type: 'receiverAcknowledged' } : FAILED });
  world.run(100);
  there = true;
  world.give({ type: 'pathLink', path: 'radio', up: true });
  world.run(100);
  expect(world.published.get('link/radio/status')).toMatchObject({ state: 'up' });
  there = false;
  world.give({ type: 'pathLink', path: 'radio', up: false });
  world.run(6000);
  expect(world.published.get('link/radio/status')).toMatchObject({ state: 'down' });
});
