import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CallpointError } from '../../protocol/errors.ts';
import { errorCode, nodeJournalFiles } from '../journal/journal-files.ts';
import { findSegments } from '../journal/read-journal.ts';

/** More than a gateway can remove while one reads. */
const MOST_TRIES = 20;

/**
 * Reads a journal, from the beginning each time: the gateway beside us may remove or rename a segment between listing and reading.
 *
 * @param directories all that it may be spread over; those that are not there are left out
 * @throws CallpointError JOURNAL_UNREADABLE, also if there is no journal
 */
export function readAgain<T>(directories: readonly string[], read: (directories: readonly string[]) => T): T {
  const there = directories.filter((directory) => existsSync(directory));
  if (findSegments(nodeJournalFiles(), there).length === 0) refuseWithoutJournal(directories);
  for (let tries = 1; ; tries += 1) {
    try {
      return read(there);
    } catch (error) {
      if (tries === MOST_TRIES || !isRemoved(error)) throw error;
    }
  }
}

/** @throws CallpointError JOURNAL_UNREADABLE */
export function refuseWithoutJournal(directories: readonly string[]): never {
  const what = `There is no journal in ${directories.join(', ')}: nothing was ever written there`;
  const below = directories.map((directory) => join(directory, 'journal')).find((directory) => existsSync(directory));
  const next =
    below === undefined ? 'Name the directory that has the files journal-000001.cpj …' : `Do you mean ${below}?`;
  throw new CallpointError('JOURNAL_UNREADABLE', `${what}. ${next}`);
}

function isRemoved(error: unknown): boolean {
  return error instanceof CallpointError && errorCode(error.cause) === 'ENOENT';
}
