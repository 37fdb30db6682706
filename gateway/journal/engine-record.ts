import type { JournalEntry } from '../core/journal-record.ts';
import { OWN, type PendingRecord } from './record-batch.ts';

export interface EngineRecord extends PendingRecord {
  /** The record is in the journal already, but the chain does not pass it. */
  readonly isAgain?: boolean;
  /** What older records add up to. */
  readonly carried?: Omit<JournalEntry, 'record'>;
}

/** Makes a record of an entry that older records add up to. */
export function own(entry: JournalEntry): EngineRecord {
  const { record, ...carried } = entry;
  return { number: OWN, json: JSON.stringify(entry), carried };
}

/**
 * The same as `own`, of the record's JSON.
 *
 * @param holds its key
 */
export function carriedItem(record: string, holds: string): EngineRecord {
  const json = `{"record":${record},"holds":${JSON.stringify(holds)},"carry":"item"}`;
  return { number: OWN, json, carried: { holds, carry: 'item' } };
}

/**
 * Makes records of texts that are elsewhere in the journal already. The journal writes them again
 * where the chain passes.
 */
export function again(texts: readonly string[]): EngineRecord[] {
  return texts.map((json) => ({ number: OWN, json, isAgain: true }));
}
