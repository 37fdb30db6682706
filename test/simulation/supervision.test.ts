import { describe, expect, test } from 'vitest';
import { parseFrame } from '../../protocol/button-bus/frame.ts';
import { MINUTE, runningSchool, SECOND, school } from './school.ts';
import { path } from './site.ts';
import { standing } from './troubles.ts';
import { World } from './world.ts';

function raisedCount(world: World, type: string): number {
  return world.troubles.filter((each) => each.type === type && each.state === 'standing').length;
}

function reportsAt(world: World, receiver: string, prefix: string): string[] {
  return [...(world.receivers.get(receiver)?.displayed.keys() ?? [])].filter((id) => id.startsWith(prefix));
}

describe('devices', () => {
  test('a silent device is reported missing within its window, and its return is reported too', () => {
    const world = runningSchool(1);
    world.run(MINUTE);
    world.weather.lineLoss = 1;
    world.run(91 * SECOND);
    expect(raisedCount(world, 'deviceMissing')).toBe(6);
    expect(reportsAt(world, 'central', 'deviceMissing.wb-101')).toHaveLength(1);
    world.weather.lineLoss = 0;
    world.run(MINUTE);
    expect(standing(world)).toEqual([]);
    expect(reportsAt(world, 'central', 'deviceMissing.wb-101').at(-1)).toMatch(/restore$/);
  });

  test('a device that was never heard is missing, not assumed well', () => {
    const world = runningSchool(2);
    world.crash();
    world.weather.lineLoss = 1;
    world.startGateway();
    world.run(91 * SECOND);
    expect(raisedCount(world, 'deviceMissing')).toBe(6);
  });

  test('the trouble of an input says its present cause, and the receivers hear of it once', () => {
    const world = runningSchool(30);
    for (const detail of ['is it plugged in?', 'it is there, but down', 'it is there, but down']) {
      world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'down', detail } });
      world.run(SECOND);
    }
    expect(standing(world)).toEqual(['inputDown: Input bus-1 down: it is there, but down']);
    expect(reportsAt(world, 'central', 'inputDown')).toHaveLength(1);
    const kept = world.journal.records.filter((record) => record.t === 'trouble' && record.type === 'inputDown');
    expect(kept).toHaveLength(2);
    expect(kept.at(-1)).toMatchObject({ text: 'Input bus-1 down', detail: 'it is there, but down', reported: true });
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'open' } });
    world.run(SECOND);
    expect(standing(world)).toEqual([]);
  });

  test('a line that is down is one trouble, not one a device', () => {
    const world = runningSchool(3);
    world.weather.lineLoss = 1;
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'down', detail: 'unplugged' } });
    world.run(10 * MINUTE);
    expect(standing(world)).toEqual(['inputDown: Input bus-1 down: unplugged']);
    world.weather.lineLoss = 0;
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'open' } });
    world.run(MINUTE);
    expect(standing(world)).toEqual([]);
  });

  test('low battery and an open cover are reported and restored', () => {
    const world = runningSchool(4);
    world.stepNode('wb-101', { type: 'power', batteryMv: 2100, lowBattery: true });
    world.stepNode('wb-102', { type: 'point', point: 2, active: true });
    world.run(SECOND);
    expect(standing(world).map((each) => each.split(':')[0])).toEqual(['lowBattery', 'tamper']);
    world.stepNode('wb-101', { type: 'power', batteryMv: 3000, lowBattery: false });
    world.stepNode('wb-102', { type: 'point', point: 2, active: false });
    world.run(SECOND);
    expect(standing(world)).toEqual([]);
  });

  test('a bouncing door contact is one change', () => {
    const world = runningSchool(5);
    const before = world.trace.filter((line) => line.includes(' point ')).length;
    for (let bounce = 0; bounce < 9; bounce++) {
      world.clock.after(bounce * 10, () => {
        const body = { type: 'point', point: 0, active: bounce % 2 === 0 } as const;
        const identity = { epoch: 1, counter: 1000 + bounce };
        const capturedMs = world.clock.nowMs;
        const signal = { input: 'bus-1', device: 'wb-101', authenticated: true, capturedMs, identity, body };
        world.give({ type: 'signal', signal });
      });
    }
    world.run(SECOND);
    expect(world.trace.filter((line) => line.includes(' point ')).length - before).toBe(1);
  });
});

