import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dc09Event, encodeEvent, TEXT_MAX } from '../../../protocol/dc09/event.ts';
import { readEvents } from '../../../protocol/dc09/read-events.ts';
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
        const [read] = readEvents(format, data, xdata);
        expect(read).toMatchObject({ account: 'AB12', code: format === 'SIA-DCS' ? one.sia : one.contactId });
        expect(read?.zone ?? 0).toBe(one.zone);
        expect(read?.area ?? 0).toBe(one.area);
        expect(idInText(read?.text ?? '')).toBe(one.id);
        expect(read?.text).toMatch(/^[^[\]|^/"]*$/);
        expect(`${data}${xdata[0]}`).toMatch(/^[ -~]*$/);
        expect(read?.text?.length).toBeLessThanOrEqual(TEXT_MAX);
      }),
    );
  });

  test.each([
    ['DC-03', '#1234|NRR|Atest', [{ account: '1234', code: 'RR', text: 'test' }]],
    ['no text', '#1234|NPA', [{ account: '1234', code: 'PA' }]],
    ['Ajax', '#1234|Nri1/PA003^Room 12^', [{ code: 'PA', zone: 3, area: 1, text: 'Room 12' }]],
    ['no slash (dc09_spt)', '#1234|Nri2BA3', [{ code: 'BA', zone: 3, area: 2 }]],
    ['more modifiers', '#1234|Nti03:04id5ri1PA003', [{ code: 'PA', zone: 3, area: 1 }]],
    ['Satel', '#AA1234|Npi0/AT', [{ account: 'AA1234', code: 'AT' }]],
    ['Scantronic', '#3080|Nti19:44/id1/RP', [{ code: 'RP' }]],
    [
      'an area with its name',
      '#1234|Nri2^North wing^PA003',
      [{ code: 'PA', zone: 3, area: 2, areaName: 'North wing' }],
    ],
    ['text alone', '#1234|N^Panic in room 12^', [{ code: '', text: 'Panic in room 12' }]],
    ['text alone, DC-03', '#1234|APanic in room 12', [{ code: '', text: 'Panic in room 12' }]],
    ['XSIA', '#1234|Nri1BA01*"Kitchen"NM', [{ code: 'BA', zone: 1, area: 1, text: 'Kitchen' }]],
    ['XSIA, Lupusec', 'alarm2|Nri1OP0001*Familie*', [{ account: 'alarm2', code: 'OP', zone: 1, text: 'Familie' }]],
    ['no account in the data', '|Nri1/PA003', [{ code: 'PA', zone: 3 }]],
    [
      'several events',
      '#1234|Nri1/BA001/PA002^Desk^',
      [
        { code: 'BA', zone: 1 },
        { code: 'PA', zone: 2, text: 'Desk' },
      ],
    ],
    [
      'several blocks',
      '#1|Nri1BA1|Nri2BA5',
      [
        { zone: 1, area: 1 },
        { zone: 5, area: 2 },
      ],
    ],
  ])('in another dialect is understood: %s', (_who, data, read) => {
    expect(readEvents('SIA-DCS', data, [])).toMatchObject(read);
  });

  test.each([
    ['padded account', '#00001234|1120 01 003', [{ account: '00001234', code: '120', qualifier: 1, area: 1, zone: 3 }]],
    ['blank behind the account', '#1234 |1120 01 003', [{ account: '1234', code: '120' }]],
    ['no account', '|3120 01 003', [{ code: '120', qualifier: 3 }]],
    ['message type', '#1234|18 1120 01 003', [{ account: '1234', code: '120' }]],
    [
      'several events',
      '#1234|1120 01 003|1130 02 004',
      [
        { code: '120', zone: 3 },
        { code: '130', area: 2, zone: 4 },
      ],
    ],
  ])('in Contact ID is understood: %s', (_who, data, read) => {
    expect(readEvents('ADM-CID', data, [])).toMatchObject(read);
  });

  test('takes its text from an extended block where the data has none', () => {
    expect(readEvents('SIA-DCS', '#1234|Nri1/PA003', ['H03:04:05,01-02-2026', 'IRoom 12'])).toMatchObject([
      { code: 'PA', text: 'Room 12' },
    ]);
  });

  test.each([
    ['SIA-DCS', '#1234|PA'],
    ['SIA-DCS', '#1234|Nri1'],
    ['SIA-DCS', '#1234|NPA003?'],
    ['SIA-DCS', `#1|N${'ri1'.repeat(5000)}`],
    ['ADM-CID', '#1234|1120  01 003'],
    ['ADM-CID', ''],
    ['NULL', '#1234|NPA'],
  ])('is refused when it is none: %s %.20s', (token, data) => expect(readEvents(token, data, [])).toEqual([]));
});

describe('text', () => {
  test.each([
    ['Café Zürich, Größe', 'Cafe Zurich, Grosse'],
    ['Room [12] | A/B ^x^ "q"', "Room (12) - A-B 'x' 'q'"],
    ['Łódź – “1”', "Lodz - '1'"],
    ['会議室 5', '- 5'],
    ['a\t\nb\0c\u00a0 d  ', 'a b c d'],
    ['🔥 fire', '- fire'],
  ])('%j becomes %j', (dirty, clean) => expect(cleanText(dirty)).toBe(clean));

  test('that is clean stays as it is, and cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(cleanText(cleanText(text))).toBe(cleanText(text));
      }),
    );
  });
});
