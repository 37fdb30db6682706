import { expect, test } from 'vitest';
import { LocalTimes } from '../../../gateway/after-action/local-times.ts';

test('in the night when clocks are set back, a time that comes twice says which of the two it is', () => {
  const times = new LocalTimes('America/New_York');
  expect(times.time('2026-11-01T05:30:00.000Z')).toBe('01:30:00 (GMT-04:00)');
  expect(times.both('2026-11-01T06:30:00.000Z')).toBe('01 Nov 2026 01:30:00 (GMT-05:00)');
  expect(times.timeInTenths('2026-11-01T06:30:00.190Z')).toBe('01:30:00.1 (GMT-05:00)');
  expect(times.time('2026-11-01T04:59:59.000Z')).toBe('00:59:59');
  expect(times.time('2026-11-01T07:00:00.000Z')).toBe('02:00:00');
  expect(new LocalTimes('Australia/Lord_Howe').time('2026-04-04T15:15:00.000Z')).toBe('01:45:00 (GMT+10:30)');
});

test('in spring no time comes twice', () => {
  const times = new LocalTimes('Europe/Berlin');
  expect(times.time('2026-03-29T00:59:59.000Z')).toBe('01:59:59');
  expect(times.time('2026-03-29T01:00:00.000Z')).toBe('03:00:00');
});
