import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'last-backup.json';

/** The last backup of a data directory, as the command noted it. */
export interface LastBackup {
  readonly made_at: string;
  readonly file: string;
}

/** @returns `undefined`: there was none, or nothing shows one */
export async function lastBackup(dataDirectory: string): Promise<LastBackup | undefined> {
  try {
    const noted: unknown = JSON.parse(await readFile(join(dataDirectory, FILE), 'utf8'));
    return isLastBackup(noted) ? noted : undefined;
  } catch {
    // A missing or damaged note shows no backup.
    return undefined;
  }
}

function isLastBackup(value: unknown): value is LastBackup {
  if (typeof value !== 'object' || value === null) return false;
  const { made_at: madeAt, file } = value as Partial<LastBackup>;
  return typeof file === 'string' && typeof madeAt === 'string' && !Number.isNaN(Date.parse(madeAt));
}

/** Rejects if it can't be written. The backup counts all the same. */
export async function noteBackup(dataDirectory: string, { made_at, file }: LastBackup): Promise<void> {
  await writeFile(join(dataDirectory, FILE), `${JSON.stringify({ made_at, file })}\n`, { mode: 0o644 });
}

/** A school that backs up each month is well; the nightly job of cron may fail for a while. */
const OLD_DAYS = 35;
const DAY_MS = 86_400_000;

/** Whether a backup would bring the site back as it is now. */
export type BackupState =
  | { readonly state: 'none' }
  | { readonly state: 'ok' | 'old' | 'outdated'; readonly days: number; readonly last: LastBackup };

/** @param changedMs when the configuration or a key was last changed */
export function backupState(last: LastBackup | undefined, nowMs: number, changedMs: number): BackupState {
  if (last === undefined) return { state: 'none' };
  const madeMs = Date.parse(last.made_at);
  const days = Math.max(0, Math.floor((nowMs - madeMs) / DAY_MS));
  if (changedMs > madeMs) return { state: 'outdated', days, last };
  return { state: days > OLD_DAYS ? 'old' : 'ok', days, last };
}

/** What a person reads of it. */
export function backupStateText(backup: BackupState): string {
  if (backup.state === 'none') return 'no backup was made yet';
  const { days, state } = backup;
  const age = days === 0 ? 'today' : `${days} day${days === 1 ? '' : 's'} ago`;
  return state === 'outdated' ? `last backup ${age}, before the configuration was changed` : `last backup ${age}`;
}

/** When one of the files was last changed, ms since 1970. Files that are not there count as old. */
export async function changedMs(files: readonly string[]): Promise<number> {
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(0, ...times);
}
