import { describe, expect, test } from 'vitest';
import type { Ioctl } from '../../gateway/serial/ioctl.ts';
import { enterRs485Mode, rs485Struct } from '../../gateway/serial/rs485-mode.ts';
import { systemError } from '../../gateway/system/libc.ts';

const TIOCGRS485 = 0x542e;
const TIOCSRS485 = 0x542f;
const ENOTTY = 25;
const MODE = { rts: 'onSend', delayBeforeMs: 1, delayAfterMs: 2 } as const;

/** The kernel's serial core: keeps what the driver of the port supports, and reverts the rest. */
function makeKernel(supported: number) {
  const kept = Buffer.alloc(32);
  const ioctl: Ioctl = (_, request, struct = Buffer.alloc(0)) => {
    if (request === TIOCGRS485) kept.copy(struct);
    else if (request === TIOCSRS485) {
      struct.copy(kept);
      kept.writeUInt32LE(struct.readUInt32LE(0) & supported, 0);
    } else return systemError(ENOTTY);
    return undefined;
  };
  return { kept, ioctl };
}

describe('direction of RS-485 by the kernel', () => {
  test('the structure is that of linux/serial.h: flags, two delays in ms, padding', () => {
    // gcc, x86_64: { .flags = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND, 1, 2 } and AFTER_SEND.
    expect(rs485Struct(MODE).toString('hex')).toBe(`030000000100000002000000${'00'.repeat(20)}`);
    expect(rs485Struct({ ...MODE, rts: 'afterSend' }).readUInt32LE(0)).toBe(0b101);
  });

  test('is set where the driver of the port does it', () => {
    const { kept, ioctl } = makeKernel(0b111);
    enterRs485Mode(ioctl, 3, MODE);
    expect(kept).toEqual(rs485Struct(MODE));
  });

  test('a driver that keeps only the other polarity is told, not accepted', () => {
    const { ioctl } = makeKernel(0b101);
    expect(() => enterRs485Mode(ioctl, 3, MODE)).toThrow('does not keep the setting rs485: { rts: onSend }');
  });

  test('a driver that has no such request, as of all USB adapters, is told with what to do', () => {
    expect(() => enterRs485Mode(() => systemError(ENOTTY), 3, MODE)).toThrow(
      /\(ENOTTY\): leave out rs485 if the adapter/,
    );
  });
});
