import { type Access, isExposed } from '../../config/read/read-file.ts';
import type { Mount } from '../../system/mounts.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const MIB = 1024 * 1024;
const FREE_LEAST = 64 * MIB;
const FILES_LEAST = 100;
const SYNC_SLOW_MS = 100;
const SYNC_STALL_MS = 1_000;

/** What is known of the machine that a disk is in. */
interface DiskFacts {
  readonly hasSecond: boolean;
  /** A memory stick says so; a USB disk does not. */
  readonly isRemovable: boolean;
}

export function diskVerdict(directory: string, mount: Mount, { hasSecond, isRemovable }: DiskFacts): Finding {
  const { type, source, device = '', isVolatile } = mount;
  const text = `${directory} is on ${source} (${type})`;
  if (isVolatile) {
    const remedy =
      'Mount a disk there, outside of any overlay: these records are gone when the power goes (hardware/pi).';
    return problem(`${text}: in memory`, remedy);
  }
  if (/^(nfs|cifs|smb|9p|fuse\.sshfs|ceph|afs)/.test(type)) {
    return problem(`${text}: on the network`, 'Name a directory on a disk of this machine: a network disk may hang.');
  }
  if (type === 'overlay')
    return warning(
      text,
      'See that what is written there is still there after a restart; if not, mount a disk there (hardware/pi).',
    );
  if (/^(vfat|exfat|msdos|ntfs3?)$/.test(type)) {
    return warning(text, 'Use ext4: this file system loses data when the power goes.');
  }
  // MMC_BLOCK_MAJOR of linux/major.h is 179: the root's source may be "/dev/root" alone.
  const isCard = /^\/dev\/mmcblk/.test(source) || device.startsWith('179:');
  if (isRemovable && !isCard) {
    return warning(`${text}: a memory stick, which wears out and may be pulled`, 'Use an SSD for the journal.');
  }
  if (isCard && !hasSecond) {
    return warning(`${text}: a memory card, and there is no second directory`, 'Use an SSD, or a secondDirectory.');
  }
  return ok(text);
}

/** @param files of the disk; 0: this file system does not count them (btrfs) */
export function filesVerdict(directory: string, files: number, free: number): readonly Finding[] {
  if (files === 0 || free > FILES_LEAST) return [];
  return [problem(`${directory} has room for ${free} more files only`, 'Delete many small files: df -i shows where.')];
}

export function spaceVerdict(directory: string, freeBytes: number, retainBytes: number): Finding {
  const text = `${directory} has ${Math.round(freeBytes / MIB)} MiB free`;
  if (freeBytes < FREE_LEAST) return problem(text, 'Make room: a full disk keeps no records.');
  if (freeBytes < retainBytes) {
    const wanted = `${Math.round(retainBytes / MIB)} MiB`;
    return warning(text, `Make room, or lower retainMegabytes: records may need up to ${wanted}.`);
  }
  return ok(text);
}

/** @param syncsMs how long each write with fdatasync took */
export function syncVerdict(directory: string, syncsMs: readonly number[]): Finding {
  const sorted = [...syncsMs].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const most = sorted.at(-1) ?? 0;
  const text = `${directory}: a record is safe in ${shown(middle)} (median of ${sorted.length}), ${shown(most)} at most`;
  if (middle > SYNC_STALL_MS) return problem(text, 'Replace the disk: it is worn out or overloaded.');
  if (middle > SYNC_SLOW_MS || most > SYNC_STALL_MS) {
    return warning(text, 'Use a faster disk, or move other writers off it: the wall shows "heard" late.');
  }
  return ok(text);
}

function shown(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

export function keysVerdict(file: string, access: Access, dataUid: number | undefined): Finding {
  const { uid, mode } = access;
  const bits = (mode & 0o777).toString(8);
  if (isExposed(access)) {
    return problem(`${file} has mode ${bits}: other users may read the keys`, `Run: chmod 600 ${file}`);
  }
  if (uid === 0 && (mode & 0o040) !== 0) return ok(`${file} has mode ${bits}, and one group may read it`);
  if (dataUid !== undefined && uid !== dataUid) {
    const text = `${file} belongs to another user (${uid}) than the data directory (${dataUid})`;
    return warning(text, 'Give both to the user who runs the gateway (chown).');
  }
  return ok(`${file} has mode ${bits}, and its owner alone may read it`);
}

export function ownerVerdict(directory: string, { uid, mode }: Pick<Access, 'uid' | 'mode'>, ownUid: number): Finding {
  const text = `${directory} belongs to user ${uid}, mode ${(mode & 0o777).toString(8)}`;
  if ((mode & 0o002) !== 0) return problem(`${text}: every user may write there`, `Run: chmod o-w ${directory}`);
  if (ownUid !== 0 && uid !== ownUid) {
    return warning(`${text}; you are user ${ownUid}`, 'Run this as the user who runs the gateway, or with sudo.');
  }
  return ok(text);
}

const DAY_MS = 86_400_000;
const WARN_DAYS = 30;

export function certificateVerdict(name: string, notAfterMs: number, nowMs: number): Finding {
  const day = new Date(notAfterMs).toISOString().slice(0, 10);
  const left = Math.floor((notAfterMs - nowMs) / DAY_MS);
  if (left < 0) return problem(`${name} ended on ${day}`, 'Put the renewed file in its place.');
  const text = `${name} ends on ${day}, in ${left} day${left === 1 ? '' : 's'}`;
  return left < WARN_DAYS ? warning(text, 'Renew it, and put the file in its place.') : ok(text);
}
