import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import { openJournal } from '../../../gateway/journal/journal.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import { parseRecords } from '../../../gateway/journal/recovered-records.ts';
import type { RecoveredSegments } from '../../../gateway/journal/recovery.ts';
import { MemoryDisk, OWNER, SETTINGS } from '../journal/memory-files.ts';

const root = mkdtempSync(join(tmpdir(), 'callpoint-late-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function session(number: number): JournalRecord {
  return { t: 'session', at: number, session: number };
}

function engine(disk: MemoryDisk, late: (recovered: RecoveredSegments) => void): JournalEngine {
  const world = {
    files: disk,
    owner: OWNER,
    monoMs: () => 0,
    wallMs: () => 0,
    durable: () => {},
    health: () => {},
    late,
  };
  return new JournalEngine(SETTINGS, world);
}

function pending(number: number) {
  return { number, json: JSON.stringify({ record: session(number), holds: 'session' }), holds: 'session' };
}

test('records in a directory that could be opened only after the start are told, once', () => {
  const disk = new MemoryDisk();
  const late: RecoveredSegments[] = [];
  const first = engine(disk, () => {});
  first.open();
  first.commit([pending(7)]);
  first.close();

  const second = engine(disk, (recovered) => late.push(recovered));
  disk.fault = (operation) => (operation === 'list' ? new Error('the disk sleeps') : undefined);
  expect(second.open().texts).toEqual([]);
  expect(late).toEqual([]);
  disk.fault = () => undefined;
  second.commit([pending(8)]);
  second.commit([pending(9)]);
  expect(late).toHaveLength(1);
  const texts = late.flatMap((recovered) => recovered.texts);
  expect(parseRecords({ texts, damaged: 0, detail: '' }).records).toEqual([session(7)]);
});

test('records that a hanging disk gives back only after the start are told', { timeout: 30_000 }, async () => {
  const settings = { segmentBytes: 65_536, retainMs: 1e12, retainBytes: 1e9 };
  const written = join(root, 'written');
  const earlier = await openJournal({ ...settings, directories: [written] }, { durable: () => {}, health: () => {} });
  earlier.journal.append(1, { record: session(7), holds: 'session' });
  await earlier.journal.close();
  const [segment = ''] = readdirSync(written).filter((name) => name.endsWith('.cpj'));
  const bytes = readFileSync(join(written, segment));

  // A named pipe in place of the segment: reading it blocks the thread in the kernel until somebody writes to it.
  const hanging = join(root, 'hanging');
  mkdirSync(hanging);
  const pipe = join(hanging, segment);
  spawnSync('mkfifo', [pipe]);
  const states: string[] = [];
  let tellLate: (records: readonly JournalRecord[]) => void = () => {};
  const late = new Promise<readonly JournalRecord[]>((resolve) => {
    tellLate = resolve;
  });
  const { journal, recovered } = await openJournal(
    { ...settings, directories: [hanging] },
    { durable: () => {}, health: (state) => states.push(state), late: ({ records }) => tellLate(records) },
  );
  expect(recovered.records).toEqual([]);
  expect(states).toEqual(['failed']);
  writeFileSync(pipe, bytes);
  expect(await late).toEqual([session(7)]);
  expect(states).toEqual(['failed', 'ok']);
  await journal.close();
});