describe('what proves nothing', () => {
  test('a recorded press played again never raises an alert, not even after a restart', () => {
    const world = runningSchool(6);
    world.press('wb-101', 0);
    world.run(SECOND);
    const recording = [...world.recorded];
    for (const frame of recording) world.inject(frame);
    world.run(SECOND);
    world.crash();
    world.startGateway();
    for (const frame of recording) world.inject(frame);
    world.run(MINUTE);
    expect(reportsAt(world, 'central', 'wb-')).toEqual(world.pressed);
    expect(world.published.size).toBe(1);
  });

  test('a press from an unknown address is reported at once with all that is known, then at a bounded rate', () => {
    const world = runningSchool(7);
    const forged = (address: number, counter: number) =>
      world.give({
        type: 'unknownSignal',
        signal: {
          input: 'bus-1',
          address: String(address),
          reason: 'notEnrolled',
          says: 'press',
          identity: { epoch: 9, counter },
          capturedMs: world.clock.nowMs,
        },
      });
    forged(77, 1);
    world.run(100);
    expect(reportsAt(world, 'central', 'unknownPress')).toHaveLength(1);
    expect(world.trace.join('\n')).toContain('input bus-1, address 77, address is not enrolled, epoch 9 counter 1');
    for (let count = 0; count < 1000; count++) world.clock.after(count * 600, () => forged(77 + (count % 100), count));
    world.run(10 * MINUTE);
    const reports = reportsAt(world, 'central', 'unknownPress');
    expect(reports.length).toBeGreaterThan(10);
    expect(reports.length).toBeLessThan(17 * 11);
    expect([...world.published.keys()]).toEqual([]);
  });

  test('a press of a button that is not configured is reported, not swallowed', () => {
    const world = runningSchool(8);
    const body = { type: 'press', button: 9, pattern: 'single' } as const;
    const identity = { epoch: 1, counter: 500 };
    const capturedMs = world.clock.nowMs;
    world.give({
      type: 'signal',
      signal: { input: 'bus-1', device: 'wb-101', authenticated: true, capturedMs, identity, body },
    });
    world.run(SECOND);
    expect(reportsAt(world, 'central', 'unknownButton.wb-101.9')).toHaveLength(1);
  });

  test('every frame in the history is a frame that parses, so that the replays above were real', () => {
    const world = runningSchool(9);
    expect(world.recorded.length).toBeGreaterThan(6);
    for (const frame of world.recorded) expect(parseFrame(frame.subarray(1, -1)).ok).toBe(true);
  });
});

