import { getSystemErrorMap } from 'node:util';
import type { LibraryHandle } from 'koffi';

/**
 * Loads libc through koffi, which needs no compiler at installation.
 *
 * @throws Error if a native library cannot be loaded on this machine
 */
export async function loadLibc(): Promise<LibraryHandle> {
  const { default: koffi } = await import('koffi');
  try {
    return koffi.load('libc.so.6');
  } catch {
    // musl has no file of that name. The process has its functions already.
    return koffi.load(null);
  }
}

/** libc, and why its last call failed. @throws Error as `loadLibc` */
export async function loadCalls(): Promise<{ readonly libc: LibraryHandle; readonly failure: () => SystemError }> {
  const [{ default: koffi }, libc] = await Promise.all([import('koffi'), loadLibc()]);
  return { libc, failure: () => systemError(koffi.errno()) };
}

/** ioctl(2) with a structure that the kernel reads and fills. @throws SystemError */
type StructIoctl = (fd: number, request: number, struct: Uint8Array) => void;

/** @throws Error if a native library cannot be loaded on this machine */
export async function loadStructIoctl(): Promise<StructIoctl> {
  const [{ default: koffi }, libc] = await Promise.all([import('koffi'), loadLibc()]);
  const ioctl = libc.func('int ioctl(int, unsigned long, _Inout_ void *)');
  return (fd, request, struct) => {
    if (ioctl(fd, request, struct) < 0) throw systemError(koffi.errno());
  };
}

/** A system call failed. `code` as in errno(3): `EBUSY`. */
export class SystemError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'SystemError';
    this.code = code;
  }
}

export function systemError(errno: number): SystemError {
  const [code, message] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error'];
  return new SystemError(code, message);
}
