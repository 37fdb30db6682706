import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latinLetters } from '../../gateway/config/fields/latin-spelling.ts';
import { pdfPrintout } from '../../gateway/print/pdf-printout.ts';
import type { Printout, Row } from '../../gateway/print/printout.ts';
import { saying } from '../unit/print/printouts.ts';
import { counterpart } from './required.ts';

const isInstalled = spawnSync('pdftotext', ['-v']).error === undefined;
const { skip, title } = counterpart('pdftotext of Poppler', isInstalled, 'apt-get install poppler-utils');

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-pdf-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Draws a printout, and returns what Poppler reads of it. */
async function read(printout: Printout) {
  const file = join(directory, 'report.pdf');
  const options = { paper: 'letter', madeAt: new Date(0), spell: latinLetters } as const;
  const { stream, drawn } = pdfPrintout(printout, options);
  await pipeline(stream, createWriteStream(file));
  const pages = await drawn;
  const text = (...how: string[]) => execFileSync('pdftotext', [...how, file, '-'], { encoding: 'utf8' });
  const info = execFileSync('pdfinfo', [file], { encoding: 'utf8' });
  const structure = execFileSync('pdfinfo', ['-struct-text', file], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const fonts = execFileSync('pdffonts', [file], { encoding: 'utf8' });
  return { pages, text, info, structure, fonts };
}

function tableOf(rows: readonly Row[]): Printout {
  const columns = [
    { title: 'Room', weight: 1 },
    { title: 'What happened', weight: 2 },
  ];
  return { ...saying('x'), blocks: [{ kind: 'table', caption: 'All rooms', columns, rows }] };
}

describe.skipIf(skip)(title, () => {
  test('reads the letters of a school’s names, and the Latin spelling of those that the font lacks', async () => {
    const { text, fonts } = await read(saying('Łódź Zoë’s Химия Ἀθῆναι 3 × 5'));
    expect(text()).toContain('Łódź Zoë’s Химия Ἀθῆναι 3 × 5');
    expect((await read(saying('図書室'))).text()).toContain('TuShuShi');
    // Embedded, so that every printer has them.
    expect(fonts).toMatch(/NotoSans-Regular.*yes yes yes/);
    expect(fonts).not.toMatch(/Helvetica|Times|Courier/);
  });

  test('reads the title, the language’s tags and the number of pages', async () => {
    const { info, pages, text } = await read(saying('Drill of Zoë'));
    expect(info).toMatch(/^Title: +Drill of Zoë: Drill of Zoë$/m);
    expect(info).toMatch(/^Tagged: +yes$/m);
    expect(info).toMatch(/^JavaScript: +no$/m);
    expect(info).toMatch(new RegExp(`^Pages: +${pages}$`, 'm'));
    expect(text()).toContain(`Page 1 of ${pages}`);
  });

  test('finds a table with the heads of its columns and rows, once, however many pages it has', async () => {
    const rows = Array.from({ length: 120 }, (_, at) => [`Room ${at}`, 'pressed']);
    const { structure, pages, text } = await read(tableOf([{ group: 'First floor' }, ...rows]));
    expect(pages).toBeGreaterThan(2);
    expect(structure.match(/\bTable\b/g)).toHaveLength(1);
    expect(structure.match(/"What happened"/g)).toHaveLength(1);
    // The caption and the group's name stand beside 120 rows and the head.
    expect(structure.match(/^ *TR\b/gm)).toHaveLength(122);
    // For the eye, the head stands on each page.
    expect(text('-layout').match(/Room +What happened/g)).toHaveLength(pages);
    for (const [room = ''] of rows) expect(structure).toContain(`"${room}"`);
  });

  test('reads a cell that is longer than a page to its end, on the pages that it needs', async () => {
    const words = Array.from({ length: 2000 }, (_, at) => `word${at}`);
    const { text, pages } = await read(
      tableOf([
        ['Rm 101', words.join(' ')],
        ['Rm 102', 'the last row'],
      ]),
    );
    expect(pages).toBeGreaterThan(2);
    const found = text().match(/word\d+/g) ?? [];
    expect(new Set(found)).toEqual(new Set(words));
    expect(text()).toContain('the last row');
  });

  test('reads a word without a space that is wider than the page, whole', async () => {
    const { text } = await read(tableOf([['x'.repeat(400), 'y'.repeat(3000)]]));
    expect(text().match(/x/g)?.length).toBeGreaterThanOrEqual(400);
    expect(text().match(/y/g)).toHaveLength(3000);
  });

  test('reads hostile texts as text', async () => {
    const hostile = ') Tj ET (gone <script>alert(1)</script> \\) \u0000 \u202Edesrever';
    expect((await read(saying(hostile))).text()).toContain(') Tj ET (gone <script>alert(1)</script>');
  });
});
