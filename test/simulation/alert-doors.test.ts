import { expect, test } from 'vitest';
import { reportText } from '../../gateway/core/report-text.ts';
import type { AlertKind, Door, Path, Site } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, inTurn, path, site } from './site.ts';

const OFF = { ...path('central').supervision, mode: 'off' } as const;
const CENTRAL: Path = path('central', { supervision: OFF });
const CAP: Path = path('cap', { supervision: OFF, takesUpdates: true });
const INTRUDER: AlertKind = {
  id: 'hold-up',
  name: 'Intruder',
  sia: 'PA',
  siaRestore: 'PR',
  contactId: '120',
  silent: false,
  category: 'Security',
  action: 'lockdown',
};
const MEDICAL: AlertKind = { ...INTRUDER, id: 'medical', name: 'Medical' };

function doorOf(number: number): Door {
  const id = `wb-${number}`;
  return {
    id,
    name: `Rm ${number}`,
    building: 'A',
    zone: 0,
    area: 0,
    contact: { device: id, point: 0 },
    bolt: { device: id, point: 1 },
  };
}

function school(paths: readonly Path[] = [CENTRAL, CAP]): Site {
  const devices = [101, 102, 103].map((number) => device(number, { heartbeatMs: 0 }));
  const { action: _, ...plain } = MEDICAL;
  const kinds = new Map([[INTRUDER.id, INTRUDER] as const, [MEDICAL.id, plain] as const]);
  const plan = { ...inTurn(paths), steps: paths.map(({ id }) => ({ path: id, afterMs: 0 })) };
  return { ...site(devices, paths), kinds, plan, doors: [101, 102, 103].map(doorOf) };
}

/** Opens or closes, locks or unlocks. The core accepts the change after its debounce time. */
function door(world: SensorWorld, number: number, state: { open: boolean; unlocked: boolean }): void {
  world.readings(`wb-${number}`, {
    points: [
      { point: 0, active: state.open },
      { point: 1, active: state.unlocked },
    ],
  });
  world.run(100);
}

const SECURED = { open: false, unlocked: false };
const OPEN = { open: true, unlocked: true };

test('a lockdown alert names the doors of its building that are not secured, and what is not known is not secured', () => {
  const world = new SensorWorld(school());
  door(world, 101, SECURED);
  door(world, 102, OPEN);
  const alert = world.press('wb-101', 1);
  const { report } = world.attempts[0] ?? {};
  expect(report?.alert?.doors).toEqual([
    { id: 'wb-102', name: 'Rm 102', state: 'open' },
    { id: 'wb-103', name: 'Rm 103', state: 'unknown' },
  ]);
  expect(world.published.get(`alert/${alert}`)).toMatchObject({
    doors_not_secured: [
      { door: 'wb-102', name: 'Rm 102', state: 'open' },
      { door: 'wb-103', name: 'Rm 103', state: 'unknown' },
    ],
  });
});

test('other kinds of alert say nothing of doors', () => {
  const world = new SensorWorld(school());
  door(world, 102, OPEN);
  const alert = world.press('wb-101', 1, { button: 1 });
  expect(world.attempts[0]?.report.alert).not.toHaveProperty('doors');
  expect(world.published.get(`alert/${alert}`)).not.toHaveProperty('doors_not_secured');
});

test('the list is updated until all doors are secured, on the links that take updates, each naming the reports before it', () => {
  const world = new SensorWorld(school());
  for (const number of [101, 102, 103]) door(world, number, number === 101 ? SECURED : OPEN);
  const alert = world.press('wb-101', 1);
  world.run(5000);
  door(world, 102, SECURED);
  world.run(5000);
  door(world, 103, SECURED);
  world.run(5000);
  const updates = world.attempts.filter(({ report }) => report.class === 'update').map(({ report }) => report);
  expect(updates.map(({ alert: told }) => told?.doors?.map(({ id }) => id))).toEqual([['wb-103'], []]);
  expect(updates[1]?.text).toMatch(/^All doors secured: /);
  expect(updates[1]?.alert?.earlier.map(({ id }) => id)).toEqual([alert, updates[0]?.id]);
  expect(world.sentOver('central')).toEqual([alert]);
  expect(world.published.get(`alert/${alert}`)).toMatchObject({ doors_not_secured: [] });
});

test('a door of whose lock nothing is known is never called secured: it is named, also when all are closed', () => {
  const plain = school();
  const { bolt: _, ...contactOnly } = doorOf(103);
  const world = new SensorWorld({ ...plain, doors: [doorOf(101), doorOf(102), contactOnly] });
  for (const number of [101, 102, 103]) door(world, number, number === 102 ? OPEN : SECURED);
  const alert = world.press('wb-101', 1);
  const text = () => reportText(world.attempts.at(-1)?.report ?? failure(), 300);
  expect(text()).toMatch(/; doors not secured: Rm 102 open; lock unknown: Rm 103$/);
  world.run(5000);
  door(world, 102, SECURED);
  world.run(5000);
  expect(text()).toMatch(/^All doors closed, 1 lock unknown: Intruder.*; lock unknown: Rm 103$/);
  const doors_not_secured = [{ door: 'wb-103', name: 'Rm 103', state: 'closed' }];
  expect(world.published.get(`alert/${alert}`)).toMatchObject({ doors_not_secured });
});

function failure(): never {
  throw new Error('nothing was sent');
}

