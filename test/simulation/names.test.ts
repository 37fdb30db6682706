import { expect, test } from 'vitest';
import type { AlertKind, Device, Path, Site } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, inTurn, path, site } from './site.ts';

const OFF = { ...path('central').supervision, mode: 'off' } as const;
const LATIN: Path = path('latin', { supervision: OFF, latinOnly: true });
const SLOW: Path = path('slow', { supervision: OFF, latinOnly: true, parallel: 1, digest: { characters: 60 } });
const ANY: Path = path('any', { supervision: OFF });
const ATTACK: AlertKind = {
  id: 'hold-up',
  name: 'Нападение',
  sia: 'PA',
  siaRestore: 'PR',
  contactId: '120',
  silent: false,
  category: 'Security',
  action: 'lockdown',
};

function school(paths: readonly Path[]): Site {
  const devices = [201, 202, 203].map((number): Device => {
    const room = String(number);
    const text = `Главный корпус, 2 этаж, Rm ${room} Химия`;
    return device(number, {
      heartbeatMs: 0,
      location: { building: 'Б', floor: '2', room, text, names: { building: 'Б', floor: '2', room } },
    });
  });
  const doors = [201, 202].map((number) => ({
    id: `door-${number}`,
    name: `Rm ${number} Химия`,
    building: 'Б',
    zone: 0,
    area: 0,
    contact: { device: `wb-${number}`, point: 0 },
  }));
  return {
    ...site(devices, paths),
    kinds: new Map([['hold-up', ATTACK]]),
    doors,
    plan: { ...inTurn(paths), steps: paths.map(({ id }) => ({ path: id, afterMs: 0 })) },
    latin: new Map([
      ['Нападение', 'Attack'],
      ['Главный корпус', 'Main building'],
      ['2 этаж', '2nd floor'],
      ['Химия', 'Chemistry'],
      ['Б', 'B'],
    ]),
  };
}

const textsOver = (world: SensorWorld, id: string) =>
  world.attempts.filter((each) => each.path === id).map(({ report }) => report.text);

test('each report goes out in the site’s letters where the link carries them, and in Latin ones where not', () => {
  const world = new SensorWorld(school([LATIN, ANY]));
  const alert = world.press('wb-203', 1);
  world.run(1_000);
  world.command({ command: 'cancel', alert, by: 'office', reason: 'тест' });
  world.run(1_000);
  expect(textsOver(world, 'any')).toEqual([
    'Нападение, Главный корпус, 2 этаж, Rm 203 Химия',
    'Cancelled: Нападение, Главный корпус, 2 этаж, Rm 203 Химия',
  ]);
  expect(textsOver(world, 'latin')).toEqual([
    'Attack, Main building, 2nd floor, Rm 203 Chemistry',
    'Cancelled: Attack, Main building, 2nd floor, Rm 203 Chemistry',
  ]);
});

test('doors, drills and troubles as well', () => {
  const world = new SensorWorld(school([LATIN, ANY]));
  world.press('wb-203', 1);
  world.readings('wb-203', { points: [{ point: 2, active: true }] });
  world.run(1_000);
  const first = world.attempts.find((each) => each.path === 'latin');
  expect(first?.report.alert?.doors?.map((door) => door.name)).toEqual(['Rm 201 Chemistry', 'Rm 202 Chemistry']);
  world.command({ command: 'drill', action: 'start', scope: 'building:Б', minutes: 10, reason: 'тест', by: 'office' });
  world.press('wb-202', 1);
  world.run(1_000);
  const texts = textsOver(world, 'latin');
  expect(texts).toContain('Tamper: wb-203 cover, Main building, 2nd floor, Rm 203 Chemistry');
  expect(texts).toContain('DRILL: Attack, Main building, 2nd floor, Rm 202 Chemistry');
  for (const text of texts) expect(text).toMatch(/^[ -~]*$/);
});

test('a digest is measured in the letters that are sent', () => {
  const world = new SensorWorld(school([SLOW]));
  world.receive = () => ({ afterMs: 3_000, outcome: { type: 'receiverAcknowledged' } });
  for (const number of [201, 202, 203]) world.press(`wb-${number}`, 1);
  world.run(20_000);
  expect(textsOver(world, 'slow')).toEqual([
    'Attack, Main building, 2nd floor, Rm 201 Chemistry',
    'Attack B: 2 more, Rm 202, 203',
  ]);
});

test('what is owed after a crash goes out in the same letters', () => {
  const world = new SensorWorld(school([LATIN]));
  world.receiverAnswers = false;
  world.press('wb-203', 1);
  world.run(1_000);
  world.crash();
  world.receiverAnswers = true;
  world.start();
  world.run(5_000);
  const texts = new Set(textsOver(world, 'latin'));
  expect([...texts]).toEqual(['Attack, Main building, 2nd floor, Rm 203 Chemistry']);
});
