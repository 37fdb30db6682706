import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { machine } from '../../gateway/discovery/machine.ts';

/** Files as the kernel and udev show them, in a directory of the test's own. */
function roots() {
  const root = mkdtempSync(join(tmpdir(), 'callpoint-machine-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (path: string, text = '') => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  for (const directory of ['dev', 'sys/class/tty', 'sys/class/bluetooth', 'proc'])
    mkdirSync(join(root, directory), { recursive: true });
  return { write, link, root, places: { dev: join(root, 'dev'), sys: join(root, 'sys'), proc: join(root, 'proc') } };
}

function usbPort({ write, link, root }: ReturnType<typeof roots>, tty: string, usb: string, serial: string): void {
  const device = `sys/devices/usb1/${usb}`;
  for (const [name, text] of Object.entries({ idVendor: '1a86', idProduct: '7523', product: 'USB Serial', serial }))
    write(`${device}/${name}`, `${text}\n`);
  write(`${device}/${usb}:1.0/bInterfaceNumber`, '00\n');
  write(`${device}/${usb}:1.0/${tty}/tty/${tty}/type`, '1\n');
  link(`${device}/${usb}:1.0/${tty}/tty/${tty}/device`, '../..');
  link(`sys/class/tty/${tty}`, join(root, `${device}/${usb}:1.0/${tty}/tty/${tty}`));
  write(`dev/${tty}`);
  link(`dev/serial/by-path/platform-usb-0:${usb}:1.0-port0`, join(root, 'dev', tty));
}

test('a USB adapter has its maker, its names, its socket, and who holds it', async () => {
  const made = roots();
  usbPort(made, 'ttyUSB0', '1-1', 'A1');
  made.link('dev/serial/by-id/usb-1a86_USB_Serial_A1-if00-port0', join(made.root, 'dev/ttyUSB0'));
  made.write('proc/412/status', 'Name:\tpicocom\nPPid:\t1\n');
  made.link('proc/412/fd/3', join(made.root, 'dev/ttyUSB0'));
  const { serial_ports } = await machine(undefined, made.places);
  expect(serial_ports).toEqual([
    {
      device: join(made.root, 'dev/ttyUSB0'),
      by_id: join(made.root, 'dev/serial/by-id/usb-1a86_USB_Serial_A1-if00-port0'),
      by_path: join(made.root, 'dev/serial/by-path/platform-usb-0:1-1:1.0-port0'),
      vendor_id: '1a86',
      product_id: '7523',
      product: 'USB Serial',
      serial_number: 'A1',
      held_by: ['picocom (pid 412)'],
      used_by: [],
    },
  ]);
});

test('names of the kernel without hardware are left out, and ports come in the order of their numbers', async () => {
  const made = roots();
  usbPort(made, 'ttyUSB10', '1-3', '');
  usbPort(made, 'ttyUSB2', '1-2', '');
  made.write('sys/devices/serial8250/tty/ttyS1/type', '0\n');
  made.link('sys/devices/serial8250/tty/ttyS1/device', '..');
  made.link('sys/class/tty/ttyS1', join(made.root, 'sys/devices/serial8250/tty/ttyS1'));
  made.link('sys/class/tty/tty7', join(made.root, 'sys/devices'));
  const { serial_ports } = await machine(undefined, made.places);
  expect(serial_ports.map(({ device }) => device)).toEqual(
    ['ttyUSB2', 'ttyUSB10'].map((tty) => join(made.root, 'dev', tty)),
  );
});

test('a chip that is none, and a radio that is blocked, are listed with what is wrong', async () => {
  const made = roots();
  made.write('dev/gpiochip0');
  made.write('sys/devices/usb1/1-1.4/1-1.4:1.0/bluetooth/hci0/rfkill0/soft', '1\n');
  made.link('sys/devices/usb1/1-1.4/1-1.4:1.0/bluetooth/hci0/device', '../..');
  made.link('sys/class/bluetooth/hci0', join(made.root, 'sys/devices/usb1/1-1.4/1-1.4:1.0/bluetooth/hci0'));
  const { gpio_chips, radios } = await machine(undefined, made.places);
  expect(gpio_chips).toMatchObject([{ fault: expect.stringContaining('is not a GPIO chip'), lines: [] }]);
  expect(radios).toEqual([{ name: 'hci0', port: 'usb:1-1.4', blocked: 'soft' }]);
});

test('a machine with none of it has an empty list of each', async () => {
  expect(await machine(undefined, roots().places)).toEqual({ serial_ports: [], gpio_chips: [], radios: [] });
});
