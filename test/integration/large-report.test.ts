import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeAfterAction } from '../../gateway/cli/report/after-action-report.ts';
import type { Site } from '../../gateway/core/site.ts';
import type { AfterActionDocument } from '../../protocol/after-action-document.ts';
import type { CallpointError } from '../../protocol/errors.ts';
import { SensorWorld } from '../simulation/sensor-world.ts';
import { device, path, site } from '../simulation/site.ts';
import { writeJournal } from '../unit/after-action/disk-journal.ts';

/** More devices than a school has, on three floors, and a drill in which a third is pressed. */
const DEVICES = 300;
const PRESSED = 100;
/** Beside other tests on a small machine. */
const WITHIN_MS = 90_000;
const ROOM = 'the preparation room behind the chemistry laboratory of the upper school';
const SCHOOL: Site = site(
  Array.from({ length: DEVICES }, (_, at) => {
    const [floor, room] = [String(1 + (at % 3)), String(1000 + at)];
    const names = { building: 'Main building', floor: `Floor ${floor}`, room: `Rm ${room} ${ROOM}` };
    const location = { building: 'A', floor, room, text: Object.values(names).join(', '), names };
    return device(1000 + at, { heartbeatMs: 0, location });
  }),
  [path('central')],
);

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-large-'));
  const world = new SensorWorld(SCHOOL);
  world.command({ command: 'drill', action: 'start', scope: 'site', minutes: 60, reason: 'all', by: 'maria' });
  for (let at = 0; at < PRESSED; at += 1) {
    world.press(`wb-${1000 + at}`, 1);
    world.run(500);
  }
  writeJournal(join(directory, 'journal'), world.journal.records);
});
afterAll(() => rmSync(directory, { recursive: true }));

const order = (output: object, where = 'journal') => ({
  request: { kind: 'drill' } as const,
  site: SCHOOL,
  directories: [join(directory, where)],
  output,
});

test(
  'a school of 300 devices gets a PDF of sane size, and the report has every press and every button',
  async () => {
    const files = ['drill.pdf', 'drill.json'].map((name) => join(directory, name));
    const said: string[] = [];
    for (const out of files) await writeAfterAction(order({ out }), (line) => said.push(line));
    const [pdf = '', json = ''] = files;
    expect(said).toEqual(files.map((file) => `Report written to ${file}`));
    const pages = readFileSync(pdf, 'latin1').match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(10);
    expect(pages).toBeLessThan(80);
    const document: AfterActionDocument = JSON.parse(readFileSync(json, 'utf8'));
    expect(document.alerts.drill).toHaveLength(PRESSED);
    expect(document.figures.drill).toMatchObject({ acknowledged: PRESSED, in_time: PRESSED });
    expect(document.never_pressed).toHaveLength(2 * DEVICES - PRESSED);
  },
  WITHIN_MS,
);

test.each<[string, (names: readonly string[], at: string) => void]>([
  ['a segment that is missing', ([, second = ''], at) => rmSync(join(at, second))],
  [
    'a byte that was turned',
    ([, second = ''], at) => {
      const bytes = readFileSync(join(at, second));
      const place = bytes.length >> 1;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      writeFileSync(join(at, second), bytes);
    },
  ],
])('%s is refused, and nothing is written', async (_name, damage) => {
  const at = join(directory, 'damaged');
  rmSync(at, { recursive: true, force: true });
  const world = new SensorWorld(SCHOOL);
  for (let press = 0; press < 40; press += 1) world.press(`wb-${1000 + press}`, 1);
  world.run(10_000);
  writeJournal(at, world.journal.records, 16_384);
  damage(readdirSync(at).sort(), at);
  const out = join(directory, 'refused.html');
  const refused = await writeAfterAction(order({ out }, 'damaged'), () => undefined).catch((error) => error);
  expect((refused as CallpointError).code).toBe('JOURNAL_NOT_PROVEN');
  expect(readdirSync(directory).filter((name) => name.startsWith('refused'))).toEqual([]);
});
