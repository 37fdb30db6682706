import { messageOf } from '../../protocol/errors.ts';
import { loadLibc } from '../system/libc.ts';

/**
 * ioctl(2) requests of Linux, the same on all its ports that Node runs on (asm-generic/ioctls.h).
 */
const TIOCEXCL = 0x540c;
const TIOCNXCL = 0x540d;

/**
 * Forbids other programs to open a serial port, or allows it again. Returns the reason if that
 * failed, for a person.
 */
export type SetExclusive = (fd: number, exclusive: boolean) => string | undefined;

/**
 * serialport's lock is flock(2), which only programs that ask for it respect: whoever is in the
 * port's group, ModemManager or a `cat`, could open it beside the gateway and take bytes of a press
 * away. With TIOCEXCL the kernel refuses them (EBUSY), but for root. The kernel forgets it when the
 * last descriptor of the port is closed, so after a crash the port is free.
 */
export async function loadExclusive(): Promise<SetExclusive> {
  try {
    // Loaded when the first port is opened: Node has no ioctl.
    const [{ default: koffi }, libc] = await Promise.all([import('koffi'), loadLibc()]);
    const ioctl = libc.func('int ioctl(int, unsigned long, ...)');
    return (fd, exclusive) => {
      const failed = ioctl(fd, exclusive ? TIOCEXCL : TIOCNXCL) < 0;
      return failed ? `errno ${koffi.errno()}` : undefined;
    };
  } catch (error) {
    // On a machine without koffi's library a port is read all the same.
    return () => messageOf(error);
  }
}
