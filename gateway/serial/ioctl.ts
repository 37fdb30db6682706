import { loadLibc, type SystemError, systemError } from '../system/libc.ts';

/** ioctl(2) with a structure, or without. Returns the reason if it failed. */
export type Ioctl = (fd: number, request: number, struct?: Buffer) => SystemError | undefined;

/**
 * Node has no ioctl. Loaded when the first port is opened.
 *
 * @throws Error on a machine without koffi's library.
 */
export async function loadIoctl(): Promise<Ioctl> {
  const [{ default: koffi }, libc] = await Promise.all([import('koffi'), loadLibc()]);
  const ioctl = libc.func('int ioctl(int, unsigned long, ...)');
  return (fd, request, struct) => {
    const failed = (struct === undefined ? ioctl(fd, request) : ioctl(fd, request, 'void *', struct)) < 0;
    return failed ? systemError(koffi.errno()) : undefined;
  };
}
