import { constants } from 'node:fs';
import koffi from 'koffi';

/** Size of the buffer for `struct termios`, which has 60 bytes with glibc and musl on Linux. */
const TERMIOS_BYTES = 128;
const NAME_BYTES = 128;
const TCSANOW = 0;
const TIOCNXCL = 0x540d;
/** `O_CLOEXEC` of Linux on every architecture that Node runs on. `node:fs` does not name it. */
const O_CLOEXEC = 0o2000000;

/**
 * Opens the master side of a new pseudo-terminal, non-blocking and in raw mode. Linux only.
 * @throws Error naming the call that failed.
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
  // The two sides share one termios. It must be raw from the start: otherwise the line discipline
  // echoes the nodes' frames back to them and turns CR into NL.
  const termios = new Uint8Array(TERMIOS_BYTES);
  if (tcgetattr(fd, termios) !== 0) throw failed('tcgetattr');
  cfmakeraw(termios);
  if (tcsetattr(fd, TCSANOW, termios) !== 0) throw failed('tcsetattr');
  return { fd, path: Buffer.from(name.subarray(0, name.indexOf(0))).toString('latin1') };
}

/**
 * Clears the exclusive mode of the serial port. A port leaves that mode only at its last close. The
 * simulator never closes its end, so an ordinary user's gateway could not open the port again after
 * a crash.
 */
export function exclusiveForgetter(): (fd: number) => void {
  const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, ...)');
  return (fd) => ioctl(fd, TIOCNXCL);
}

function failed(call: string): Error {
  return new Error(`pseudo-terminal: ${call} failed, errno ${koffi.errno()}`);
}
