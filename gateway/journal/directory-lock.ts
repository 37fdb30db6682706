import { join } from 'node:path';
import { errorCode } from '../system/error-code.ts';
import { isFull, type JournalFiles } from './journal-files.ts';

/** The holder of a lock. Another process can tell from the text whether the holder still runs. */
export interface LockOwner {
  /** One line, the same for the whole life of the owner. */
  readonly text: string;
  /** True if the owner of this text still runs. */
  isAlive(text: string): boolean;
}

/** Name of the lock in each of the journal's directories. */
export const JOURNAL_LOCK = 'journal.lock';

/**
 * Takes a directory for this gateway, so that two gateways can't write one journal. Takes over what
 * a killed gateway left behind.
 *
 * @returns undefined if it was taken, else who has it. Throws if the directory can't be written.
 */
export function takeDirectory(
  files: JournalFiles,
  directory: string,
  owner: LockOwner,
  name = JOURNAL_LOCK,
): string | undefined {
  const path = join(directory, name);
  for (let tries = 0; tries < 3; tries += 1) {
    // Look again: another starter may have taken the lock for a left-over while it was still empty.
    if (createLock(files, path, owner.text) && isOurs(files, path, owner)) return undefined;
    const holder = readLock(files, path);
    if (holder === owner.text) return undefined;
    if (holder !== undefined && holder !== '' && owner.isAlive(holder)) return holder;
    setAside(files, path, holder);
  }
  return 'another gateway that is starting';
}

/** A full disk takes the name of a lock but none of its text. Such an empty lock is ours, too. */
function isOurs(files: JournalFiles, path: string, owner: LockOwner): boolean {
  const text = readLock(files, path);
  return text === owner.text || text === '';
}

/** Best effort: the next start recognises a lock that stays behind. */
export function releaseDirectory(files: JournalFiles, directory: string, owner: LockOwner): void {
  const path = join(directory, JOURNAL_LOCK);
  if (readLock(files, path) === owner.text) files.unlink(path);
}

function createLock(files: JournalFiles, path: string, text: string): boolean {
  let file: number;
  try {
    file = files.create(path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    const bytes = Buffer.from(text);
    files.write(file, bytes, 0, bytes.length, 0);
  } catch (error) {
    // A full disk must not keep the journal from starting: it is the journal that can make room.
    if (!isFull(error)) throw error;
  } finally {
    files.close(file);
  }
  return true;
}

function readLock(files: JournalFiles, path: string): string | undefined {
  try {
    return Buffer.from(files.read(path)).toString('utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Moves a left-over lock away under a name of its own, then looks at what it moved. If another
 * starter was faster and this is its fresh lock, it puts the lock back.
 */
function setAside(files: JournalFiles, path: string, judged: string | undefined): void {
  if (judged === undefined) return;
  const aside = `${path}.left-over`;
  try {
    files.rename(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (readLock(files, aside) === judged) files.unlink(aside);
  else files.rename(aside, path);
}
