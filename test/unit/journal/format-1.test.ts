import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listAlerts } from '../../../gateway/cli/alerts.ts';
import { recoveredState } from '../../../gateway/core/restart/journal-replay.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import { type JournalFiles, nodeJournalFiles } from '../../../gateway/journal/journal-files.ts';
import { readJournal } from '../../../gateway/journal/read-journal.ts';
import { parseRecords } from '../../../gateway/journal/recovered-records.ts';
import { verifyJournal } from '../../../gateway/journal/verify-journal.ts';
import { MemoryDisk, OWNER, SETTINGS } from './memory-files.ts';

/**
 * Written by the version before the lines said to which write they belong: three runs of a school
 * with two open alerts, one of them acknowledged; a write that the disk called failed; and a crash
 * that tore the last record.
 */
const WRITTEN = join(import.meta.dirname, 'format-1');
const root = mkdtempSync(join(tmpdir(), 'callpoint-format-'));
afterAll(() => rmSync(root, { recursive: true }));

function started(files: JournalFiles, directory: string) {
  const health: string[] = [];
  const world = {
    files,
    owner: OWNER,
    monoMs: () => 0,
    wallMs: () => 1_767_600_100_000,
    durable: () => {},
    health: (state: string, detail: string) => health.push(`${state}: ${detail}`),
  };
  const engine = new JournalEngine({ ...SETTINGS, segmentBytes: 8 * 1024 * 1024, directories: [directory] }, world);
  const { texts, damaged, notes } = engine.open();
  return { engine, health, notes, restored: recoveredState(parseRecords({ texts, damaged, detail: '' }).records) };
}

test('a journal of the version before is read, gone on with, and proven as one', () => {
  const directory = join(root, 'copy');
  cpSync(WRITTEN, directory, { recursive: true });
  const { engine, health, notes, restored } = started(nodeJournalFiles(), directory);
  expect(health).toEqual([]);
  expect(notes).toMatchObject([expect.stringContaining('80 bytes of an unfinished write left out')]);
  expect(restored.session).toBe(1_767_600_001);
  expect(restored.alerts.map(({ raised, acknowledged }) => [raised.id, acknowledged?.path])).toEqual([
    ['wb-101.1.3', 'central'],
    ['wb-102.1.4', undefined],
  ]);
  expect([...restored.sequences]).toEqual([
    ['central', 4],
    ['backup', 4],
  ]);
  const record = { t: 'session', at: 1_767_600_100_000, session: 1_767_600_100 } as const;
  engine.commit([{ number: 1, json: JSON.stringify({ record }) }]);
  while (engine.work());
  engine.close();
  expect(verifyJournal(directory)).toMatchObject({ ok: true, problems: [], records: 31, segments: 5 });
  expect(verifyJournal(directory).proven).toMatchObject({ from: 1, fromBeginning: true });
  expect(listAlerts(readJournal(directory))).toMatchObject([
    { id: 'wb-101.1.3', state: 'acknowledged' },
    { id: 'wb-102.1.4', state: 'sent', attempts: 9 },
  ]);
  expect(started(nodeJournalFiles(), directory).restored.alerts).toHaveLength(2);
});

test('the megabytes of zeros that the version before prepared are neither read nor kept', () => {
  const disk = new MemoryDisk();
  for (const name of readdirSync(WRITTEN)) {
    const room = Buffer.alloc(8 * 1024 * 1024);
    readFileSync(join(WRITTEN, name)).copy(room);
    disk.files.set(`/a/${name}`, room);
  }
  const { engine, health, restored } = started(disk, '/a');
  expect(restored.alerts).toHaveLength(2);
  expect(disk.readBytes).toBeLessThan(8 * 1024 * 1024);
  while (engine.work());
  expect(health).toEqual([]);
  expect(disk.used()).toBeLessThan(600 * 1024);
  engine.close();
  expect(started(disk, '/a').restored.alerts).toHaveLength(2);
});
