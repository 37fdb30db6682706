import { expect, test } from 'vitest';
import { StrangersHeard } from '../../../gateway/inputs/ble/strangers-heard.ts';

const TAG = '7c:c6:b6:00:00:0a';
const PRESS = '4400023a01';
const NEXT = '4400033a01';
const BEACON = '4400040164';
const FOB = `4c000215${'ab'.repeat(16)}00010007c5`;

const moved = (heard: StrangersHeard) => heard.entries().map((entry) => entry[7]);

test('a press is a movement once, however often its advertisement is repeated; a reading is none', () => {
  const heard = new StrangersHeard();
  heard.heard('bthome', TAG, -60, BEACON, 0);
  expect(moved(heard)).toEqual([null]);
  for (const atMs of [1000, 1030, 1060]) heard.heard('bthome', TAG, -60, PRESS, atMs);
  expect(moved(heard)).toEqual([1000]);
  heard.heard('bthome', TAG, -60, BEACON, 2000);
  expect(moved(heard)).toEqual([1000]);
  heard.heard('bthome', TAG, -60, NEXT, 3000);
  expect(moved(heard)).toEqual([3000]);
});

test('a beacon moves when it begins to advertise after a silence, whatever its power byte and address', () => {
  const heard = new StrangersHeard();
  heard.heard('iBeacon', 'c2:00:00:00:00:01', -60, FOB, 0);
  for (const atMs of [1000, 5000, 9900])
    heard.heard('iBeacon', 'c2:00:00:00:00:02', -60, `${FOB.slice(0, -2)}c6`, atMs);
  expect(moved(heard)).toEqual([0]);
  heard.heard('iBeacon', 'c2:00:00:00:00:02', -60, FOB, 15_000);
  expect(moved(heard)).toEqual([15_000]);
});

test('what is no BTHome is kept, and moves nothing', () => {
  const heard = new StrangersHeard();
  for (const hex of ['', '00', '44', 'ff', '4500']) heard.heard('bthome', TAG, -60, hex, 1);
  expect(heard.entries()).toHaveLength(1);
});
