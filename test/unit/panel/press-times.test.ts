import { expect, test } from 'vitest';
import { PressTimes } from '../../../device-sim/panel/press-times.ts';

function times(): PressTimes {
  const presses = new PressTimes();
  presses.pressed({ device: 'wb-101', atMs: 1000, room: '101', alert: 'wb-101.7.1' });
  presses.pressed({ device: 'pull-201', atMs: 2000, room: '201' });
  return presses;
}
const shown = (firstMs: number, id: string | undefined, text = 'Intruder, Rm 999') => ({
  firstMs,
  text,
  ...(id === undefined ? {} : { id }),
});

test.each([
  ['the id that the device gave it', shown(1012, 'wb-101.7.1'), 12],
  ['an id that begins with the device, if the gateway gave it', shown(2030, 'pull-201.55.1'), 30],
  ['its room, where a far end shows no id', shown(2100, undefined, 'Intruder, First floor, Rm 201 Classroom'), 100],
  ['its room, where the id is a short mark', shown(1100, '17', 'Intruder, Rm 101 Office'), 100],
])('an alert is known by %s', (_, report, latency) => {
  expect(times().latencyOf('central', report)).toBe(latency);
});

test.each([
  ['another alert of the same device', shown(1012, 'wb-101.7.2')],
  ['a trouble', shown(1012, 'inputDown.bus-1.7.1', 'Input bus-1 down')],
  ['a room that only contains the number', shown(1012, undefined, 'Intruder, Rm 1012 Office')],
  ['what came before the press', shown(999, 'wb-101.7.1')],
])('%s is not of the press', (_, report) => {
  expect(times().latencyOf('central', report)).toBeUndefined();
});

test('a later report about the same alert has no time on that path, and a first one has on another', () => {
  const presses = times();
  const report = shown(1010, 'wb-101.7.1');
  expect(presses.latencyOf('central', report)).toBe(10);
  expect(presses.latencyOf('central', report)).toBeUndefined();
  expect(presses.latencyOf('pager', report)).toBe(10);
});
