import fs from 'node:fs';
import koffi from 'koffi';
import type { EventQueue } from './gpio-chip.ts';
import { realLibc } from './libc-shim.ts';

/** Linux flags that `node:fs` does not name. */
const O_CLOEXEC = 0o2000000;
const F_SETFL = 4;
const FIONREAD = 0x541b;
const POLLERR = 0x0008;
const POLLFD_BYTES = 8;

/**
 * The descriptor of a line request, made of a real pipe. The driver polls and reads its reading
 * end, which blocks, as the kernel's does.
 * @param onEnd called when both ends are closed
 */
export function openEventPipe(onEnd: () => void): EventQueue {
  const libc = realLibc();
  const ioctl = libc.func('int ioctl(int, unsigned long, _Inout_ void *)');
  const poll = libc.func('int poll(_Inout_ void *, unsigned long, int)');
  const [fd, writeFd] = makePipe();
  const pending = new Int32Array(1);
  const watched = new DataView(new ArrayBuffer(POLLFD_BYTES));
  watched.setInt32(0, writeFd, true);
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    fs.closeSync(writeFd);
    onEnd();
  };
  return {
    fd,
    waiting: () => {
      ioctl(writeFd, FIONREAD, pending);
      return pending[0] ?? 0;
    },
    push: (event) => {
      if (!ended) fs.writeSync(writeFd, event);
    },
    dropOldest: (bytes) => {
      // Opens another reading end of the same pipe for the duration of this step.
      const reader = fs.openSync(`/proc/self/fd/${writeFd}`, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
      fs.readSync(reader, new Uint8Array(bytes));
      fs.closeSync(reader);
    },
    isReleased: () => {
      if (ended) return true;
      // The writing end reports an error when no reading end is open.
      poll(new Uint8Array(watched.buffer), 1, 0);
      if ((watched.getInt16(6, true) & POLLERR) !== 0) end();
      return ended;
    },
    hangUp: end,
  };
}

function makePipe(): [number, number] {
  const libc = realLibc();
  const ends = new Int32Array(2);
  if (libc.func('int pipe2(_Out_ int *, int)')(ends, O_CLOEXEC) !== 0) {
    throw new Error(`pipe2 failed, errno ${koffi.errno()}`);
  }
  const [readFd = -1, writeFd = -1] = ends;
  libc.func('int fcntl(int, int, int)')(writeFd, F_SETFL, fs.constants.O_NONBLOCK);
  return [readFd, writeFd];
}
