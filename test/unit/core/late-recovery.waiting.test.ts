import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import { openJournal } from '../../../gateway/journal/journal.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import { parseRecords, type Recovered } from '../../../gateway/journal/recovered-records.ts';
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

const SMALL = { segmentBytes: 65_536, retainMs: 1e12, retainBytes: 1e9 };

/**
 * A directory in which the segment of an earlier run is a named pipe. Reading it blocks the thread
 * in the kernel until it is written.
 */
async function slowDirectory(name: string): Promise<{ directory: string; pipe: string; bytes: Buffer }> {
  const written = join(root, `${name}-written`);
  const earlier = await openJournal({ ...SMALL, directories: [written] }, { durable: () => {}, health: () => {} });
  earlier.journal.append(1, { record: session(7), holds: 'session' });
  await earlier.journal.close();
  const [segment = ''] = readdirSync(written).filter((each) => each.endsWith('.cpj'));
  const directory = join(root, name);
  mkdirSync(directory);
  const pipe = join(directory, segment);
  spawnSync('mkfifo', [pipe]);
  return { directory, pipe, bytes: readFileSync(join(written, segment)) };
}

async function openSlowly(directory: string) {
  const states: string[] = [];
  const details: string[] = [];
  let tellLate: (records: readonly JournalRecord[]) => void = () => {};
  const late = new Promise<readonly JournalRecord[]>((resolve) => {
    tellLate = resolve;
  });
  const health = (state: string, detail: string) => {
    states.push(state);
    details.push(detail);
  };
  const sink = { durable: () => {}, health, late: ({ records }: Recovered) => tellLate(records) };
  const { journal, recovered } = await openJournal({ ...SMALL, directories: [directory] }, sink);
  return { journal, recovered, states, details, late };
}

test.concurrent('records that a hanging disk gives back only after the start are told', {
  timeout: 30_000,
}, async () => {
  const { directory, pipe, bytes } = await slowDirectory('hanging');
  const { journal, recovered, states, late } = await openSlowly(directory);
  expect(recovered.records).toEqual([]);
  expect(states).toEqual(['failed']);
  writeFileSync(pipe, bytes);
  expect(await late).toEqual([session(7)]);
  expect(states).toEqual(['failed', 'ok']);
  await journal.close();
});

test.concurrent('a disk that is merely slow is called slow, and what it gives in the end is told', {
  timeout: 30_000,
}, async () => {
  const { directory, pipe, bytes } = await slowDirectory('slow');
  const opening = openSlowly(directory);
  // Zeros in front of a line mean nothing.
  const writer = createWriteStream(pipe);
  const drip = setInterval(() => writer.write('\0'), 300);
  const { journal, recovered, states, details, late } = await opening;
  clearInterval(drip);
  expect(recovered.records).toEqual([]);
  expect(states).toEqual(['degraded']);
  expect(details[0]).toContain('still being read');
  writer.end(bytes);
  expect(await late).toEqual([session(7)]);
  expect(states).toEqual(['degraded', 'ok']);
  await journal.close();
});
