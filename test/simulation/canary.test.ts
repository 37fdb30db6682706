import { expect, test } from 'vitest';
import type { Path, Site } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const HOUR = 3_600_000;
const CANARY = { device: 'wb-999', button: 1, output: 'canary-relay', intervalMs: HOUR, withinMs: 30_000 };
const OUTPUT = {
  id: 'canary-relay',
  input: 'bus-1',
  shows: 'canary',
  normallyEnergised: false,
  silentKinds: true,
  drills: true,
} as const;

function proven(paths: readonly Path[], canary: Site['canary'] | null = CANARY): Site {
  const devices = [device(101, { heartbeatMs: 0 }), device(999, { heartbeatMs: 0 })];
  return { ...site(devices, paths), outputs: [OUTPUT], ...(canary === null || canary === undefined ? {} : { canary }) };
}

const PATHS = [path('central'), path('cap'), path('police', { liveOnly: true })];

/** The relay closes the canary's contact: the wire brings a press. */
function wired(world: SensorWorld, sinceMs: number): () => void {
  let counter = 0;
  let was = false;
  const look = () => {
    const on = world.outputs.get('canary-relay') ?? false;
    if (on && !was) world.press('wb-999', ++counter, { button: 1 });
    was = on;
    world.clock.after(100, look);
  };
  world.clock.after(sinceMs, look);
  return look;
}

test('the canary presses a real input by itself, and each path that takes tests is proven by its acknowledgement', () => {
  const world = new SensorWorld(proven(PATHS));
  wired(world, 0);
  world.run(70_000);
  const canary = world.attempts.find(({ report }) => report.text.startsWith('TEST: canary'));
  expect(canary?.report).toMatchObject({ exercise: 'test', class: 'test', sia: 'RX', contactId: '601' });
  for (const id of ['central', 'cap']) {
    expect(world.published.get(`link/${id}/status`)).toMatchObject({ last_canary_at: expect.stringContaining('T') });
  }
  expect(world.published.get('link/police/status')).toMatchObject({ last_canary_at: null });
  expect(world.sentOver('police').filter((id) => id.startsWith('wb-999'))).toEqual([]);
  expect(world.troubles.size).toBe(0);
  expect(world.raised).toEqual([]);
  world.run(3 * HOUR);
  expect(new Set(world.sentOver('central').filter((id) => id.startsWith('wb-999'))).size).toBe(4);
});

test('a canary nobody hears is a trouble, which ends with the next one that is heard', () => {
  const world = new SensorWorld(proven(PATHS));
  world.run(100_000);
  expect(world.troubles).toContain('canaryFailed.canary');
  wired(world, 0);
  world.run(HOUR);
  expect(world.troubles).not.toContain('canaryFailed.canary');
});

test('a canary that one path does not acknowledge is a trouble that names the path', () => {
  const world = new SensorWorld(proven(PATHS));
  wired(world, 0);
  world.receive = ({ path: id, report }) =>
    id === 'cap' && report?.exercise === 'test' && report.text.includes('canary')
      ? undefined
      : { afterMs: 2, outcome: { type: 'receiverAcknowledged' } };
  world.run(100_000);
  expect(world.told.some((text) => text.includes('not acknowledged on cap'))).toBe(true);
});

test('a path that is down is one trouble, not the canary’s too', () => {
  const world = new SensorWorld(proven(PATHS));
  world.receive = ({ path: id }) => ({
    afterMs: 2,
    outcome: id === 'cap' ? { type: 'failed', reason: 'refused', detail: '' } : { type: 'receiverAcknowledged' },
  });
  world.run(50_000);
  wired(world, 0);
  world.run(100_000);
  expect(world.troubles).toContain('pathDown.cap');
  expect(world.troubles).not.toContain('canaryFailed.canary');
});

test('whoever presses the canary, it is a test; the other button of its device is real', () => {
  const world = new SensorWorld(proven(PATHS));
  world.press('wb-999', 1, { button: 1 });
  const real = world.press('wb-999', 2, { button: 0 });
  world.run(1000);
  expect(world.raised.map(({ id }) => id)).toEqual([real]);
});

test('an operator presses the canary when he likes', () => {
  const world = new SensorWorld(proven(PATHS));
  wired(world, 0);
  world.run(10_000);
  expect(world.command({ command: 'canary', reason: 'after repair', by: 'maria' })?.ok).toBe(true);
  world.run(2000);
  expect(world.sentOver('central').some((id) => id.startsWith('wb-999'))).toBe(true);
});

test('without an output something else must press it within each interval', () => {
  const { output: _, ...byHand } = CANARY;
  const world = new SensorWorld(proven(PATHS, byHand));
  world.run(HOUR / 2);
  world.press('wb-999', 1, { button: 1 });
  world.run(HOUR);
  expect(world.troubles).not.toContain('canaryFailed.canary');
  world.run(2 * HOUR);
  expect(world.troubles).toContain('canaryFailed.canary');
  expect(world.command({ command: 'canary', reason: 'try', by: 'maria' })?.ok).toBe(false);
});

test('a site without a canary says so', () => {
  const world = new SensorWorld({ ...proven(PATHS, null), outputs: [] });
  expect(world.command({ command: 'canary', reason: 'try', by: 'maria' })).toMatchObject({ ok: false });
});

test('a late answer to the last canary press does not stand for one that nobody heard', () => {
  const world = new SensorWorld(proven(PATHS));
  wired(world, 0);
  let held = true;
  world.receive = ({ path: id, report }) =>
    held && id === 'cap' && report?.text.includes('canary')
      ? undefined
      : { afterMs: 2, outcome: { type: 'receiverAcknowledged' } };
  world.run(70_000);
  // Its relay is broken.
  world.outputs.set = () => world.outputs;
  world.command({ command: 'canary', reason: 'again', by: 'maria' });
  held = false;
  world.run(100_000);
  expect(world.troubles).toContain('canaryFailed.canary');
});
