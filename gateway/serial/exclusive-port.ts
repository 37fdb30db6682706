import { messageOf } from '../../protocol/errors.ts';
import { loadIoctl } from './ioctl.ts';

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
    const ioctl = await loadIoctl();
    return (fd, exclusive) => ioctl(fd, exclusive ? TIOCEXCL : TIOCNXCL)?.message;
  } catch (error) {
    // On a machine without koffi's library a port is read all the same.
    return () => messageOf(error);
  }
}
