import type { JournalEntry, JournalRecord } from '../core/journal-record.ts';
import type { RecoveredTexts } from './thread-messages.ts';

export interface Recovered {
  /** Oldest first: at least everything since the oldest record that still holds a key. */
  readonly records: readonly JournalRecord[];
  /** Lines that could not be recovered. */
  readonly damaged: number;
  /** What was wrong, for people; empty if nothing was. */
  readonly detail: string;
  /** What could not be read, for people. It may hold records. Empty if all was read. */
  readonly unread: string;
}

/**
 * Makes records of the recovered text. Leaves out a line that fits its CRC and chain but is no
 * entry: no gateway wrote it.
 */
export function parseRecords(opened: RecoveredTexts): Recovered {
  const records: JournalRecord[] = [];
  let foreign = 0;
  for (const text of opened.texts) {
    for (const json of Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8').split('\n')) {
      if (json === '') continue;
      const record = parseEntry(json)?.record;
      if (record === undefined) foreign += 1;
      else records.push(record);
    }
  }
  const detail = [opened.detail, foreign > 0 ? `${foreign} lines that no gateway wrote` : ''];
  return {
    records,
    damaged: opened.damaged + foreign,
    detail: detail.filter(Boolean).join('; '),
    unread: opened.unread ?? '',
  };
}

/** @returns the entry, or `undefined` if the text is none */
export function parseEntry(json: string): JournalEntry | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof entry !== 'object' || entry === null || !('record' in entry)) return undefined;
  const { record } = entry;
  if (typeof record !== 'object' || record === null || !('t' in record) || typeof record.t !== 'string')
    return undefined;
  return entry as JournalEntry;
}

/**
 * What is left of a write does not stand for everything before it: records that were carried with
 * it are missing.
 */
export function asItem(json: string): string {
  const entry = parseEntry(json);
  return entry?.carry === undefined ? json : JSON.stringify({ ...entry, carry: 'item' });
}
