import { describe, expect, test } from 'vitest';
import { Core } from '../../gateway/core/core.ts';
import type { Heartbeat } from '../../gateway/core/signal.ts';
import { MINUTE, runningSchool, SECOND, school } from './school.ts';
import { path } from './site.ts';
import { standing } from './troubles.ts';
import type { World } from './world.ts';

function reportsAt(world: World, prefix: string, receiver = 'central'): string[] {
  return [...(world.receivers.get(receiver)?.displayed.keys() ?? [])].filter((id) => id.startsWith(prefix));
}

describe('a device that is not accepted', () => {
  test('a press with old numbers is no alert and is told at once: a recording, or a node that lost its memory', () => {
    const world = runningSchool(1);
    const id = world.press('wb-101', 0) ?? '';
    const recording = world.recorded.at(-1) ?? new Uint8Array();
    world.run(SECOND);
    world.restartIdleNode('wb-101');
    world.run(SECOND);
    world.inject(recording);
    world.run(SECOND);
    expect(reportsAt(world, 'stalePress.wb-101')).toHaveLength(1);
    expect(world.trace.join('\n')).toContain(
      'Press with old numbers, not accepted: wb-101, Main building, Floor 1, Rm 101',
    );
    expect([...world.published.keys()]).toEqual([id]);
  });

  test('played again and again it is told at a bounded rate', () => {
    const world = runningSchool(2);
    world.press('wb-101', 0);
    const recording = world.recorded.at(-1) ?? new Uint8Array();
    world.run(SECOND);
    world.restartIdleNode('wb-101');
    for (let second = 0; second < 600; second++) {
      world.run(SECOND);
      world.inject(recording);
    }
    expect(reportsAt(world, 'stalePress').length).toBeGreaterThan(8);
    expect(reportsAt(world, 'stalePress').length).toBeLessThan(12);
  });

  test('a node whose epoch is lost is missed, and each press of it is told', () => {
    const world = runningSchool(3);
    world.restartIdleNode('wb-101');
    world.run(MINUTE);
    world.crash();
    world.startGateway();
    world.weather.lineLoss = 1;
    for (let press = 1; press <= 3; press++) {
      world.run(61 * SECOND);
      const signal = {
        input: 'bus-1',
        device: 'wb-101',
        authenticated: true,
        capturedMs: world.clock.nowMs,
        identity: { epoch: 1, counter: 100 + press },
        body: { type: 'press', button: 0, pattern: 'single' },
      } as const;
      world.give({ type: 'signal', signal });
    }
    world.run(SECOND);
    expect(reportsAt(world, 'stalePress.wb-101')).toHaveLength(3);
    expect(reportsAt(world, 'deviceMissing.wb-101')).toHaveLength(1);
  });
});

describe('a receiver that answers, and takes nothing', () => {
  test('refusing every time stamp is a trouble, though the link is up, before anybody presses', () => {
    const world = runningSchool(4);
    world.receivers.get('central')?.behave({ mistrustsTime: true });
    world.run(6 * MINUTE);
    expect(standing(world)).toEqual([expect.stringMatching(/^clockRefused: .*central refuses our time .NAK. .*check/)]);
    world.receivers.get('central')?.behaveWell();
    world.run(6 * MINUTE);
    expect(standing(world)).toEqual([]);
  });

  test('a report that could be delivered elsewhere does not leave the trouble standing', () => {
    const world = runningSchool(5);
    world.receivers.get('central')?.behave({ mistrustsTime: true });
    world.press('wb-101', 0);
    world.run(30 * SECOND);
    world.receivers.get('central')?.behaveWell();
    world.run(6 * MINUTE);
    expect(standing(world)).toEqual([]);
  });

  test('clocks that part again and again are corrected each time, and NULL polls go on', () => {
    const world = runningSchool(6, [path('central')]);
    for (let step = 1; step <= 5; step++) {
      world.receivers.get('central')?.behave({ clockErrorMs: step * 3_600_000 });
      world.run(5 * MINUTE);
    }
    expect(reportsAt(world, 'test.')).toEqual([]);
    expect(world.trace.filter((line) => line.includes('nullRefused'))).toEqual([]);
    const told = 'Clock of the receiver of path central is 5 h 0 min ahead of ours: check both clocks';
    expect(standing(world)).toEqual([`clockDiffers: ${told}`]);
    world.receivers.get('central')?.behaveWell();
    world.run(5 * MINUTE);
    expect(standing(world)).toEqual([]);
  });
});

