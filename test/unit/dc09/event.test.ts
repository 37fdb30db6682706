import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dc09Event, encodeEvent, MAX_TEXT, readEvent } from '../../../protocol/dc09/event.ts';
import { idInText } from '../../../protocol/dc09/text.ts';
import { cleanText } from '../../../protocol/text.ts';

const event: Dc09Event = {
  id: 'wb-101.5.17',
  sia: 'HA',
  contactId: '122',
  qualifier: 1,
  zone: 3,
  area: 1,
  text: 'Intruder, Main bldg, Rm 101',
  occurredMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};

const events = fc.record({
  id: fc.stringMatching(/^[A-Za-z0-9._-]{1,60}$/),
  sia: fc.stringMatching(/^[A-Z]{2}$/),
  contactId: fc.stringMatching(/^[0-9]{3}$/),
  qualifier: fc.constantFrom<1 | 3>(1, 3),
  zone: fc.integer({ min: 0, max: 999 }),
  area: fc.integer({ min: 0, max: 99 }),
  text: fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.string({ maxLength: 600 })),
  occurredMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
});

describe('an event', () => {
  test('in SIA-DCS has the alarm in the data and its time in the only extended block', () => {
    expect(encodeEvent('SIA-DCS', '1234', event)).toEqual({
      data: '#1234|Nri1/HA003^Intruder, Main bldg, Rm 101 (wb-101.5.17)^',
      xdata: ['H03:04:05,01-02-2026'],
    });
  });

  test('in Contact ID has fixed widths, and place, time and id in the only extended block', () => {
    expect(encodeEvent('ADM-CID', '1234', event)).toEqual({
      data: '#1234|1122 01 003',
      xdata: ['IIntruder, Main bldg, Rm 101 2026-01-02 03:04:05Z (wb-101.5.17)'],
    });
  });

  test('without area and zone says so by leaving them out of SIA-DCS', () => {
    expect(encodeEvent('SIA-DCS', '1234', { ...event, sia: 'RP', area: 0, zone: 0, text: '' }).data).toBe(
      '#1234|NRP^(wb-101.5.17)^',
    );
    expect(encodeEvent('ADM-CID', '1234', { ...event, contactId: '602', area: 0, zone: 0 }).data).toBe(
      '#1234|1602 00 000',
    );
  });

  test('of any content is read back as it was meant, its id always whole, its text always harmless', () => {
    fc.assert(
      fc.property(events, fc.constantFrom('SIA-DCS' as const, 'ADM-CID' as const), (one, format) => {
        const { data, xdata } = encodeEvent(format, 'AB12', one);
        expect(xdata).toHaveLength(1);
        const read = readEvent(format, data, xdata);
        expect(read).toMatchObject({ account: 'AB12', code: format === 'SIA-DCS' ? one.sia : one.contactId });
        expect(read?.zone ?? 0).toBe(one.zone);
        expect(read?.area ?? 0).toBe(one.area);
        expect(idInText(read?.text ?? '')).toBe(one.id);
        expect(read?.text).toMatch(/^[^[\]|^/"]*$/);
        expect(`${data}${xdata[0]}`).toMatch(/^[ -~]*$/);
        expect(read?.text?.length).toBeLessThanOrEqual(MAX_TEXT);
      }),
    );
  });

  test.each(['#1234|NRR|Atest', '#1234|Nri1/PA003^Room 12^', '#1234|Nti03:04id5ri1PA003', '#1234|NPA'])(
    'in another dialect is understood: %s',
    (data) => expect(readEvent('SIA-DCS', data, [])).toMatchObject({ account: '1234' }),
  );

  test('is refused when it is none', () => {
    expect(readEvent('SIA-DCS', '#1234|PA', [])).toBeUndefined();
    expect(readEvent('ADM-CID', '#1234|1120  01 003', [])).toBeUndefined();
    expect(readEvent('SIA-DCS', `#1|N${'ri1'.repeat(5000)}`, [])).toBeUndefined();
  });
});

describe('text', () => {
  test.each([
    ['Café Zürich, Größe', 'Cafe Zurich, Grosse'],
    ['Room [12] | A/B ^x^ "q"', "Room (12) - A-B 'x' 'q'"],
    ['Łódź – “1”', "Lodz - '1'"],
    ['会議室 5', '??? 5'],
    ['a\t\nb\0c\u00a0 d  ', 'a b c d'],
    ['🔥 fire', '? fire'],
  ])('%j becomes %j', (dirty, clean) => expect(cleanText(dirty)).toBe(clean));

  test('that is clean stays as it is, and cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(cleanText(cleanText(text))).toBe(cleanText(text));
      }),
    );
  });
});
