import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import { nodeJournalFiles } from '../journal/journal-files.ts';
import { findSegments } from '../journal/read-journal.ts';
import { errorCode } from '../system/error-code.ts';

/** More than a gateway can remove during one reading. */
const TRIES_MAX = 20;

/**
 * Reads a journal, from the beginning each time, because a running gateway may remove or rename a
 * segment between listing and reading.
 *
 * @param directories every directory that may hold a part of it; missing ones are left out
 * @throws CallpointError JOURNAL_UNREADABLE, also if there is no journal
 */
export function readAgain<T>(directories: readonly string[], read: (directories: readonly string[]) => T): T {
  const there = directories.filter(isThere);
  if (segmentsIn(there) === 0) refuseWithoutJournal(directories);
  for (let tries = 1; ; tries += 1) {
    try {
      return read(there);
    } catch (error) {
      if (tries === TRIES_MAX || !isRemoved(error)) throw notAllowed(error, there);
    }
  }
}

function segmentsIn(directories: readonly string[]): number {
  try {
    return findSegments(nodeJournalFiles(), directories).length;
  } catch (error) {
    throw notAllowed(error, directories);
  }
}

/**
 * False only if the directory is known to be missing.
 *
 * @throws CallpointError JOURNAL_UNREADABLE
 */
function isThere(directory: string): boolean {
  try {
    return statSync(directory, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw notAllowed(new CallpointError('JOURNAL_UNREADABLE', messageOf(cause), { cause }), [directory]);
  }
}

/** The error about another user's journal says nothing about its content. */
function notAllowed(error: unknown, directories: readonly string[]): unknown {
  if (!(error instanceof CallpointError) || errorCode(error.cause) !== 'EACCES') return error;
  const what = `This user may not read the journal in ${directories.join(', ')}`;
  const next = 'Run this as the user the gateway runs as, or as root, with sudo';
  return new CallpointError('JOURNAL_UNREADABLE', `${what}. ${next}.`, { cause: error });
}

/** @throws CallpointError JOURNAL_UNREADABLE */
export function refuseWithoutJournal(directories: readonly string[]): never {
  const what = `There is no journal in ${directories.join(', ')}`;
  const below = directories.map((directory) => join(directory, 'journal')).find((directory) => existsSync(directory));
  const next =
    below === undefined ? 'Name the directory that has the files journal-000001.cpj …' : `Do you mean ${below}?`;
  throw new CallpointError('JOURNAL_UNREADABLE', `${what}. ${next}`);
}

function isRemoved(error: unknown): boolean {
  return error instanceof CallpointError && errorCode(error.cause) === 'ENOENT';
}
