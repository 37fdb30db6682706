import { readFileSync, statSync } from 'node:fs';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import { isExposed } from '../../config/read/read-file.ts';
import { askOnce } from '../questions.ts';

/** A backup holds every key of a site, and may be tried for years by whoever finds it. */
const LENGTH_MIN = 12;
const BYTES_MAX = 4096;

/**
 * The passphrase in a file: its first line.
 *
 * @throws CallpointError BACKUP_LOCKED
 */
export function passphraseIn(file: string): string {
  let line: string | undefined;
  try {
    const stats = statSync(file);
    if (isExposed(stats)) {
      throw new CallpointError('BACKUP_LOCKED', `Other users may read ${file}. Run: chmod 600 ${file}`);
    }
    if (stats.size <= BYTES_MAX) line = readFileSync(file, 'utf8').split(/\r?\n/)[0];
  } catch (error) {
    if (error instanceof CallpointError) throw error;
    throw new CallpointError('BACKUP_LOCKED', `The passphrase can't be read: ${messageOf(error)}`);
  }
  if (line !== undefined && line !== '') return line;
  throw new CallpointError('BACKUP_LOCKED', `${file} has no passphrase in its first line.`);
}

/** @throws CallpointError BACKUP_LOCKED */
export function refuseWeak(passphrase: string): void {
  if (passphrase.length >= LENGTH_MIN) return;
  const what = `The passphrase has ${passphrase.length} characters`;
  const next = `Use ${LENGTH_MIN} or more, such as five words, and keep it apart from the backup`;
  throw new CallpointError('BACKUP_LOCKED', `${what}. ${next}.`);
}

/**
 * Asks at the terminal, and shows nothing of the answer.
 *
 * @throws CallpointError BACKUP_LOCKED if the person ends it
 */
export async function askPassphrase(question: string): Promise<string> {
  const answer = await askOnce(question, { isSecret: true, shown: process.stderr });
  if (answer === undefined) throw new CallpointError('BACKUP_LOCKED', 'There was no answer. Nothing was done.');
  return answer;
}
