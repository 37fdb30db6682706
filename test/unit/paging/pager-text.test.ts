import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageText } from '../../../gateway/paths/page-text.ts';
import { markIn, pagerText } from '../../../protocol/paging/pager-text.ts';

const report = {
  id: 'wb-101.5.17',
  class: 'alarm',
  sia: 'HA',
  contactId: '122',
  qualifier: 1,
  zone: 101,
  area: 1,
  text: 'Intruder, Main building, Floor 1, Rm 101 Reception',
  occurredMs: 0,
} as const;

test.each([
  ['Café Señor, Straße', 'Cafe Senor, Strasse'],
  ['a\r\n\tb\u00a0c', 'a b c'],
  ['[A/B] "x" … –', '[A/B] "x" ... -'],
  ['日本', '-'],
])('%j is shown as %j', (text, shown) => {
  expect(pagerText(text)).toBe(shown);
});

test('a page is at most as long as pagers show, of printable ASCII, and ends with its number', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 40, max: 250 }),
      fc.integer({ min: 1, max: 9999 }),
      (text, characters, sequence) => {
        const page = pageText({ ...report, text }, sequence, characters);
        expect(page.length).toBeLessThanOrEqual(characters);
        expect(page).toMatch(/^[ -~]*$/);
        expect(markIn(page)).toBe(sequence);
      },
    ),
  );
});

test('what does not fit is cut where that shows; the number stays', () => {
  expect(pageText(report, 12, 80)).toBe('Intruder, Main building, Floor 1, Rm 101 Reception #12');
  expect(pageText(report, 12, 40)).toBe('Intruder, Main building, Floor... #12');
});
