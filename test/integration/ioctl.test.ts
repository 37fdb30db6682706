import { closeSync, constants, openSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { loadIoctl } from '../../gateway/serial/ioctl.ts';
import { enterRs485Mode } from '../../gateway/serial/rs485-mode.ts';

// A pseudo-terminal has no RS-485 mode, but a window size, which is set and read the same way.
const TIOCGWINSZ = 0x5413;
const TIOCSWINSZ = 0x5414;

function openTerminal(): number {
  const terminal = openPseudoTerminal();
  const fd = openSync(terminal.path, constants.O_RDWR | constants.O_NOCTTY);
  onTestFinished(() => {
    closeSync(fd);
    terminal.close();
  });
  return fd;
}

it('a structure reaches the kernel, and comes back', async () => {
  const ioctl = await loadIoctl();
  const fd = openTerminal();
  const [size, got] = [Buffer.from('0102030405060708', 'hex'), Buffer.alloc(8)];
  expect(ioctl(fd, TIOCSWINSZ, size)).toBeUndefined();
  expect(ioctl(fd, TIOCGWINSZ, got)).toBeUndefined();
  expect(got).toEqual(size);
});

it('a port that has no RS-485 mode is refused by the kernel itself', async () => {
  const ioctl = await loadIoctl();
  const mode = { rts: 'onSend', delayBeforeMs: 0, delayAfterMs: 0 } as const;
  expect(() => enterRs485Mode(ioctl, openTerminal(), mode)).toThrow(
    "can't switch the direction of RS-485 by RTS (ENOTTY)",
  );
});
