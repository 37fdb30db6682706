import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.ts';

const { XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env;
const CACHE = join(XDG_CACHE_HOME, 'callpoint-debian');
const MIRROR = 'http://deb.debian.org/debian';
const BOOTSTRAP_MS = 240_000;
/** Then it is made anew, with what Debian has corrected since. */
const FRESH_MS = 7 * 24 * 3_600_000;

/** What a minimal Debian needs to boot in a container. */
const BASE = ['systemd', 'systemd-sysv', 'dbus', 'udev', 'ca-certificates'];
/** Translations are a tenth of the size, and no test reads them. */
const DPKG_OPTIONS = ['path-exclude=/usr/share/locale/*', 'force-unsafe-io'];

interface Recipe {
  readonly suite: 'trixie' | 'bookworm';
  /** Packages besides the base, so that no test needs a network. */
  readonly packages: readonly string[];
}

/**
 * Returns the directory of a clean Debian system, which nobody may write to. It is made once and
 * kept in the user's cache, under a name made from its content.
 */
export async function debianRoot({ suite, packages }: Recipe): Promise<string> {
  const include = [...new Set([...BASE, ...packages])].sort();
  const content = JSON.stringify([suite, include, DPKG_OPTIONS, MIRROR]);
  const directory = join(CACHE, `${suite}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}`);
  mkdirSync(CACHE, { recursive: true });
  removeOld();
  if (existsSync(directory)) return directory;
  const partial = mkdtempSync(join(CACHE, 'partial-'));
  const made = join(partial, 'root');
  const options = DPKG_OPTIONS.map((option) => `--dpkgopt=${option}`);
  const packed = `--include=${include.join(',')}`;
  await command('mmdebstrap', ['--quiet', '--variant=minbase', ...options, packed, suite, made, MIRROR], {
    withinMs: BOOTSTRAP_MS,
  });
  // Another run may have made the same meanwhile.
  if (!existsSync(directory)) renameSync(made, directory);
  rmSync(partial, { recursive: true, force: true });
  return directory;
}

function removeOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).ctimeMs > FRESH_MS) rmSync(path, { recursive: true, force: true });
  }
}