describe('receivers', () => {
  test('NAK: the receiver’s time is taken, and the same number goes again at once', () => {
    const world = runningSchool(10);
    world.receivers.get('central')?.behave({ clockErrorMs: 3_600_000 });
    const id = world.press('wb-101', 0) ?? '';
    world.run(200);
    const tries = world.sends.filter((each) => each.report === id && each.path === 'central');
    expect(tries).toHaveLength(2);
    expect(new Set(tries.map((each) => each.sequence)).size).toBe(1);
    expect(world.published.get(id)?.state).toBe('acknowledged');
  });

  test('DUH: the same content is not sent again; the other format is', () => {
    const world = runningSchool(11);
    world.receivers.get('central')?.behave({ duhFormats: [0] });
    const id = world.press('wb-101', 0) ?? '';
    world.run(MINUTE);
    expect(world.sends.filter((each) => each.report === id).map((each) => each.format)).toEqual([0, 1]);
    expect(world.published.get(id)?.state).toBe('acknowledged');
  });

  test('DUH in every format: the next path at once, a trouble, and never the same again', () => {
    const world = runningSchool(12);
    world.receivers.get('central')?.behave({ duhFormats: [0, 1] });
    const id = world.press('wb-101', 0) ?? '';
    world.run(500);
    expect(world.receivers.get('backup')?.displayed.has(id)).toBe(true);
    world.run(10 * MINUTE);
    expect(world.sends.filter((each) => each.report === id)).toHaveLength(3);
    expect(reportsAt(world, 'backup', 'pathRefuses')).toHaveLength(1);
  });

  test('DUH everywhere: NOT CONFIRMED at once', () => {
    const world = runningSchool(13);
    for (const desk of world.receivers.values()) desk.behave({ duhFormats: [0, 1] });
    const id = world.press('wb-101', 0) ?? '';
    world.run(500);
    expect(world.published.get(id)?.not_confirmed).toBe(true);
  });

  test('a receiver that refuses NULL is supervised by periodic test events instead', () => {
    const world = runningSchool(14, [path('central')]);
    world.receivers.get('central')?.behave({ refusesNull: true });
    world.run(20 * MINUTE);
    expect(reportsAt(world, 'central', 'test.central').length).toBeGreaterThanOrEqual(3);
    expect(standing(world)).toEqual([]);
  });

  test('a dead path is a trouble within a minute; its return is told; flapping is not twenty troubles', () => {
    const world = runningSchool(15);
    const central = world.receivers.get('central');
    central?.behave({ hangs: true });
    world.run(MINUTE);
    expect(raisedCount(world, 'pathDown')).toBe(1);
    expect(reportsAt(world, 'backup', 'pathDown.central')).toHaveLength(1);
    central?.behaveWell();
    world.run(MINUTE);
    expect(standing(world)).toEqual([]);
    for (let flap = 0; flap < 20; flap++) {
      central?.behave({ refuses: flap % 2 === 0 });
      world.run(4 * SECOND);
    }
    expect(raisedCount(world, 'pathDown')).toBeLessThanOrEqual(3);
  });

  test('a broker that is full, or at which passwords are tried, is told once while it lasts, and so is its end', () => {
    const world = runningSchool(18);
    const strain = (strain: 'full' | 'guessing', standing: boolean) =>
      world.give({ type: 'brokerStrain', strain, standing, detail: 'the oldest give way' });
    for (const standing of [true, true]) for (const each of ['full', 'guessing'] as const) strain(each, standing);
    world.run(MINUTE);
    expect(standing(world)).toEqual([
      'brokerFull: MQTT broker full: the oldest give way',
      'brokerGuessed: Wrong passwords at the MQTT broker: the oldest give way',
    ]);
    expect(reportsAt(world, 'central', 'brokerFull')).toHaveLength(1);
    world.crash();
    world.startGateway();
    for (const each of ['full', 'guessing'] as const) strain(each, false);
    world.run(MINUTE);
    expect(standing(world)).toEqual([]);
    expect(reportsAt(world, 'central', 'brokerGuessed').at(-1)).toMatch(/restore$/);
  });

  test('a client that the broker turns away is one trouble by name, with its newest cause, over restarts', () => {
    const world = new World({ ...school(), mqttClients: ['zigbee'] }, 19);
    world.startGateway();
    world.startNodes();
    world.run(SECOND);
    const turnedAway = (detail: string, account?: string) =>
      world.give({
        type: 'clientTurnedAway',
        standing: detail !== '',
        detail,
        ...(account === undefined ? {} : { account }),
      });
    for (const detail of ['speaks MQTT 5', 'speaks MQTT 5', 'has no keep-alive']) turnedAway(detail, 'zigbee');
    turnedAway('wrong password, from 10.0.0.5');
    world.run(MINUTE);
    expect(standing(world)).toEqual([
      'clientTurnedAway: MQTT client turned away: zigbee: has no keep-alive',
      'clientTurnedAway: MQTT client turned away: wrong password, from 10.0.0.5',
    ]);
    expect(reportsAt(world, 'central', 'clientTurnedAway')).toHaveLength(2);
    world.crash();
    world.startGateway();
    world.run(MINUTE);
    expect(standing(world)).toHaveLength(2);
    turnedAway('', 'zigbee');
    turnedAway('');
    world.run(MINUTE);
    expect(standing(world)).toEqual([]);
    expect(reportsAt(world, 'central', 'clientTurnedAway').at(-1)).toMatch(/restore$/);
  });

  test('a failing journal is a trouble, and alerts go out and are accepted all the same', () => {
    const world = runningSchool(16);
    world.weather.journalStuck = true;
    world.give({ type: 'journalHealth', state: 'failed', detail: 'no space left on device' });
    const id = world.press('wb-101', 0) ?? '';
    world.run(SECOND);
    expect(reportsAt(world, 'central', 'journalFailed')).toHaveLength(1);
    expect(world.published.get(id)?.state).toBe('acknowledged');
    expect(world.node('wb-101').led).toBe('green');
  });

  test('resolving sends a restore, cancelling a cancel; the alert itself is never erased', () => {
    const world = runningSchool(17);
    const [first = '', second = ''] = [world.press('wb-101', 0), world.press('wb-102', 0)];
    world.run(SECOND);
    world.give({
      type: 'command',
      command: { command: 'resolve', alert: first, reason: 'police on site', by: 'desk' },
    });
    world.give({ type: 'command', command: { command: 'cancel', alert: second, reason: 'leaned on it', by: 'desk' } });
    world.run(SECOND);
    expect(world.published.get(first)).toMatchObject({ state: 'resolved', closed_by: 'desk' });
    expect(world.published.get(second)).toMatchObject({ state: 'cancelled', closed_reason: 'leaned on it' });
    expect(reportsAt(world, 'central', 'wb-').sort()).toEqual([first, `${first}.restore`, second, `${second}.cancel`]);
  });
});
