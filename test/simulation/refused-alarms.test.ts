import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../gateway/core/report.ts';
import {
  ACKNOWLEDGED,
  CUT_OFF,
  central,
  HOUR,
  isAlarm,
  MINUTE,
  NO_CONTENT,
  SECOND,
  stateOf,
  triesOf,
  worldWith,
} from './far-end-world.ts';
import type { SensorWorld } from './sensor-world.ts';
import { path } from './site.ts';

const PATHS = [central(), path('backup', { retryMsMax: 30_000 })];
const refuses = (attempt: Attempt) => (isAlarm(attempt) ? NO_CONTENT : ACKNOWLEDGED);

function close(world: SensorWorld, alert: string): void {
  world.command({ command: 'cancel', alert, reason: 'pressed by mistake', by: 'maria' });
}

/** What the journal keeps about alerts. */
function heldOf(world: SensorWorld): string[] {
  return [...world.journal.held().keys()].filter((key) => /^(alert|report):.*wb-/.test(key));
}

describe('an alarm that every receiver refuses', () => {
  test('ends when its alert is closed, and no end of it is told to receivers that never had it', () => {
    const world = worldWith(PATHS, { central: refuses, backup: refuses });
    const alert = world.press('wb-101', 1);
    world.run(MINUTE);
    expect(heldOf(world)).toEqual([`alert:${alert}`]);
    close(world, alert);
    const before = world.attempts.length;
    world.run(24 * HOUR);
    expect(stateOf(world, alert)).toBe('cancelled');
    expect(heldOf(world)).toEqual([]);
    expect(world.attempts.slice(before).filter(({ report }) => report.alert?.id === alert)).toEqual([]);
  });

  test('that is closed before one of them has refused it goes there first', () => {
    let isCutOff = true;
    const world = worldWith(PATHS, {
      central: refuses,
      backup: (attempt) => (isCutOff ? CUT_OFF : refuses(attempt)),
    });
    const alert = world.press('wb-101', 1);
    world.run(MINUTE);
    close(world, alert);
    world.run(HOUR);
    expect(heldOf(world)).toEqual([`alert:${alert}`, `report:${alert}.cancel`]);
    isCutOff = false;
    world.run(MINUTE);
    expect(triesOf(world, alert, 'backup').length).toBeGreaterThan(100);
    expect(heldOf(world)).toEqual([]);
  });

  test('and is closed goes to each once more after a restart, and a receiver that takes it now hears of its end', () => {
    let takesAlarms = false;
    const world = worldWith(PATHS, {
      central: refuses,
      backup: (attempt) => (takesAlarms ? ACKNOWLEDGED : isAlarm(attempt) ? CUT_OFF : ACKNOWLEDGED),
    });
    const alert = world.press('wb-101', 1);
    world.run(MINUTE);
    close(world, alert);
    world.run(SECOND);
    world.crash();
    takesAlarms = true;
    world.start();
    world.run(MINUTE);
    expect(world.sentOver('backup').slice(-2)).toEqual([alert, `${alert}.cancel`]);
    expect(heldOf(world)).toEqual([]);
  });

  test('in a drill ends with the drill: a drill leaves nothing behind', () => {
    const world = worldWith(PATHS, { central: refuses, backup: refuses });
    for (let drill = 1; drill <= 5; drill++) {
      world.command({ command: 'drill', action: 'start', scope: 'site', minutes: 5, reason: 'exercise', by: 'maria' });
      for (const device of ['wb-101', 'wb-102']) world.press(device, drill);
      world.run(10 * MINUTE);
      expect(heldOf(world)).toEqual([]);
    }
    const { length } = world.attempts;
    world.run(2 * HOUR);
    expect(world.attempts.slice(length).filter(isAlarm)).toEqual([]);
  });

  test('while its alert is open, and its last try is under way, an answer that takes it counts', () => {
    let takesAlarms = false;
    const world = worldWith([central()], { central: (attempt) => (takesAlarms ? ACKNOWLEDGED : refuses(attempt)) });
    const alert = world.press('wb-101', 1);
    world.run(700);
    takesAlarms = true;
    world.run(2 * SECOND);
    expect(stateOf(world, alert)).toBe('acknowledged');
    close(world, alert);
    world.run(SECOND);
    expect(world.sentOver('central').at(-1)).toBe(`${alert}.cancel`);
    expect(heldOf(world)).toEqual([]);
  });
});
