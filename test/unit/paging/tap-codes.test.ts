import { describe, expect, test } from 'vitest';
import { portSettings } from '../../../gateway/paths/tap/framing.ts';
import { isLasting, isOfThePage, saysNotNow } from '../../../protocol/paging/tap-codes.ts';

describe('what a terminal’s refusal means', () => {
  test.each([504, 505, 510, 511, 513, 515, 517])('%i is about the page, and lasts', (code) => {
    expect([isLasting({ text: '', code }), isOfThePage({ text: '', code })]).toEqual([true, true]);
  });

  test.each([501, 502, 503, 506, 507, 508, 509, 512, 514, 516, 599])('%i may pass', (code) => {
    expect([isLasting({ text: '', code }), isOfThePage({ text: '', code })]).toEqual([false, false]);
  });

  test.each([
    [undefined, true],
    [{ text: 'Invalid pager' }, true],
    [{ text: 'QUEUE FULL' }, false],
    [{ text: 'Temporarily out of service' }, false],
    [{ text: 'Please try again later' }, false],
    // The code says more than the words around it.
    [{ text: '511 Unknown, try later', code: 511 }, true],
  ])('%j without RS’s code: lasting %j', (note, lasting) => {
    expect(isLasting(note)).toBe(lasting);
  });

  test('a NAK says that now is not the time, or that the block was damaged', () => {
    expect(saysNotNow({ text: '', code: 512 })).toBe(true);
    expect(saysNotNow({ text: '', code: 516 })).toBe(true);
    expect(saysNotNow({ text: 'queue full' })).toBe(true);
    expect(saysNotNow({ text: '514 Checksum error', code: 514 })).toBe(false);
    expect(saysNotNow({ text: 'Checksum error, please try again' })).toBe(false);
    expect(saysNotNow(undefined)).toBe(false);
  });
});

test.each([
  ['7E1', { dataBits: 7, parity: 'even', stopBits: 1 }],
  ['7O1', { dataBits: 7, parity: 'odd', stopBits: 1 }],
  ['7N2', { dataBits: 7, parity: 'none', stopBits: 2 }],
  ['8N1', { dataBits: 8, parity: 'none', stopBits: 1 }],
  ['8O1', { dataBits: 8, parity: 'odd', stopBits: 1 }],
] as const)('a line at %s', (framing, bits) => {
  expect(portSettings({ baudRate: 9600, framing })).toEqual({ baudRate: 9600, ...bits });
});
