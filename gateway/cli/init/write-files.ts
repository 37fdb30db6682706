import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CallpointError } from '../../../protocol/errors.ts';
import { checkSite } from '../../config/load.ts';
import { formatMistake } from '../../config/read/mistake.ts';
import { siteJsonSchemaText } from '../../config/schema/json-schema.ts';
import { makeDirectories, whyNotWritten } from '../../system/make-directories.ts';

const NOT_FOR_GIT = `# Whoever has the keys can forge an alarm.
keys.yaml
*.callpoint-*
*.pem
*.key
data/
`;

const DIRECTORY_MODE = 0o777;

interface SetupFiles {
  readonly site: string;
  readonly keys: string;
}

interface Written {
  /** False: the directory's own `.gitignore` stays as it is. */
  readonly ignoresKeys: boolean;
}

/** @throws CallpointError DIRECTORY_NOT_EMPTY if a file exists that would be written */
export function refuseOverwriting(directory: string): void {
  const own = ['keys.yaml', 'site.yaml', 'callpoint.schema.json'];
  const existing = own.map((name) => join(directory, name)).filter((file) => existsSync(file));
  if (existing.length === 0) return;
  const message = `${existing.join(', ')} would be overwritten; choose another directory, or move the files away first`;
  throw new CallpointError('DIRECTORY_NOT_EMPTY', message);
}

/**
 * Writes `site.yaml`, `keys.yaml` (mode 0600; 0640 for the group of a service), the JSON Schema for
 * editors, and a `.gitignore` that keeps keys and data out of git, unless there is one. Writes all
 * or nothing, never over a file that exists, and only what passes `callpoint check`.
 *
 * @throws CallpointError DIRECTORY_NOT_EMPTY; CONFIG_INVALID if the check finds an error;
 * CONFIG_UNREADABLE if the directory can't be written
 */
export function writeFiles(directory: string, { site, keys }: SetupFiles): Written {
  refuseOverwriting(directory);
  const ignoresKeys = !existsSync(join(directory, '.gitignore'));
  const files = [
    { name: 'keys.yaml', text: keys, mode: 0o600 },
    { name: 'callpoint.schema.json', text: siteJsonSchemaText(), mode: 0o644 },
    ...(ignoresKeys ? [{ name: '.gitignore', text: NOT_FOR_GIT, mode: 0o644 }] : []),
    // Last: with it the site is there.
    { name: 'site.yaml', text: site, mode: 0o644 },
  ];
  let draft: string | undefined;
  try {
    const parent = existsSync(directory) ? directory : dirname(resolve(directory));
    makeDirectories(parent, DIRECTORY_MODE);
    draft = mkdtempSync(join(parent, '.callpoint-init-'));
    for (const { name, text, mode } of files) writeFileSync(join(draft, name), text, { flag: 'wx', mode });
    checkDraft(draft, directory);
    if (existsSync(directory)) {
      placeFiles(
        draft,
        directory,
        files.map(({ name }) => name),
      );
    } else placeDirectory(draft, directory);
    return { ignoresKeys };
  } catch (error) {
    if (error instanceof CallpointError) throw error;
    const message = `${directory} can't be written: ${whyNotWritten(error)}`;
    throw new CallpointError('CONFIG_UNREADABLE', message, { cause: error });
  } finally {
    if (draft !== undefined) rmSync(draft, { recursive: true, force: true });
  }
}

function checkDraft(draft: string, directory: string): void {
  const mistakes = checkSite(join(draft, 'site.yaml'), join(draft, 'data'));
  const errors = mistakes.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const lines = errors.map((mistake) => formatMistake(mistake).replace(draft, directory));
  throw new CallpointError(
    'CONFIG_INVALID',
    `Nothing was written, because it would have mistakes:\n${lines.join('\n')}`,
  );
}

/** One system call: the directory appears with all its files. */
function placeDirectory(draft: string, directory: string): void {
  // `mkdtemp` makes one that only its owner may enter.
  chmodSync(draft, DIRECTORY_MODE & ~process.umask());
  renameSync(draft, directory);
}

function placeFiles(draft: string, directory: string, names: readonly string[]): void {
  const placed: string[] = [];
  const { gid } = statSync(directory);
  // /etc/callpoint belongs to root and lets the gateway's group in: so may its files.
  const isForService = process.getuid?.() === 0 && gid !== 0;
  try {
    for (const name of names) {
      const file = join(directory, name);
      // A file that appeared meanwhile is not overwritten either.
      copyFileSync(join(draft, name), file, constants.COPYFILE_EXCL);
      placed.push(file);
      if (!isForService) continue;
      chownSync(file, 0, gid);
      if (name === 'keys.yaml') chmodSync(file, 0o640);
    }
  } catch (error) {
    for (const file of placed) rmSync(file, { force: true });
    throw error;
  }
}
