import { constants } from 'node:fs';
import koffi from 'koffi';

/** Room for `struct termios`: 60 bytes with glibc and musl on Linux. */
const TERMIOS_BYTES = 128;
const NAME_BYTES = 128;
const TCSANOW = 0;
const TIOCNXCL = 0x540d;
/** `O_CLOEXEC` of Linux on every architecture Node runs on; `node:fs` doesn't name it. */
const O_CLOEXEC = 0o2000000;

/**
 * Master side of a fresh pseudo-terminal, non-blocking, in raw mode. Linux only. @throws Error
 * naming the call that failed.
 */
export function openMaster(): { readonly fd: number; readonly path: string } {
  const libc = koffi.load(null);
  const posixOpenpt = libc.func('int posix_openpt(int)');
  const grantpt = libc.func('int grantpt(int)');
  const unlockpt = libc.func('int unlockpt(int)');
  const ptsnameR = libc.func('int ptsname_r(int, _Out_ uint8_t *, size_t)');
  const tcgetattr = libc.func('int tcgetattr(int, void *)');
  const cfmakeraw = libc.func('void cfmakeraw(void *)');
  const tcsetattr = libc.func('int tcsetattr(int, int, void *)');

  const fd: number = posixOpenpt(constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw failed('posix_openpt');
  if (grantpt(fd) !== 0) throw failed('grantpt');
  if (unlockpt(fd) !== 0) throw failed('unlockpt');
  const name = new Uint8Array(NAME_BYTES);
  if (ptsnameR(fd, name, NAME_BYTES) !== 0) throw failed('ptsname_r');
  // The two sides share one termios. Raw from the start: else the line discipline echoes the nodes'
  // frames back to them and turns CR into NL.
  const termios = new Uint8Array(TERMIOS_BYTES);
  if (tcgetattr(fd, termios) !== 0) throw failed('tcgetattr');
  cfmakeraw(termios);
  if (tcsetattr(fd, TCSANOW, termios) !== 0) throw failed('tcsetattr');
  return { fd, path: Buffer.from(name.subarray(0, name.indexOf(0))).toString('latin1') };
}

/**
 * A serial port forgets that it was opened exclusively when it is closed for the last time. The
 * simulator holds its end open for ever, and so has to make it forget, or no gateway of an ordinary
 * user could open it again after a crash.
 */
export function exclusiveForgetter(): (fd: number) => void {
  const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, ...)');
  return (fd) => ioctl(fd, TIOCNXCL);
}

function failed(call: string): Error {
  return new Error(`pseudo-terminal: ${call} failed, errno ${koffi.errno()}`);
}
