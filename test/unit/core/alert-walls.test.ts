import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Alert } from '../../../gateway/core/alerts/alert.ts';
import { AlertWalls } from '../../../gateway/core/alerts/alert-walls.ts';
import { PartsRig } from './parts-rig.ts';

const STEP = { atMs: 1 } as const;
const ON_PATH = { path: 'central', atMs: 1 } as const;

/** An alert with only the fields that the walls need. */
function alertOf(id: string, changes: object = {}): Alert {
  const device = { id: 'wb-101', input: 'bus-1' };
  return { id, device, identity: { epoch: 1, counter: 4 }, ofEarlierKey: false, isSent: false, ...changes } as Alert;
}

const step = fc.constantFrom(
  { durable: STEP },
  { sent: STEP, isSent: true },
  { notConfirmed: true },
  { acknowledged: ON_PATH },
  { handedOver: ON_PATH },
);

test('a wall hears of each step once, is told accepted last, and nothing that is not durable but that', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      const rig = new PartsRig();
      const walls = new AlertWalls(rig.context);
      const alert = alertOf('a');
      for (const each of steps) {
        Object.assign(alert, each);
        walls.tell(alert);
        const last = rig.walls().at(-1)?.split(' ').at(-1);
        if (last === 'heard' || last === 'sent') expect(alert.durable).toBeDefined();
        if (alert.acknowledged !== undefined) expect(last).toBe('accepted');
      }
      const told = rig.walls();
      for (const [index, each] of told.entries()) expect(each).not.toBe(told[index - 1]);
      expect(told.filter((each) => each.endsWith('accepted')).length).toBeLessThanOrEqual(1);
    }),
  );
});

test('the wall with the present key is told nothing about a press under an earlier one', () => {
  const rig = new PartsRig();
  new AlertWalls(rig.context).tell(alertOf('a', { ofEarlierKey: true, acknowledged: ON_PATH }));
  expect(rig.walls()).toEqual([]);
});

test.each([
  ['nothing while it could still be lost', {}, []],
  ['heard once it is durable', { durable: STEP }, ['heard']],
  [
    'heard, which ends its repeats, and NOT CONFIRMED, which it shows',
    { durable: STEP, notConfirmed: true },
    ['heard', 'notConfirmed'],
  ],
  ['NOT CONFIRMED alone while it could still be lost', { notConfirmed: true }, ['notConfirmed']],
  ['accepted', { acknowledged: ON_PATH }, ['accepted']],
] as const)('a press that is repeated is answered: %s', (_, changes, statuses) => {
  const walls = new AlertWalls(new PartsRig().context);
  expect(walls.statusesOf('a', alertOf('a', changes))).toEqual(statuses);
});

test.each([
  ['accepted', { acknowledged: ON_PATH }],
  ['sent', { handedOver: ON_PATH }],
  ['sent', { exercise: 'drill' }],
  ['notConfirmed', { undeliverable: true }],
] as const)('a wall that asks about an alert that is over is told %s', (status, changes) => {
  const walls = new AlertWalls(new PartsRig().context);
  walls.over(alertOf('a', changes));
  expect(walls.remembers('a')).toBe(true);
  expect(walls.statusesOf('a', undefined)).toEqual([status]);
});

test('the last 256 alerts that are over are remembered; what is older was heard, and no more is known', () => {
  const walls = new AlertWalls(new PartsRig().context);
  for (let n = 0; n <= 256; n += 1) walls.over(alertOf(`a${n}`, { acknowledged: ON_PATH }));
  expect([walls.remembers('a0'), walls.remembers('a1'), walls.remembers('a256')]).toEqual([false, true, true]);
  expect(walls.statusesOf('a0', undefined)).toEqual(['heard']);
});
