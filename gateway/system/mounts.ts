import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where a directory is mounted. */
export interface Mount {
  /** `ext4`, `nfs4`. */
  readonly type: string;
  /** `/dev/mmcblk0p2`. */
  readonly source: string;
  /** `179:2`: major and minor number. */
  readonly device?: string;
  /** What is written there is gone when the power goes. */
  readonly isVolatile: boolean;
}

/**
 * The mount that a path is on.
 *
 * @param mountinfo content of /proc/self/mountinfo (proc_pid_mountinfo(5))
 * @param path from the root, without links
 */
export function mountOf(mountinfo: string, path: string): Mount | undefined {
  const line = lineOf(mountinfo, path);
  if (line === undefined) return undefined;
  const { type, source, device } = line;
  return { type, source, device, isVolatile: isInMemory(mountinfo, line) };
}

interface Line {
  readonly point: string;
  readonly type: string;
  readonly source: string;
  readonly device: string;
  readonly options: string;
}

function lineOf(mountinfo: string, path: string): Line | undefined {
  let best: Line | undefined;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = unescaped(before.split(' ')[4] ?? '');
    const [type, source = '', options = ''] = after.split(' ');
    if (point === '' || type === undefined || !isBelow(path, point)) continue;
    // Of two mounts on one point, the later one hides the earlier.
    if (best !== undefined && point.length < best.point.length) continue;
    best = { point, type, source: unescaped(source), device: before.split(' ')[2] ?? '', options };
  }
  return best;
}

/**
 * An overlay writes to its upper directory. overlayroot, with which raspi-config makes the root
 * read-only, puts that on a tmpfs, and by default gives every other disk such an overlay, too.
 */
function isInMemory(mountinfo: string, { type, source, options, point }: Line): boolean {
  if (/^(tmpfs|ramfs)$/.test(type) || /^\/dev\/(zram|ram)\d+$/.test(source)) return true;
  if (type !== 'overlay') return false;
  const upper = /(?:^|,)upperdir=([^,]*)/.exec(options)?.[1];
  const below = upper === undefined ? undefined : lineOf(mountinfo, unescaped(upper));
  // The upper directory may be out of sight: then its path seems to be on the overlay itself.
  return below !== undefined && below.point !== point && isInMemory(mountinfo, below);
}

function isBelow(path: string, point: string): boolean {
  return point === '/' || path === point || path.startsWith(`${point}/`);
}

/** The kernel writes space, tab, line end and backslash in octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/**
 * Those of the directories whose content is gone when the power goes. One that is not there yet
 * counts as the place where it would be made.
 */
export async function volatileDirectories(directories: readonly string[], proc = '/proc'): Promise<readonly string[]> {
  const mountinfo = await readFile(`${proc}/self/mountinfo`, 'utf8').catch(() => '');
  const paths = await Promise.all(directories.map(existing));
  return directories.filter((_, at) => mountOf(mountinfo, paths[at] ?? '/')?.isVolatile === true);
}

async function existing(directory: string): Promise<string> {
  const path = await realpath(directory).catch(() => undefined);
  if (path !== undefined) return path;
  return dirname(directory) === directory ? directory : await existing(dirname(directory));
}
