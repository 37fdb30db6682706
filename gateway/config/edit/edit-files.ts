import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';

/** What an edit does to files. Tests let it end in the middle. */
export interface EditFiles {
  /** The bytes of a file; `undefined` if there is none. */
  read(file: string): Uint8Array | undefined;
  /** Writes a new file and waits until it is on the medium. Fails if there is one. */
  write(file: string, bytes: Uint8Array, owner: Owner): void;
  rename(from: string, to: string): void;
  remove(file: string): void;
  /** Waits until the names in a directory are on the medium. */
  settle(directory: string): void;
}

export interface Owner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export function nodeEditFiles(): EditFiles {
  return {
    read: (file) => {
      try {
        return readFileSync(file);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write,
    rename: renameSync,
    remove: (file) => rmSync(file, { force: true }),
    settle: (directory) => {
      withFile(directory, constants.O_RDONLY, 0, fsyncSync);
    },
  };
}

function write(file: string, bytes: Uint8Array, { mode, uid, gid }: Owner): void {
  // Nobody else may read it before it has its mode.
  withFile(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600, (fd) => {
    const now = fstatSync(fd);
    if (now.uid !== uid || now.gid !== gid) fchownSync(fd, uid, gid);
    fchmodSync(fd, mode);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  });
}

function withFile(file: string, flags: number, mode: number, use: (fd: number) => void): void {
  const fd = openSync(file, flags, mode);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}
