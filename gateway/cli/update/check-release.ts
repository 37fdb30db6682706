import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { CallpointError } from '../../../protocol/errors.ts';

interface SiteFiles {
  readonly config: string;
  readonly data: string;
}

/** Several times what a small Pi needs for the largest site, ms. */
const CHECK_MS = 120_000;
const TEXT_LENGTH_MAX = 2_000;

/**
 * Has a new release check the site, as the user that the gateway runs as: it can read what the
 * gateway can, and its code does not run as root.
 *
 * @throws CallpointError UPDATE_REFUSED
 */
export async function checkWithRelease(program: string, { config, data }: SiteFiles): Promise<void> {
  const { uid, gid } = statSync(data);
  const isRoot = process.getuid?.() === 0;
  const args = [program, 'check', '--keep', '--config', resolve(config), '--data', resolve(data)];
  const child = spawn(process.execPath, args, {
    cwd: '/',
    // Nothing of the administrator's session.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: CHECK_MS,
    killSignal: 'SIGKILL',
    ...(isRoot && { uid, gid }),
  });
  const [[code], out, errors] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  if (code === 0) return;
  const said = `${out}${errors}`.trim().slice(0, TEXT_LENGTH_MAX);
  const why = said === '' ? `it ended without a word (exit code ${code})` : said;
  throw new CallpointError(
    'UPDATE_REFUSED',
    `The new release would not start with this site, so the one that runs stays. It says:\n${why}`,
  );
}
