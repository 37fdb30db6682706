import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importDevices } from '../../gateway/cli/devices/table.ts';
import { SiteEdit } from '../../gateway/config/edit/site-edit.ts';
import { SITE } from '../unit/config/site-fixture.ts';
import { placeSite } from './edit-corpus.ts';

let place: ReturnType<typeof placeSite>;
beforeEach(() => {
  place = placeSite(SITE);
});
afterEach(() => rmSync(place.directory, { recursive: true }));

/** Imports a table, and writes nothing. */
async function importing(table: string | Uint8Array) {
  const file = join(place.directory, 'rooms.csv');
  writeFileSync(file, table);
  const edit = await SiteEdit.open(place.siteFile, place.data);
  const change = importDevices(edit, file, 'bus-1');
  return { change, outcome: edit.outcome() };
}

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

describe('a table that is not CSV in UTF-8 is refused, and the person is told how to save it', () => {
  test.each([
    ['Unicode text', utf16('\uFEFFfloor\troom\n1\t103\n')],
    ['UTF-16 without a mark', utf16('floor\troom\n1\t103\n')],
    ['Windows-1252', Buffer.from('floor;room;room name\n1;103;K\xfcche\n', 'latin1')],
    ['a workbook', Buffer.from('PK\x03\x04\xff\xfe', 'latin1')],
  ])('%s', async (_, bytes) => {
    await expect(importing(bytes)).rejects.toThrow(/save (the table|it) as "CSV UTF-8"/i);
  });
});

describe('what a spreadsheet does to a cell is noticed', () => {
  test.each([
    ['1,0101,x', 'room 0101 and room 101 on one floor may be the same'],
    ['1,101.0,x', 'room 101.0 and room 101 on one floor may be the same'],
    ['1,1E+02,x', 'the room can not be used'],
    ['1,103,a\u202eb', 'the name can not be used: write a name of 1 to 64 characters'],
    [`1,103,${'x'.repeat(65)}`, 'the name can not be used: write a name of 1 to 64 characters'],
    ['1,103,E6419C20D83B57FA0C94B1E86D2375AF', 'this looks like a key'],
  ])('%s', async (row, message) => {
    const refused = importing(`building,floor,room,room name,kind\nA,${row},Intruder\n`);
    await expect(refused).rejects.toMatchObject({
      code: 'EDIT_REFUSED',
      message: expect.stringMatching(/rooms\.csv:2: column "[a-z ]+": /),
    });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow(/E6419C20/);
  });

  test('a capital letter in a kind is none', async () => {
    const { change } = await importing('building,floor,room,kind\nA,1,103,Hold-Up\n');
    expect(change.what[0]).toContain('1 room and 1 device');
  });
});

test('rows that are there twice are named, because two devices are rarely meant', async () => {
  const { change } = await importing('building,floor,room,kind\nA,1,103,fire\nA,1,103,fire\nA,1,104,fire\n');
  expect(change.what).toContain('Rooms that get several devices, one for each row: A/1/103 (2)');
});

test('a line that is full is told once', async () => {
  const rows = Array.from({ length: 300 }, (_, at) => `A,1,${500 + at},fire`);
  await expect(importing(`building,floor,room,kind\n${rows.join('\n')}\n`)).rejects.toThrow(
    /^The table has mistakes\. Nothing was changed:\n[^\n]+no address is free on bus-1 for this row and those below[^\n]+$/,
  );
});

test('a site that grows beyond what a gateway reads is refused, and stays as it was', async () => {
  const before = readFileSync(place.siteFile, 'utf8');
  const large = `${before}# ${'x'.repeat(1024 * 1024 - before.length - 20)}\n`;
  writeFileSync(place.siteFile, large);
  await expect(importing('building,floor,room,kind\nA,1,103,fire\n')).rejects.toMatchObject({
    code: 'EDIT_REFUSED',
    message: expect.stringMatching(/would make a mistake.*\n.*larger than 1 MiB.*several gateways/),
  });
});

test('a mistake that an edit would make is shown with the line that would be written', async () => {
  const edit = await SiteEdit.open(place.siteFile, place.data);
  edit.edits.append(['devices'], [{ id: 'wb-9', input: 'bus-9', address: 9, location: 'A/1/101' }]);
  expect(() => edit.outcome()).toThrow(/: error: .*bus-9.*\n {2}\| input: bus-9/);
});
