import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTable, writeTable } from '../../../../gateway/config/edit/room-table.ts';
import { readEntries } from '../../../../gateway/config/load.ts';
import type { SiteFile } from '../../../../gateway/config/schema/site-schema.ts';
import { KEYS, SITE, withSite } from '../site-fixture.ts';

const site = withSite({ site: SITE, keys: KEYS }, readEntries).site as SiteFile;
const cells = (text: string) => readTable(text).rows.map(({ line, cells: row }) => [line, Object.fromEntries(row)]);

describe('a table is read as people save it', () => {
  test.each([
    ['with commas', 'floor,room,kind\n1,101,fire\n'],
    ['with semicolons, as Excel writes in Europe', 'floor;room;kind\r\n1;101;fire\r\n'],
    ['with tabs', 'floor\troom\tkind\n1\t101\tfire'],
    ['with a byte order mark', '\uFEFFfloor,room,kind\n1,101,fire\n'],
    ['with other headings', 'Level, Room No. ,Kind of alert\n1,101,fire\n'],
    ['with quotes', '"floor","room","kind"\n"1","101","fire"\n'],
    ['with columns of its own', 'floor,room,Teacher,kind\n1,101,"Smith, J.",fire\n'],
    ['with the separator named first, as Excel has it', 'sep=;\r\nfloor;room;kind\r\n1;101;fire\r\n'],
    ['with the line ends of old Macs', 'floor;room;kind\r1;101;fire\r'],
    ['with another separator inside a heading', '"floor","room","kind; of alert"\n1,101,fire\n'],
    ['with spaces and empty lines', '\nfloor, room, kind\n\n , ,\n1, 101 ,fire\n'],
  ])('%s', (_, text) => {
    const table = readTable(text);
    expect(table.mistakes).toEqual([]);
    expect(table.rows.map((row) => Object.fromEntries(row.cells))).toEqual([{ floor: '1', room: '101', kind: 'fire' }]);
  });

  test('a row keeps its line, although cells and blank lines take several', () => {
    expect(cells('floor,room,room name\n1,101,"two\nlines"\n\n1,102,x\n')).toEqual([
      [2, { floor: '1', room: '101', roomName: 'two\nlines' }],
      [5, { floor: '1', room: '102', roomName: 'x' }],
    ]);
  });
});

describe('what is wrong in a table is told with its line', () => {
  test.each([
    ['', 1, /empty/],
    ['floor,kind\n1,fire\n', 1, /no column room/],
    ['floor,room,zones\n1,1,1\n', 1, /did you mean zone/],
    ['floor,room,room\n1,1,1\n', 1, /two columns/],
    ['floor,room\n1,1,x\n', 2, /3 cells, and the headings are 2/],
    ['Northfield School;;\nfloor;room\n1;101\n', 1, /no column floor, and none room: the first line must name/],
    [[...'floor,room\n'].join('\0'), 1, /^this is no table: save it as "CSV UTF-8"$/],
    ['floor,room,room name\n1,1,E6419c20d83b57fa0c94b1e86d2375af\n', 2, /looks like a key/],
    ['sep=,\nfloor,room\n1,"1\n', 3, /a quote is not closed/],
    ['floor,room\n1,"1\n', 2, /a quote is not closed/],
    ['floor,room\n1,"1"x\n', 2, /behind a closing quote/],
    ['floor,room\n1,x"1"\n', 2, /middle of a cell/],
    [`floor,room\n1,${'x'.repeat(201)}\n`, 2, /longer than 200/],
  ])('%j', (text, line, message) => {
    const [mistake] = readTable(text).mistakes;
    expect(mistake?.line).toBe(line);
    expect(mistake?.message).toMatch(message);
  });
});

const name = fc.oneof(
  fc.constantFrom('=HYPERLINK("http://x")', '+1', '-2', '@SUM(1)', "'quoted", "'=x", 'a;b', 'a,"b"', 'Химия', ' x'),
  fc.string({ minLength: 1, maxLength: 20 }).filter((text) => /\S/.test(text)),
);

test('a spreadsheet runs nothing of an export, and reading it gives the same names back', () => {
  fc.assert(
    fc.property(name, (written) => {
      const text = writeTable({
        ...site,
        buildings: site.buildings.map((building) => ({
          ...building,
          floors: building.floors.map((floor) => ({
            ...floor,
            rooms: floor.rooms.map((room) => ({ ...room, name: written })),
          })),
        })),
      });
      const table = readTable(text);
      expect(table.mistakes).toEqual([]);
      expect(new Set(table.rows.map((row) => row.cells.get('roomName')))).toEqual(new Set([written.trim()]));
      const shown: string[][] = parse(text);
      for (const cell of shown.flat()) expect(cell).not.toMatch(/^[=+@\t\r-]/);
    }),
  );
});

test('whatever is read, nothing is thrown', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.array(fc.constantFrom('"', ',', ';', '\n', '\r', 'floor', 'room', '=')).map((parts) => parts.join('')),
      ),
      (text) => {
        const { rows, mistakes } = readTable(text);
        expect(rows.length + mistakes.length).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
