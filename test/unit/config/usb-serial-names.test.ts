import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { weakName } from '../../../gateway/config/fields/usb-serial-names.ts';

/** A USB adapter as sysfs and udev show it. */
interface Adapter {
  readonly tty: string;
  readonly socket: string;
  readonly vendor: string;
  readonly product: string;
  readonly serial?: string;
  readonly byId: string;
}

const CH340 = { vendor: '1a86', product: 'USB Serial', byId: 'usb-1a86_USB_Serial-if00-port0' };
const CP2102 = {
  vendor: '10c4',
  product: 'CP2102 USB to UART Bridge Controller',
  serial: '0001',
  byId: 'usb-Silicon_Labs_CP2102_USB_to_UART_Bridge_Controller_0001-if00-port0',
};
const FTDI = { vendor: '0403', product: 'FT232R USB UART' };

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-usb-'));
  for (const folder of ['dev/serial/by-id', 'dev/serial/by-path', 'sys/class/tty']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function plug({ tty, socket, vendor, product, serial, byId }: Adapter): void {
  const usb = join(root, 'sys/devices/usb1', socket);
  const port = join(usb, `${socket}:1.0`, tty);
  mkdirSync(join(port, 'tty', tty), { recursive: true });
  symlinkSync(port, join(port, 'tty', tty, 'device'));
  writeFileSync(join(port, 'port_number'), '0\n');
  writeFileSync(join(usb, `${socket}:1.0`, 'bInterfaceNumber'), '00\n');
  writeFileSync(join(usb, 'idVendor'), `${vendor}\n`);
  writeFileSync(join(usb, 'product'), `${product}\n`);
  if (serial !== undefined) writeFileSync(join(usb, 'serial'), `${serial}\n`);
  symlinkSync(join(port, 'tty', tty), join(root, 'sys/class/tty', tty));
  writeFileSync(join(root, 'dev', tty), '');
  rmSync(join(root, 'dev/serial/by-id', byId), { force: true });
  symlinkSync(`../../${tty}`, join(root, 'dev/serial/by-id', byId));
  for (const bus of ['usb', 'usbv2']) {
    symlinkSync(`../../${tty}`, join(root, 'dev/serial/by-path', `platform-xhci-${bus}-0:${socket}:1.0-port0`));
  }
}

function weak(byId: string) {
  return weakName(`/dev/serial/by-id/${byId}`, { dev: join(root, 'dev'), sys: join(root, 'sys') });
}

const path = (socket: string) => `/dev/serial/by-path/platform-xhci-usb-0:${socket}:1.0-port0`;

describe('a name under /dev/serial/by-id', () => {
  test('of two adapters without serial numbers is shared, and both sockets are told', () => {
    plug({ ...CH340, tty: 'ttyUSB0', socket: '1-1' });
    plug({ ...CH340, tty: 'ttyUSB1', socket: '1-2' });
    const shared = weak(CH340.byId);
    expect(shared?.isShared).toBe(true);
    expect([...(shared?.paths ?? [])].sort()).toEqual([path('1-1'), path('1-2')]);
  });

  test('of one adapter without a serial number is weak: the next of its model takes it', () => {
    plug({ ...CH340, tty: 'ttyUSB0', socket: '1-1' });
    expect(weak(CH340.byId)).toEqual({ paths: [path('1-1')], isShared: false });
  });

  test('with the serial number that every CP2102 is sold with is no better', () => {
    plug({ ...CP2102, tty: 'ttyUSB0', socket: '1-1' });
    expect(weak(CP2102.byId)).toEqual({ paths: [path('1-1')], isShared: false });
    plug({ ...CP2102, tty: 'ttyUSB1', socket: '1-2' });
    expect(weak(CP2102.byId)?.isShared).toBe(true);
  });

  test("with the adapter's own serial number is good, beside others of its model as well", () => {
    const [one, other] = ['A1000001', 'A1000002'].map((serial) => {
      return { ...FTDI, serial, byId: `usb-FTDI_FT232R_USB_UART_${serial}-if00-port0` };
    });
    if (one === undefined || other === undefined) throw new Error('two adapters');
    plug({ ...one, tty: 'ttyUSB0', socket: '1-1' });
    plug({ ...other, tty: 'ttyUSB1', socket: '1-2' });
    expect([weak(one.byId), weak(other.byId)]).toEqual([undefined, undefined]);
  });

  test.each([
    ['usb-1a86_USB_Serial-if00-port0', true],
    ['usb-1a86_USB2.0-Ser_-if00-port0', true],
    ['usb-1a86_USB2.0-Serial-if00-port0', true],
    ['usb-Prolific_Technology_Inc._USB-Serial_Controller-if00-port0', true],
    ['usb-Prolific_Technology_Inc._USB-Serial_Controller_D-if00-port0', true],
    [CP2102.byId, true],
    ['usb-1a86_USB_Single_Serial_54D2042013-if00', false],
    ['usb-FTDI_FT232R_USB_UART_A1000001-if00-port0', false],
    ['usb-Silicon_Labs_CP2102N_USB_to_UART_Bridge_Controller_9c4e1a-if00-port0', false],
  ])('%s on a machine without it: weak is %s', (name, isWeak) => {
    expect(weak(name) !== undefined).toBe(isWeak);
  });

  test('names by socket, and of ports of the board itself, are not looked at', () => {
    expect(weakName('/dev/serial/by-path/platform-xhci-usb-0:1-1:1.0-port0')).toBeUndefined();
    expect(weakName('/dev/ttyAMA0')).toBeUndefined();
  });
});
