import type { JournalState } from './journal-health.ts';
import type { PendingRecord } from './record-batch.ts';
import type { JournalSettings } from './settings.ts';

/** What the journal's thread is started with. */
export interface ThreadStart {
  readonly settings: JournalSettings;
  /**
   * Identifies this journal within the process, so that a new thread keeps the directory's lock.
   */
  readonly run: string;
}

export type ToThread =
  | { readonly type: 'commit'; readonly records: readonly PendingRecord[] }
  /** To be answered with `alive`. */
  | { readonly type: 'ask' }
  | { readonly type: 'close' };

export type FromThread =
  | ThreadOpened
  /** All records up to this number (the caller's) are on the medium. */
  | { readonly type: 'durable'; readonly number: number }
  | { readonly type: 'health'; readonly state: JournalState; readonly detail: string }
  /** A directory could be opened only now. This is what earlier runs left in it. */
  | ({ readonly type: 'late' } & RecoveredTexts)
  /**
   * Only the thread's memory has these records. The next thread gets them if this one dies. Empty:
   * they are on the medium.
   */
  | { readonly type: 'owed'; readonly records: readonly PendingRecord[] }
  /** The thread reads the records of earlier runs. */
  | { readonly type: 'reading' }
  | { readonly type: 'alive' }
  | { readonly type: 'closed' };

export interface ThreadOpened extends RecoveredTexts {
  readonly type: 'opened';
}

export interface RecoveredTexts {
  /** JSON of the recovered entries, one a line, oldest first. */
  readonly texts: readonly Uint8Array[];
  readonly damaged: number;
  readonly detail: string;
  /** What could not be read, with the reason; empty or absent if all was read. */
  readonly unread?: string;
}
