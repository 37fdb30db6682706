import { expect, it } from 'vitest';
import { ReceptionFigures } from '../../../gateway/inputs/ble/reception-figures.ts';

type Told = [device: string, perMinute: number, trend: string, rssiDbm: number];

function minute(figures: ReceptionFigures, device: string, times: number, rssiDbm = -70): Told[] {
  for (let i = 0; i < times; i++) figures.heard(device, rssiDbm);
  const told: Told[] = [];
  figures.minute((id, { perMinute, trend, rssiDbm: rssi }) => told.push([id, perMinute, trend, rssi]));
  return told;
}

it('each device heard is told of, with the last strength; one that fell silent once more, then no more', () => {
  const figures = new ReceptionFigures();
  figures.heard('other', -50);
  expect(minute(figures, 'tag', 3, -71)).toEqual([
    ['other', 1, 'steady', -50],
    ['tag', 3, 'steady', -71],
  ]);
  expect(minute(figures, 'tag', 2, -72)).toEqual([
    ['other', 0, 'steady', -50],
    ['tag', 2, 'steady', -72],
  ]);
  expect(minute(figures, 'tag', 2)).toEqual([['tag', 2, 'steady', -70]]);
});

it('a trend is a change beyond chance, against the hour before, and nothing is said of it in the first minutes', () => {
  const figures = new ReceptionFigures();
  expect(minute(figures, 'tag', 60)).toEqual([['tag', 60, 'steady', -70]]);
  expect(minute(figures, 'tag', 10)).toEqual([['tag', 10, 'steady', -70]]);
  const after = new ReceptionFigures();
  for (let i = 0; i < 60; i++) minute(after, 'tag', 60);
  expect(minute(after, 'tag', 50)[0]?.[2]).toBe('steady');
  expect(minute(after, 'tag', 30)[0]?.[2]).toBe('falling');
  expect(minute(after, 'tag', 90)[0]?.[2]).toBe('rising');
});