test('doors that change together are told together, and a door that falls back is not told', () => {
  const world = new SensorWorld(school());
  for (const number of [101, 102, 103]) door(world, number, OPEN);
  world.press('wb-101', 1);
  world.run(5000);
  for (const number of [101, 102, 103]) door(world, number, SECURED);
  world.run(5000);
  expect(world.attempts.filter(({ report }) => report.class === 'update')).toHaveLength(1);
  door(world, 101, OPEN);
  door(world, 101, SECURED);
  world.run(5000);
  expect(world.attempts.filter(({ report }) => report.class === 'update')).toHaveLength(1);
});

test('an update that could not be delivered gives way to the next one', () => {
  const world = new SensorWorld(school());
  for (const number of [101, 102, 103]) door(world, number, OPEN);
  world.press('wb-101', 1);
  world.run(5000);
  world.receiverAnswers = false;
  door(world, 101, SECURED);
  world.run(5000);
  door(world, 102, SECURED);
  world.run(5000);
  world.receiverAnswers = true;
  const before = world.attempts.length;
  world.run(60_000);
  const later = world.attempts.slice(before).filter(({ report }) => report.class === 'update');
  expect(new Set(later.map(({ report }) => report.id)).size).toBe(1);
  expect(later[0]?.report.alert?.doors?.map(({ id }) => id)).toEqual(['wb-103']);
});

test('once the alert is resolved its doors are nobody’s news, and the cancel names all that was told', () => {
  const world = new SensorWorld(school());
  for (const number of [101, 102, 103]) door(world, number, OPEN);
  const alert = world.press('wb-101', 1);
  world.run(5000);
  door(world, 101, SECURED);
  world.run(5000);
  world.command({ command: 'cancel', alert, reason: 'mistake', by: 'maria' });
  world.run(1000);
  const cancel = world.attempts.find(({ path: id, report }) => id === 'cap' && report.class === 'cancel');
  expect(cancel?.report.alert?.earlier).toHaveLength(2);
  door(world, 102, SECURED);
  world.run(5000);
  expect(world.attempts.at(-1)?.report.class).toBe('cancel');
});

test('a lock relay of the building is on while a lockdown alert is open in it', () => {
  const locks = {
    id: 'locks',
    input: 'bus-1',
    shows: 'lockdown',
    building: 'A',
    normallyEnergised: false,
    silentKinds: true,
    drills: false,
  } as const;
  const world = new SensorWorld({ ...school(), outputs: [locks, { ...locks, id: 'annex-locks', building: 'B' }] });
  const alert = world.press('wb-101', 1);
  expect(world.outputs.get('locks')).toBe(true);
  expect(world.outputs.get('annex-locks')).toBe(false);
  world.run(1000);
  world.command({ command: 'resolve', alert, reason: 'over', by: 'maria' });
  expect(world.outputs.get('locks')).toBe(false);
  world.command({ command: 'drill', action: 'start', scope: 'site', minutes: 5, reason: 'exercise', by: 'maria' });
  world.press('wb-101', 2);
  expect(world.outputs.get('locks')).toBe(false);
});

test('an update that is still on its way when the alert is cancelled is not told after the cancel', () => {
  const world = new SensorWorld(school());
  for (const number of [101, 102, 103]) door(world, number, OPEN);
  const alert = world.press('wb-101', 1);
  world.run(5000);
  world.receiverAnswers = false;
  door(world, 101, SECURED);
  world.run(5000);
  world.command({ command: 'cancel', alert, reason: 'mistake', by: 'maria' });
  world.receiverAnswers = true;
  world.run(60_000);
  const classes = world.attempts.filter(({ path: id }) => id === 'cap').map(({ report }) => report.class);
  expect(classes.slice(classes.indexOf('cancel'))).not.toContain('update');
});

test('a path that joins after the doors have changed is told how they are now', () => {
  const late = { ...inTurn([CENTRAL, CAP]), steps: inTurn([CENTRAL, CAP], 10_000).steps };
  const world = new SensorWorld({ ...school(), plan: late });
  for (const number of [101, 102, 103]) door(world, number, OPEN);
  world.receive = ({ path: id }) =>
    id === 'cap' ? { afterMs: 2, outcome: { type: 'receiverAcknowledged' } } : undefined;
  const alert = world.press('wb-101', 1);
  for (const number of [101, 102, 103]) door(world, number, SECURED);
  world.run(15_000);
  expect(world.sentOver('cap')[0]).toBe(alert);
  expect(world.attempts.at(-1)?.report).toMatchObject({ class: 'update', alert: { doors: [] } });
});

test('after a restart the receivers are told what has changed since they were told last, and nothing twice', () => {
  const world = new SensorWorld(school());
  for (const number of [101, 102, 103]) door(world, number, number === 102 ? OPEN : SECURED);
  world.press('wb-101', 1);
  world.run(5000);
  door(world, 102, SECURED);
  world.run(5000);
  world.crash();
  world.start();
  for (const number of [101, 102, 103]) door(world, number, number === 102 ? OPEN : SECURED);
  world.run(5000);
  expect(world.attempts.at(-1)?.report).toMatchObject({ class: 'update', alert: { doors: [{ id: 'wb-102' }] } });
  const count = world.attempts.length;
  world.crash();
  world.start();
  for (const number of [101, 102, 103]) door(world, number, number === 102 ? OPEN : SECURED);
  world.run(5000);
  expect(world.attempts).toHaveLength(count);
});
