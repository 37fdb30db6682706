import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kernelNumber, presenceTrouble, stateTrouble } from '../../../gateway/inputs/ble/adapter-presence.ts';
import { kernelName, kernelRadios } from '../../../gateway/inputs/kernel-radios.ts';

let machine = '';
let root = '';
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'callpoint-sysfs-'));
  root = join(machine, 'class');
  mkdirSync(root);
});
afterEach(() => rmSync(machine, { recursive: true }));

/**
 * Makes the files of /sys: class/bluetooth/hci0 → devices/…/1-1.4:1.0/bluetooth/hci0, with a link
 * `device` back to the interface.
 */
function plug(radio: string, port: string, rfkill?: { soft: string; hard: string }): void {
  const device = join(machine, 'devices', 'usb1', port.replace(/\.\d+$/, ''), port, `${port}:1.0`);
  const own = join(device, 'bluetooth', radio);
  mkdirSync(own, { recursive: true });
  symlinkSync(device, join(own, 'device'));
  symlinkSync(own, join(root, radio));
  if (rfkill === undefined) return;
  mkdirSync(join(own, 'rfkill3'));
  for (const [kind, value] of Object.entries(rfkill)) writeFileSync(join(own, 'rfkill3', kind), `${value}\n`);
}

const adapter = (name: string) => ({ name, baudRate: 0, kernelRadios: root });

describe('a radio named by its USB port', () => {
  test('is the one in that port, whatever number the kernel gives it at this start', () => {
    plug('hci0', '1-1.3');
    plug('hci1', '1-1.4');
    expect(kernelNumber(adapter('usb:1-1.4'))).toBe('1');
    unlinkSync(join(root, 'hci0'));
    unlinkSync(join(root, 'hci1'));
    rmSync(join(machine, 'devices'), { recursive: true });
    plug('hci0', '1-1.4');
    plug('hci1', '1-1.3');
    expect(kernelNumber(adapter('usb:1-1.4'))).toBe('0');
    expect(kernelNumber(adapter('usb:1-1.3'))).toBe('1');
  });

  test('is never another one: not that behind a hub in the same port, nor the first', async () => {
    plug('hci0', '1-1.4.2');
    plug('hci1', '11-1.4');
    for (const name of ['usb:1-1.4', 'usb:1-1', 'usb:1-1.4.2.1', 'hci7']) {
      expect(kernelNumber(adapter(name))).toBeUndefined();
      expect(await presenceTrouble(adapter(name))).toMatchObject({
        kind: 'absent',
        detail: expect.stringContaining(`${name} is not there`),
      });
    }
    expect(kernelName('hci1', root)).toBe('hci1');
    expect(kernelRadios(root)).toEqual([
      { name: 'hci0', port: '1-1.4.2' },
      { name: 'hci1', port: '11-1.4' },
    ]);
  });

  test('on a machine without Bluetooth is not there', () => {
    expect(kernelName('usb:1-1.4', join(machine, 'nowhere'))).toBeUndefined();
    expect(kernelRadios(join(machine, 'nowhere'))).toEqual([]);
  });
});

describe('a radio that is there but does not listen', () => {
  test.each([
    [
      'down',
      undefined,
      /^usb:1-1\.4 \(hci0\) is there, but down, .*brings none up: bluetoothctl power on .*hciconfig hci0 up$/,
    ],
    ['down, and not blocked', { soft: '0', hard: '0' }, /is there, but down/],
    ['blocked by software', { soft: '1', hard: '0' }, /is there, but blocked: rfkill unblock bluetooth/],
    ['blocked by a switch', { soft: '1', hard: '1' }, /switched off by a switch/],
  ])('is told as %s, and nobody is asked whether it is plugged in', async (_, rfkill, words) => {
    plug('hci0', '1-1.4', rfkill);
    expect(await presenceTrouble(adapter('usb:1-1.4'))).toBeUndefined();
    const { kind, detail } = stateTrouble(adapter('usb:1-1.4'), 'poweredOff', '');
    expect(kind).toBe('off');
    expect(detail).toMatch(words);
    expect(detail).not.toMatch(/plugged/);
  });
});
