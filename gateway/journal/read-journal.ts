import { CallpointError, messageOf } from '../../protocol/errors.ts';
import type { JournalEntry, KeptRecord } from '../core/journal-record.ts';
import { type JournalFiles, nodeJournalFiles } from './journal-files.ts';
import { type JournalItem, scanJournal, type WrittenItem } from './journal-scan.ts';
import { parseEntry } from './recovered-records.ts';
import { byAge, listSegments, type SegmentFile, segmentPath } from './segment-file.ts';
import { SegmentSource } from './segment-source.ts';

/** One record of the journal and its place. */
export interface StoredEntry {
  /** The record's place in the whole journal, from 1. */
  readonly number: number;
  readonly file: string;
  /** Line of the file, from 1. */
  readonly lineNumber: number;
  readonly entry: JournalEntry;
}

/**
 * Yields all records of a journal, oldest first. Each comes once, also where a failed segment's end
 * was written again. Damaged lines are left out (`verifyJournal` names them). Takes no lock, so it
 * may read beside a running gateway.
 *
 * @param directories where the journal's segments are, one directory or all that were configured
 * @throws CallpointError JOURNAL_UNREADABLE if a directory or file can't be read
 */
export function* readJournal(directories: string | readonly string[]): Generator<StoredEntry> {
  const files = nodeJournalFiles();
  const sources = findSegments(files, directories).map((segment) => new SegmentSource(files, segment));
  const seen = new Set<string>();
  for (const stored of storedEntries(sources)) {
    const { entry } = stored;
    if (entry.record.t === 'alert') seen.add(entry.record.id);
    if (entry.carry === undefined || outlivesRetention(entry.record)) yield stored;
    else if (entry.record.t === 'kept') yield* keptEntries(stored, entry.record, seen);
  }
}

/** The records that it repeats may be gone, and it says when it happened. */
function outlivesRetention({ t }: JournalEntry['record']): boolean {
  return t === 'proven' || t === 'walkTest';
}

/** A carried record is news only where the records it stands for are gone. */
function* keptEntries(stored: StoredEntry, { of, progress }: KeptRecord, seen: Set<string>): Generator<StoredEntry> {
  if (of.t !== 'alert' || seen.has(of.id)) return;
  seen.add(of.id);
  for (const record of [of, ...progress]) yield { ...stored, entry: { record } };
}

function* storedEntries(sources: readonly SegmentSource[]): Generator<StoredEntry> {
  let recent: string[] = [];
  let known = new Set<string>();
  for (const item of readItems(sources)) {
    if (item.type === 'header') known = new Set(recent);
    if (item.type !== 'write' || item.fate === 'superseded' || isWrittenAgain(item)) continue;
    for (const { line, lineNumber } of item.write.records) {
      recent.push(line.chain);
      if (recent.length > 2 * REWRITTEN_MAX) recent = recent.slice(-REWRITTEN_MAX);
      if (known.has(line.chain)) continue;
      const entry = parseEntry(line.json);
      if (entry === undefined) continue;
      yield { number: line.number, file: segmentPath(item.source.segment), lineNumber, entry };
    }
  }
}

/**
 * A later segment may begin before an unfinished write. Then it repeats what was left of that
 * write.
 */
function isWrittenAgain({ fate, isFollowed }: WrittenItem): boolean {
  return fate === 'unfinished' && isFollowed;
}

/** The last records that may be written again; more than one write can hold. */
const REWRITTEN_MAX = 8_192;

/** @throws CallpointError JOURNAL_UNREADABLE */
export function findSegments(files: JournalFiles, directories: string | readonly string[]): SegmentFile[] {
  const all = typeof directories === 'string' ? [directories] : directories;
  return all.flatMap((directory) => readable(() => listSegments(files, directory))).sort(byAge);
}

/** @throws CallpointError JOURNAL_UNREADABLE */
export function* readItems(sources: readonly SegmentSource[]): Generator<JournalItem> {
  for (const item of scanJournal(sources)) {
    const { error } = item.source;
    if (error !== undefined) throw new CallpointError('JOURNAL_UNREADABLE', messageOf(error), { cause: error });
    yield item;
  }
}

function readable<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new CallpointError('JOURNAL_UNREADABLE', messageOf(cause), { cause });
  }
}
