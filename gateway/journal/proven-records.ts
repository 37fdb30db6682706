import type { JournalRecord } from '../core/journal-record.ts';
import { isReadable } from '../core/restart/record-shape.ts';
import { readJournal } from './read-journal.ts';

/**
 * The records of a verified journal, oldest first.
 *
 * @param toRecord number of the last record that was verified: a running gateway has written more
 *   since
 * @throws CallpointError JOURNAL_UNREADABLE
 */
export function* provenRecords(directories: readonly string[], toRecord: number): Generator<JournalRecord> {
  for (const { number, entry } of readJournal(directories)) {
    if (number > toRecord) return;
    // Another version of the gateway wrote the others.
    if (isReadable(entry.record)) yield entry.record;
  }
}
