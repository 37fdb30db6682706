import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, lutimesSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a text below a package's root, and the directories above it. */
export function place(root: string, path: string, text: string | Uint8Array, mode = 0o644): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/** As `gzip -9n`: without a name and a time (Debian policy 12.1, reproducible builds). */
export function gzipped(text: string): Uint8Array {
  // zlib of another Node may pack otherwise; gzip is the same everywhere on a Debian release.
  return execFileSync('gzip', ['-9n'], { input: text, maxBuffer: 64 * 1024 * 1024 });
}

/**
 * Makes the package of a directory: sums, modes, times, then `dpkg-deb`. The same directory gives
 * the same bytes.
 *
 * @param seconds since 1970, the time of every file
 */
export function buildDeb(root: string, file: string, seconds: number): void {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => lstatSync(join(root, path)).isFile());
  const sums = files.filter((path) => !path.startsWith('DEBIAN/')).map((path) => `${md5(join(root, path))}  ${path}\n`);
  writeFileSync(join(root, 'DEBIAN/md5sums'), sums.join(''));
  for (const path of [...paths, 'DEBIAN/md5sums', '.']) normalise(join(root, path), seconds);
  // A third larger than -z6, and 14 times as fast to make. lintian refuses zstd: Debian's archive
  // has none.
  const compression = ['-Zxz', '-z1', '--threads-max=1'];
  execFileSync('dpkg-deb', ['--root-owner-group', ...compression, '--build', root, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
  });
}

/** KiB that the files take, as dpkg-gencontrol counts: each rounded up, each directory one. */
export function installedKib(root: string): number {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/^DEBIAN(?:\/|$)/.test(path),
  );
  return paths.reduce((sum, path) => {
    const found = lstatSync(join(root, path));
    return sum + (found.isFile() ? Math.ceil(found.size / 1024) : 1);
  }, 0);
}

/** Modes are those of the content, not of the umask, the checkout or npm. */
function normalise(path: string, seconds: number): void {
  const found = lstatSync(path);
  if (!found.isSymbolicLink()) chmodSync(path, found.isDirectory() || isProgram(path) ? 0o755 : 0o644);
  lutimesSync(path, seconds, seconds);
}

function isProgram(path: string): boolean {
  return /\/(?:bin\/[^/]+|DEBIAN\/(?:preinst|postinst|prerm|postrm)|usr\/lib\/callpoint\/[^/.]+)$/.test(path);
}

function md5(file: string): string {
  return createHash('md5').update(readFileSync(file)).digest('hex');
}
