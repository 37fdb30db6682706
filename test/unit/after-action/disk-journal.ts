import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import { MemoryDisk, OWNER, SETTINGS } from '../journal/memory-files.ts';

/** Writes records as a gateway's journal would hold them, in segments of `segmentBytes`. */
export function writeJournal(directory: string, records: readonly JournalRecord[], segmentBytes = 64 * 1024): void {
  const disk = new MemoryDisk();
  const engine = new JournalEngine(
    { ...SETTINGS, segmentBytes },
    {
      files: disk,
      owner: OWNER,
      monoMs: () => 0,
      wallMs: () => disk.wallMs,
      durable: () => undefined,
      owed: () => undefined,
      health: () => undefined,
    },
  );
  engine.open();
  for (const [at, record] of records.entries()) {
    engine.commit([{ number: at + 1, json: JSON.stringify({ record }), ...(at === 0 && { holds: 'start' }) }]);
  }
  mkdirSync(directory, { recursive: true });
  for (const path of disk.segments('/a')) {
    const bytes = disk.files.get(path);
    if (bytes !== undefined) writeFileSync(join(directory, path.slice('/a/'.length)), bytes);
  }
}