describe('bounded in a flood', () => {
  test('an input that comes and goes twice a second for ten minutes is a handful of reports, and stands meanwhile', () => {
    const world = runningSchool(7);
    for (let flap = 0; flap < 1200; flap++) {
      world.give({
        type: 'inputHealth',
        health: { input: 'bus-1', state: flap % 2 ? 'up' : 'down', detail: 'loose plug' },
      });
      world.run(500);
    }
    expect(reportsAt(world, 'inputDown').length).toBeLessThan(6);
    expect(standing(world)).toContain('inputDown: Input bus-1 down: loose plug');
    world.run(2 * MINUTE);
    expect(standing(world)).toEqual([]);
    expect(reportsAt(world, 'inputDown').at(-1)).toMatch(/restore$/);
  });

  test('strangers can’t fill the queue of an outage, and are told of once it is over', () => {
    const world = runningSchool(8, [path('central')]);
    world.receivers.get('central')?.behave({ refuses: true });
    let counter = 0;
    for (let minute = 0; minute < 40; minute++) {
      for (let address = 100; address < 150; address++) {
        counter += 1;
        const identity = { epoch: 1, counter };
        const capturedMs = world.clock.nowMs;
        const sender = {
          input: 'bus-1',
          address: String(address),
          reason: 'notEnrolled',
          says: 'press',
          identity,
          capturedMs,
        } as const;
        world.give({ type: 'unknownSignal', signal: sender });
      }
      world.run(MINUTE);
    }
    const owed = [...world.journal.held().keys()].filter((key) => key.startsWith('report:unknownPress'));
    expect(owed.length).toBeLessThanOrEqual(32);
    const id = world.press('wb-101', 0) ?? '';
    world.receivers.get('central')?.behaveWell();
    world.run(3 * MINUTE);
    expect(world.published.get(id)?.state).toBe('acknowledged');
    expect(world.trace.filter((line) => /more since the last report/.test(line)).length).toBeGreaterThan(0);
    expect([...world.journal.held().keys()].filter((key) => key.startsWith('report:'))).toEqual([]);
  });
});

describe('what is shown is what is known', () => {
  test('a path that is well shows a proof no older than a minute or two', () => {
    const world = runningSchool(9);
    world.run(60 * MINUTE);
    const shown = world.publishedPaths.get('central')?.last_proven_at ?? '';
    expect(world.clock.now.wallMs - Date.parse(shown)).toBeLessThan(2 * MINUTE);
  });

  test('a driver that never says how its input is makes a trouble', () => {
    const now = { monoMs: 0, wallMs: Date.UTC(2026, 0, 1) };
    const core = new Core(school(), [], now);
    core.start(now);
    const effects = [];
    for (let monoMs = 0; monoMs < 30_000; ) {
      monoMs = core.nextWakeMs() ?? 30_000;
      effects.push(...core.handle({ type: 'tick' }, { ...now, monoMs }));
    }
    expect(effects).toContainEqual(expect.objectContaining({ event: 'trouble' }));
    expect(JSON.stringify(effects)).toContain('inputDown');
  });

  test('a gateway that was stopped for ten minutes does not call every device missing, but one that stays silent it does', () => {
    const world = runningSchool(10);
    world.run(MINUTE);
    const { monoMs, wallMs } = world.clock.now;
    const later = (ms: number) => ({ monoMs: monoMs + ms, wallMs: wallMs + ms });
    const said = (ms: number) => JSON.stringify(world.core?.handle({ type: 'tick' }, later(ms)) ?? []);
    expect(said(10 * MINUTE)).not.toContain('deviceMissing');
    const after: string[] = [];
    for (let second = 1; second <= 30; second++) after.push(said(10 * MINUTE + second * SECOND));
    expect(after.slice(0, -1).join()).not.toContain('deviceMissing');
    expect(after.at(-1)).toContain('deviceMissing');
  });

  test('a door that a late repeat says is open stays closed if a newer frame said so', () => {
    const world = runningSchool(11);
    world.weather.lineLoss = 1;
    const heard = (counter: number, body: Heartbeat | { type: 'point'; point: number; active: boolean }) => {
      const identity = { epoch: 1, counter };
      const capturedMs = world.clock.nowMs;
      world.give({
        type: 'signal',
        signal: { input: 'bus-1', device: 'wb-101', authenticated: true, capturedMs, identity, body },
      });
      world.run(SECOND);
    };
    const beat = { type: 'heartbeat', lowBattery: false, tamper: false, silentMode: false, uptimeSeconds: 1 } as const;
    heard(12, { ...beat, points: [false, true, false] });
    heard(10, { type: 'point', point: 0, active: true });
    heard(11, { ...beat, lowBattery: true, points: [true, true, true] });
    expect(world.publishedDevices.get('wb-101')).toMatchObject({
      low_battery: false,
      points: { door: { state: 'closed' }, bolt: { state: 'unlocked' }, cover: { state: 'ok' } },
    });
    heard(13, { type: 'point', point: 0, active: true });
    expect(world.publishedDevices.get('wb-101')).toMatchObject({ points: { door: { state: 'open' } } });
  });
});
