import fs from 'node:fs';

/** Tells one device node from another that later bears the same name. */
export interface PortIdentity {
  readonly device: number;
  readonly inode: number;
  readonly number: number;
}

/** What `path` leads to now, through links; `undefined` if to nothing that can be looked at. */
export function identityAt(path: string): PortIdentity | undefined {
  try {
    return identityOf(fs.statSync(path));
  } catch {
    // Gone, or behind a directory or link that can't be followed: either way not the port that was
    // there.
    return undefined;
  }
}

export function identityOf(stat: fs.Stats): PortIdentity {
  return { device: stat.dev, inode: stat.ino, number: stat.rdev };
}

export function sameIdentity(a: PortIdentity, b: PortIdentity): boolean {
  return a.device === b.device && a.inode === b.inode && a.number === b.number;
}
