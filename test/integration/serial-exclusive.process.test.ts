import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import koffi from 'koffi';
import { afterEach, expect, test } from 'vitest';
import { openMaster } from '../../device-sim/pty/libc-pty.ts';
import { PolledPort } from '../../gateway/serial/polled-port.ts';

const TIOCGEXCL = 0x80045440;
const NOBODY = '65534';
const listener = { bytes: () => undefined, lost: () => undefined };
const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, _Out_ int *)');

const open: number[] = [];
afterEach(() => {
  for (const fd of open.splice(0)) closeSync(fd);
});

/**
 * A terminal that only the gateway opens, and its controlling side, which is used to ask the
 * kernel.
 */
function terminal(): { path: string; isExclusive(): boolean } {
  const { fd, path } = openMaster();
  // This acts like an adapter that root holds open beside the gateway.
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  open.push(fd, slave);
  const isExclusive = () => {
    const value = [0];
    expect(ioctl(slave, TIOCGEXCL, value)).toBe(0);
    return value[0] === 1;
  };
  return { path, isExclusive };
}

test('an open port is the gateway’s alone: the kernel refuses it to everybody but root, lock or no lock', async () => {
  const { path, isExclusive } = terminal();
  expect(isExclusive()).toBe(false);
  const port = await PolledPort.open(path, { baudRate: 9600 }, listener);
  expect(isExclusive()).toBe(true);
  // Root may give the terminal to any user, as the group `dialout` does.
  spawnSync('chmod', ['666', path]);
  const asNobody =
    process.getuid?.() === 0 ? ['setpriv', '--reuid', NOBODY, '--clear-groups', '--bounding-set=-all'] : [];
  const [command = 'head', ...rest] = [...asNobody, 'head', '-c1', path];
  const thief = spawnSync(command, rest, { timeout: 5_000, encoding: 'utf8' });
  expect(thief.stderr).toMatch(/busy/i);
  await port.close();
});

test('a port that was let go can be opened again, by the gateway and by others', async () => {
  const { path, isExclusive } = terminal();
  for (let time = 0; time < 2; time++) {
    const port = await PolledPort.open(path, { baudRate: 9600 }, listener);
    await port.close();
    expect(isExclusive()).toBe(false);
  }
});

test('a port that another program keeps to itself is told as used, not as broken', async () => {
  const { path } = terminal();
  const port = await PolledPort.open(path, { baudRate: 9600 }, listener);
  await expect(PolledPort.open(path, { baudRate: 9600 }, listener)).rejects.toThrow(/lock|busy/i);
  await port.close();
});
