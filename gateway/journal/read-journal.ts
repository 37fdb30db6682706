import { CallpointError, messageOf } from '../../protocol/errors.ts';
import type { JournalEntry } from '../core/journal-record.ts';
import { type JournalFiles, nodeJournalFiles } from './journal-files.ts';
import { parseEntry } from './recovered-records.ts';
import { byAge, listSegments, type SegmentFile, segmentPath } from './segment-file.ts';
import { type ScanItem, scanSegment } from './segment-scan.ts';

/** One record of the journal and where it stands. */
export interface StoredEntry {
  /** The record's place in the whole journal, from 1. */
  readonly number: number;
  readonly file: string;
  /** Line of the file, from 1. */
  readonly lineNumber: number;
  readonly entry: JournalEntry;
}

/**
 * All records of a journal, oldest first; each once, also where a failed segment's end was written again. Damaged lines are left
 * out (`verifyJournal` names them). Takes no lock, so it may read beside a running gateway.
 *
 * @param directories where the journal's segments are, one directory or all that were configured
 * @throws CallpointError JOURNAL_UNREADABLE if a directory or file can't be read
 */
export function* readJournal(directories: string | readonly string[]): Generator<StoredEntry> {
  const files = nodeJournalFiles();
  const segments = findSegments(files, directories);
  let recent: string[] = [];
  for (const segment of segments) {
    const chains: string[] = [];
    const known = new Set(recent);
    for (const item of readItems(files, segment)) {
      if (item.type !== 'record') continue;
      chains.push(item.line.chain);
      if (known.has(item.line.chain)) continue;
      const entry = parseEntry(item.line.json);
      if (entry === undefined) continue;
      yield { number: item.line.number, file: segmentPath(segment), lineNumber: item.lineNumber, entry };
    }
    if (chains.length > 0) recent = [...recent, ...chains].slice(-REWRITTEN_MOST);
  }
}

/** The last records that may be written again; more than one write can hold. */
const REWRITTEN_MOST = 8_192;

/** @throws CallpointError JOURNAL_UNREADABLE */
export function findSegments(files: JournalFiles, directories: string | readonly string[]): SegmentFile[] {
  const all = typeof directories === 'string' ? [directories] : directories;
  return all.flatMap((directory) => readable(() => listSegments(files, directory))).sort(byAge);
}

/** @throws CallpointError JOURNAL_UNREADABLE */
export function readItems(files: JournalFiles, segment: SegmentFile): Generator<ScanItem> {
  return scanSegment(readable(() => files.read(segmentPath(segment))));
}

function readable<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new CallpointError('JOURNAL_UNREADABLE', messageOf(cause), { cause });
  }
}
