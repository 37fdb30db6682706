import fs from 'node:fs';
import { loadLibc, loadStructIoctl, systemError } from '../../system/libc.ts';
import { AF_BLUETOOTH, BTPROTO_HCI } from './linux-hci.ts';

/** System calls on an HCI socket, which Node has not. */
export interface HciCalls {
  /** A raw HCI socket, bound to no radio. @throws SystemError */
  open(): number;
  /** ioctl(2). @throws SystemError */
  ioctl(fd: number, request: number, argument: Uint8Array): void;
  close(fd: number): void;
}

const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;

/** @throws Error if a native library can't be loaded on this machine. */
export async function loadHciCalls(): Promise<HciCalls> {
  const { default: koffi } = await import('koffi');
  const libc = await loadLibc();
  const socket: (domain: number, type: number, protocol: number) => number = libc.func('int socket(int, int, int)');
  return {
    open: () => {
      const fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);
      if (fd < 0) throw systemError(koffi.errno());
      return fd;
    },
    ioctl: await loadStructIoctl(),
    close: (fd) => fs.closeSync(fd),
  };
}
