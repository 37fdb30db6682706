import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CallpointError } from '../../protocol/errors.ts';
import { SIM_COMMAND } from '../command-name.ts';
import { freePort } from '../demo/free-port.ts';
import { CERTIFICATES } from '../dry/dry-site.ts';
import { readSiteTexts, writeDrySite } from '../dry/write-dry-site.ts';
import { usageError } from '../errors.ts';

const CALLPOINT = import.meta.url.endsWith('.ts') ? 'npm run -s callpoint --' : 'callpoint';

export interface DryCommandOptions {
  readonly into?: string;
  readonly json?: boolean;
}

/**
 * Writes a dry copy of a site, and says what was replaced and how to use it.
 * @throws CallpointError USAGE, DIRECTORY_NOT_EMPTY, CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function dry(file: string, options: DryCommandOptions, out: (line: string) => void): Promise<void> {
  const directory = resolve(options.into ?? join(dirname(file), 'dry'));
  const texts = readSiteTexts(file);
  if (existsSync(directory)) {
    if (realpathSync(directory) === realpathSync(dirname(resolve(file))))
      throw usageError('the copy would replace the site itself: name another directory with --into');
    if (readdirSync(directory).length > 0)
      throw new CallpointError(
        'DIRECTORY_NOT_EMPTY',
        `${directory} holds files: name another directory with --into, or remove it`,
      );
  }
  const copy = await writeDrySite(texts, { directory, freePort });
  if (options.json) {
    out(JSON.stringify({ site: copy.file, replaced: copy.replaced }));
    return;
  }
  for (const line of copy.replaced) out(line);
  const tls = copy.needsCertificates
    ? ` --tls-certificate ${join(directory, CERTIFICATES.receiver)} --tls-key ${join(directory, CERTIFICATES.receiverKey)}`
    : '';
  out(`
The copy is ${copy.file}; the site itself is as it was. Each of these in a terminal of its own:
  ${SIM_COMMAND} serve ${copy.file}
  ${SIM_COMMAND} receiver --site ${copy.file}${tls}
  ${CALLPOINT} run --config ${copy.file} --data ${join(directory, 'data')}
Or run a scenario with it: write site: ${file} in the scenario, and ${SIM_COMMAND} run makes such a copy itself.`);
}
