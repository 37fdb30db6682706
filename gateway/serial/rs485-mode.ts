import type { SystemError } from '../system/libc.ts';
import type { Ioctl } from './ioctl.ts';

/** ioctl(2) requests of Linux (asm-generic/ioctls.h). */
const TIOCGRS485 = 0x542e;
const TIOCSRS485 = 0x542f;

/** `struct serial_rs485` of linux/serial.h: flags, two delays, padding. */
const STRUCT_BYTES = 32;
const ENABLED = 1 << 0;
const RTS_ON_SEND = 1 << 1;
const RTS_AFTER_SEND = 1 << 2;

/** How the kernel switches an RS-485 transceiver between sending and receiving. */
export interface Rs485Mode {
  /** When RTS is set: while sending, or at all other times. */
  readonly rts: 'onSend' | 'afterSend';
  /** From RTS to the first bit, and from the last bit to RTS; ms. */
  readonly delayBeforeMs: number;
  readonly delayAfterMs: number;
}

/**
 * Lets the kernel's UART driver switch the direction. It does so from its transmit interrupt, when
 * the last bit has left. This process would be milliseconds late and would cut off the beginning of
 * the answer: a module may answer after 3.5 characters, 1.75 ms at high speed. USB adapters do not
 * have this request: theirs is switched by their own chip.
 *
 * @throws Error in plain words if the port's driver does not do it.
 */
export function enterRs485Mode(ioctl: Ioctl, fd: number, mode: Rs485Mode): void {
  const refused = ioctl(fd, TIOCSRS485, rs485Struct(mode));
  if (refused !== undefined) throw new Error(refusedDetail(refused));
  // The kernel reverts what the driver does not support, and older ones do not say so in the call.
  const got = Buffer.alloc(STRUCT_BYTES);
  const wanted = mode.rts === 'onSend' ? ENABLED | RTS_ON_SEND : ENABLED | RTS_AFTER_SEND;
  const failed = ioctl(fd, TIOCGRS485, got);
  const flags = got.readUInt32LE(0) & (ENABLED | RTS_ON_SEND | RTS_AFTER_SEND);
  if (failed !== undefined || flags !== wanted) {
    throw new Error(`its driver does not keep the setting rs485: { rts: ${mode.rts} }: try the other, or leave it out`);
  }
}

/** Linux runs on Node's machines in little-endian byte order, but for s390x, which has no UARTs. */
export function rs485Struct({ rts, delayBeforeMs, delayAfterMs }: Rs485Mode): Buffer {
  const struct = Buffer.alloc(STRUCT_BYTES);
  struct.writeUInt32LE(ENABLED | (rts === 'onSend' ? RTS_ON_SEND : RTS_AFTER_SEND), 0);
  struct.writeUInt32LE(delayBeforeMs, 4);
  struct.writeUInt32LE(delayAfterMs, 8);
  return struct;
}

function refusedDetail({ code }: SystemError): string {
  return `its driver can't switch the direction of RS-485 by RTS (${code}): leave out rs485 if the adapter does it itself`;
}
