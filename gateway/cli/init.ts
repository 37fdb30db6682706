import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CallpointError } from '../../protocol/errors.ts';
import { siteJsonSchemaText } from '../config/schema/json-schema.ts';
import { makeStarter } from '../config/starter.ts';
import { makeDirectories, whyNotWritten } from '../system/make-directories.ts';

const NOT_FOR_GIT = `# Whoever has the keys can forge an alarm.
keys.yaml
*.pem
*.key
data/
`;

/**
 * `callpoint init DIR`: writes `site.yaml`, `keys.yaml` (mode 0600, fresh random keys), the JSON
 * Schema for editors, and a `.gitignore` that keeps keys and data out of git, unless there is one.
 * Writes all or nothing, and never over a file that exists.
 *
 * @returns exit code 0
 * @throws CallpointError DIRECTORY_NOT_EMPTY if one of the files exists; CONFIG_UNREADABLE if the
 * directory can't be written
 */
export function runInit(directory: string, out: (line: string) => void): number {
  const starter = makeStarter(randomBytes);
  const files = [
    { name: join(directory, 'keys.yaml'), text: starter.keys, mode: 0o600 },
    { name: join(directory, 'site.yaml'), text: starter.site, mode: 0o644 },
    { name: join(directory, 'callpoint.schema.json'), text: siteJsonSchemaText(), mode: 0o644 },
  ];
  const ignore = { name: join(directory, '.gitignore'), text: NOT_FOR_GIT, mode: 0o644 };
  const hadIgnore = existsSync(ignore.name);
  const existing = files.filter(({ name }) => existsSync(name)).map(({ name }) => name);
  if (existing.length > 0) refuse(existing);
  const written: string[] = [];
  try {
    makeDirectories(directory, 0o777);
    for (const { name, text, mode } of hadIgnore ? files : [...files, ignore]) {
      // 'wx': a file that appeared since the check above is not overwritten either.
      writeFileSync(name, text, { flag: 'wx', mode });
      written.push(name);
    }
  } catch (error) {
    for (const name of written) rmSync(name, { force: true });
    const reason = whyNotWritten(error);
    throw new CallpointError('CONFIG_UNREADABLE', `${directory} can't be written: ${reason}`, { cause: error });
  }
  for (const line of whatNext(directory)) out(line);
  if (hadIgnore) out(`If ${directory} is in git, keep the keys out of it: name keys.yaml in ${ignore.name}.`);
  return 0;
}

function refuse(existing: readonly string[]): never {
  const message = `${existing.join(', ')} would be overwritten; choose another directory, or move the files away first`;
  throw new CallpointError('DIRECTORY_NOT_EMPTY', message);
}

function whatNext(directory: string): string[] {
  const site = join(directory, 'site.yaml');
  return [
    `Written: ${site} (the site), ${join(directory, 'keys.yaml')} (secret keys, readable by you only)`,
    'Next:',
    `  1. Edit ${site}: every line marked EDIT, then rooms, devices and zones.`,
    '  2. Write each key into its wall node, and agree on the path key with the monitoring centre.',
    `  3. callpoint check --config ${site}`,
    `  4. callpoint run --config ${site} --data ${join(directory, 'data')}`,
  ];
}
