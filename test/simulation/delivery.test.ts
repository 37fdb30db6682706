import { describe, expect, test } from 'vitest';
import { MINUTE, ROOMS, runningSchool, SECOND } from './school.ts';
import { path } from './site.ts';
import type { World } from './world.ts';

function sendsOf(world: World, report: string, over = 'central'): number[] {
  return world.sends.filter((each) => each.report === report && each.path === over).map((each) => each.atMs);
}

/** An inner tamper switch opens: a trouble, not an alarm. */
function openCover(world: World, room: string): void {
  world.stepNode(room, { type: 'point', point: 2, active: true });
}

describe('what can wait gives way to a fresh alarm', () => {
  test('a report that makes the receiver hang does not keep an alarm on the only connection waiting', () => {
    const world = runningSchool(1, [path('central', { parallel: 1 })]);
    world.receivers.get('central')?.behave({ hangsOn: /^tamper/ });
    openCover(world, 'wb-101');
    // Its time-outs have grown to 16 s by now.
    world.run(40 * SECOND);
    for (let press = 0; press < 20; press++) {
      const pressedMs = world.clock.nowMs;
      const id = world.press(ROOMS[press % 6] ?? '', 1) ?? '';
      world.run(5 * SECOND);
      const [firstMs = Number.NaN] = sendsOf(world, id);
      expect(firstMs - pressedMs).toBeLessThan(300);
      expect(world.published.get(id)?.state).toBe('acknowledged');
    }
  });

  test('an alarm that makes the receiver hang does not keep the next ones waiting', () => {
    const world = runningSchool(2, [path('central', { parallel: 1 })]);
    world.receivers.get('central')?.behave({ hangsOn: /^wb-101/ });
    world.press('wb-101', 0);
    world.run(40 * SECOND);
    for (let press = 0; press < 20; press++) {
      const pressedMs = world.clock.nowMs;
      const id = world.press('wb-102', 1) ?? '';
      world.run(5 * SECOND);
      const [firstMs = Number.NaN] = sendsOf(world, id);
      expect(firstMs - pressedMs).toBeLessThan(300);
    }
  });

  test('after a failure a fresh alarm still finds a free connection, though others wait for their time-out', () => {
    const world = runningSchool(3, [path('central')]);
    const central = world.receivers.get('central');
    central?.behave({ hangs: true });
    for (const room of ['wb-101', 'wb-102', 'wb-103']) world.press(room, 0);
    world.run(SECOND);
    // The path is in doubt from here on.
    central?.behave({ hangs: false, refuses: true });
    world.press('wb-104', 0);
    world.run(100);
    central?.behaveWell();
    world.run(200);
    const pressedMs = world.clock.nowMs;
    const id = world.press('wb-105', 0) ?? '';
    world.run(SECOND);
    const [firstMs = Number.NaN] = sendsOf(world, id);
    expect(firstMs - pressedMs).toBeLessThan(300);
  });

  test('over a dead link each fresh alarm is tried within its turn of a quarter second, not after the hold-off', () => {
    const world = runningSchool(4, [path('central', { retryMsMax: 30_000 })]);
    world.receivers.get('central')?.behave({ refuses: true });
    world.run(10 * MINUTE);
    const pressedMs = world.clock.nowMs;
    const ids = ROOMS.map((room) => world.press(room, 0) ?? '');
    world.run(5 * SECOND);
    const waits = ids.map((id) => (sendsOf(world, id)[0] ?? Number.NaN) - pressedMs).sort((a, b) => a - b);
    expect(waits).toHaveLength(6);
    for (const [turn, wait] of waits.entries()) expect(wait).toBeLessThan(260 * (turn + 1));
  });
});

describe('order', () => {
  test.each(['resolve', 'cancel'] as const)(
    'to %s an alert that no receiver has is told after the alert',
    (command) => {
      const world = runningSchool(5);
      for (const desk of world.receivers.values()) desk.behave({ refuses: true });
      const alert = world.press('wb-101', 0) ?? '';
      world.run(30 * SECOND);
      world.give({ type: 'command', command: { command, alert, reason: 'over', by: 'desk' } });
      world.run(SECOND);
      world.crash();
      world.startGateway();
      world.run(30 * SECOND);
      for (const desk of world.receivers.values()) desk.behaveWell();
      world.run(MINUTE);
      const end = `${alert}.${command === 'resolve' ? 'restore' : 'cancel'}`;
      const told = world.sends.filter((each) => each.report === end);
      expect(told.length).toBeGreaterThan(0);
      expect(sendsOf(world, alert).at(-1)).toBeLessThan(told[0]?.atMs ?? 0);
      expect(world.journal.held().has(`alert:${alert}`)).toBe(false);
      expect(world.journal.held().has(`report:${end}`)).toBe(false);
    },
  );

  test('a thousand alarms queued in an outage all leave once the link is back, the oldest first, as fast as answers come', () => {
    const world = runningSchool(6, [path('central')]);
    world.receivers.get('central')?.behave({ refuses: true, delayMs: [20, 20] });
    const ids: string[] = [];
    for (let round = 0; round < 84; round++) {
      for (const room of ROOMS) for (const button of [0, 1]) ids.push(world.press(room, button) ?? '');
      world.run(3 * SECOND);
    }
    world.run(2 * MINUTE);
    const central = world.receivers.get('central');
    central?.behave({ refuses: false });
    const backMs = world.clock.nowMs;
    world.run(MINUTE);
    expect(ids.length).toBeGreaterThan(1000);
    const raised = [...world.published.keys()];
    expect(raised.toSorted()).toEqual(ids.toSorted());
    const arrivals = raised.map((id) => (central?.firstMs.get(id) ?? Number.NaN) - backMs);
    // A poll every 5 s notices the return; four connections, 20 ms each.
    expect(Math.max(...arrivals)).toBeLessThan(5000 + (1008 / 4) * 20 + 1000);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
  });
});

describe('who is told', () => {
  test('that an alert is over is told first to the receiver that has the alert, after a restart too', () => {
    const world = runningSchool(7);
    world.receivers.get('central')?.behave({ refuses: true });
    const [first = '', second = ''] = [world.press('wb-101', 0), world.press('wb-102', 0)];
    world.run(30 * SECOND);
    world.receivers.get('central')?.behaveWell();
    world.run(MINUTE);
    const resolve = (alert: string) =>
      world.give({ type: 'command', command: { command: 'resolve', alert, reason: 'over', by: 'desk' } });
    resolve(first);
    world.crash();
    world.startGateway();
    world.run(SECOND);
    resolve(second);
    world.run(SECOND);
    const told = [first, second].map((id) => world.receivers.get('backup')?.displayed.has(`${id}.restore`));
    expect(world.receivers.get('central')?.displayed.has(first)).toBe(false);
    expect(told).toEqual([true, true]);
  });

  test('over links that only hand on, a report ends when every one has it; an alert stays not confirmed', () => {
    const world = runningSchool(8);
    for (const desk of world.receivers.values()) desk.behave({ handsOn: true });
    const alert = world.press('wb-101', 0) ?? '';
    openCover(world, 'wb-102');
    world.run(MINUTE);
    expect(world.published.get(alert)?.not_confirmed).toBe(true);
    expect(sendsOf(world, alert, 'backup')).toHaveLength(1);
    world.give({ type: 'command', command: { command: 'resolve', alert, reason: 'over', by: 'desk' } });
    world.run(MINUTE);
    expect(sendsOf(world, `${alert}.restore`)).toHaveLength(1);
    expect([...world.journal.held().keys()].filter((key) => /^(alert|report):/.test(key))).toEqual([]);
  });
});
