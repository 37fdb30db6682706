import { expect, test } from 'vitest';
import type { LocalOutput } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const OUTPUTS: readonly LocalOutput[] = [
  { id: 'trouble-relay', input: 'bus-1', shows: 'trouble', normallyEnergised: true, silentKinds: false, drills: true },
  { id: 'siren', input: 'bus-1', shows: 'alarm', normallyEnergised: false, silentKinds: false, drills: true },
  {
    id: 'office-led',
    input: 'bus-1',
    shows: 'notConfirmed',
    normallyEnergised: false,
    silentKinds: true,
    drills: true,
  },
];
const HOLD_UP = 0;
const MEDICAL = 1;

function worldWith(): SensorWorld {
  return new SensorWorld({ ...site([device(101)], [path('central')]), outputs: OUTPUTS });
}

function press(world: SensorWorld, button: number, packetId: number): void {
  world.readings('wb-101', { presses: [{ button, pattern: 'single' }] }, { packetId });
}

function shown(world: SensorWorld): Record<string, boolean> {
  return Object.fromEntries(world.outputs);
}

test('the trouble relay is energised while all is well, and falls with the first trouble', () => {
  const world = worldWith();
  expect(shown(world)).toEqual({ 'trouble-relay': true, siren: false, 'office-led': false });
  world.readings('wb-101', { tamper: true }, { packetId: 1 });
  expect(world.outputs.get('trouble-relay')).toBe(false);
  world.readings('wb-101', { tamper: false }, { packetId: 2 });
  expect(world.outputs.get('trouble-relay')).toBe(true);
});

test('a siren sounds from the press until the alert is closed, and never for a silent kind', () => {
  const world = worldWith();
  press(world, HOLD_UP, 1);
  expect(world.outputs.get('siren')).toBe(false);
  press(world, MEDICAL, 2);
  expect(world.outputs.get('siren')).toBe(true);
  world.run(1000);
  expect(world.outputs.get('siren')).toBe(true);
  const alert = world.raised[1]?.id ?? '';
  world.give({ type: 'command', command: { command: 'resolve', alert, by: 'office', reason: 'over' } });
  expect(world.outputs.get('siren')).toBe(false);
});

test('NOT CONFIRMED is shown at its deadline until a receiver has the alert', () => {
  const world = worldWith();
  world.receiverAnswers = false;
  press(world, HOLD_UP, 1);
  world.run(9_999);
  expect(world.outputs.get('office-led')).toBe(false);
  world.run(1);
  expect(world.outputs.get('office-led')).toBe(true);
  world.receiverAnswers = true;
  world.run(60_000);
  expect(world.outputs.get('office-led')).toBe(false);
});

test('a board that was away is told again what its outputs are to be', () => {
  const world = worldWith();
  world.outputs.clear();
  world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'down', detail: 'unplugged' } });
  world.outputs.clear();
  world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: 'back' } });
  expect(shown(world)).toEqual({ 'trouble-relay': true, siren: false, 'office-led': false });
});
