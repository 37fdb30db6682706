import { describe, expect, test } from 'vitest';
import { type KnownAdapter, presenceTrouble, stateTrouble } from '../../../gateway/inputs/ble/adapter-presence.ts';
import type { HciCalls } from '../../../gateway/inputs/ble/hci-calls.ts';
import {
  HCIGETDEVINFO,
  HCIGETDEVLIST,
  infoRequest,
  listedNumbers,
  listRequest,
  radioOfInfo,
} from '../../../gateway/inputs/ble/linux-hci.ts';
import { type Lookup, lookUpRadio } from '../../../gateway/inputs/ble/radio-lookup.ts';
import { parseFromScanner } from '../../../gateway/inputs/ble/scanner-messages.ts';
import { SystemError } from '../../../gateway/system/libc.ts';

const ADDRESS = 'B8:27:EB:12:34:56';
const NONE = '00:00:00:00:00:00';

/**
 * As the kernel fills `struct hci_dev_info`: number, name, address with its least significant byte
 * first, flags, type, features.
 */
const INFO_OF_HCI1 = '0100 6863693100000000 563412eb27b8 05000000 01 ffffff03ccff5983 000000';

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** The kernel's side of the two calls. */
class Kernel implements HciCalls {
  readonly opened = new Set<number>();
  refusal: string | undefined;
  readonly radios: Map<number, string>;
  /** Number of a radio that is listed, but gone at the query. */
  unplugged: number | undefined;

  constructor(radios: Readonly<Record<number, string>>) {
    this.radios = new Map(Object.entries(radios).map(([number, address]) => [Number(number), address]));
  }

  open(): number {
    if (this.refusal !== undefined) throw new SystemError(this.refusal, 'refused');
    this.opened.add(7);
    return 7;
  }

  ioctl(fd: number, request: number, argument: Uint8Array): void {
    if (!this.opened.has(fd)) throw new SystemError('EBADF', 'bad file descriptor');
    const view = new DataView(argument.buffer, argument.byteOffset, argument.byteLength);
    if (request === HCIGETDEVLIST) {
      const numbers = [...this.radios.keys()].slice(0, view.getUint16(0, true));
      view.setUint16(0, numbers.length, true);
      for (const [at, number] of numbers.entries()) view.setUint16(4 + 8 * at, number, true);
    } else if (request === HCIGETDEVINFO) {
      const number = view.getUint16(0, true);
      const address = this.radios.get(number);
      if (address === undefined || number === this.unplugged) throw new SystemError('ENODEV', 'no such device');
      argument.set(bytesOf(address.replaceAll(':', '')).reverse(), 10);
    } else throw new SystemError('ENOTTY', 'not known');
  }

  close(fd: number): void {
    this.opened.delete(fd);
  }
}

describe('what the kernel says of its radios is read byte by byte', () => {
  test('number and address of a radio, which stands there the other way round', () => {
    const info = infoRequest(1);
    expect(Buffer.from(info.subarray(0, 2)).toString('hex')).toBe('0100');
    info.set(bytesOf(INFO_OF_HCI1));
    expect(radioOfInfo(info)).toEqual({ number: 1, address: ADDRESS });
  });

  test('a radio that has no address has none', () => {
    expect(radioOfInfo(infoRequest(300))).toEqual({ number: 300, address: undefined });
  });

  test('the kernel is told how many it may list, and what it lists is read', () => {
    const list = listRequest();
    expect(list).toHaveLength(4 + 64 * 8);
    expect(Buffer.from(list.subarray(0, 4)).toString('hex')).toBe('40000000');
    list.set(bytesOf('0200 0000 0000 0000 05000000 2c01 0000 00000000'));
    expect(listedNumbers(list)).toEqual([0, 300]);
    list.set(bytesOf('ffff'));
    expect(listedNumbers(list)).toHaveLength(64);
  });
});

describe('a radio named by its address', () => {
  test('is the one that has it now, whatever its number, and the socket is closed again', () => {
    const kernel = new Kernel({ 0: '00:1A:7D:DA:71:13', 1: ADDRESS });
    expect(lookUpRadio(ADDRESS, kernel)).toEqual({ radio: 1 });
    kernel.radios.set(0, ADDRESS).set(1, '00:1A:7D:DA:71:13');
    expect(lookUpRadio(ADDRESS, kernel)).toEqual({ radio: 0 });
    expect(kernel.opened.size).toBe(0);
  });

  test('is never another one: not one whose address is the reverse, nor one without an address', () => {
    const kernel = new Kernel({ 0: '56:34:12:EB:27:B8', 1: NONE });
    expect(lookUpRadio(ADDRESS, kernel)).toMatchObject({ state: 'absent' });
    expect(lookUpRadio(NONE, kernel)).toMatchObject({ state: 'absent' });
    expect(kernel.opened.size).toBe(0);
  });

  test('is found though another one is unplugged between the two questions', () => {
    const kernel = new Kernel({ 0: '00:1A:7D:DA:71:13', 1: ADDRESS });
    kernel.unplugged = 0;
    expect(lookUpRadio(ADDRESS, kernel)).toEqual({ radio: 1 });
    kernel.unplugged = 1;
    expect(lookUpRadio(ADDRESS, kernel)).toMatchObject({ state: 'absent' });
  });

  test('is none of two that have the same address', () => {
    const kernel = new Kernel({ 0: ADDRESS, 1: ADDRESS });
    expect(lookUpRadio(ADDRESS, kernel)).toEqual({ state: 'ambiguous', detail: 'hci0, hci1' });
  });
});

const NAMED: KnownAdapter = { name: `address:${ADDRESS}`, baudRate: 0, kernelRadios: '/nowhere' };

function told(kernel: Kernel, adapter = NAMED) {
  const lookup: Lookup = lookUpRadio(ADDRESS, kernel);
  if ('radio' in lookup) return expect.fail('it was found');
  const heard = parseFromScanner({ type: 'state', ...lookup });
  if (heard?.type !== 'state') return expect.fail('the gateway does not understand it');
  return stateTrouble(adapter, heard.state, heard.detail);
}

describe('why a radio named by its address is not listened to is told with what to do', () => {
  test('none is there', () => {
    expect(told(new Kernel({}))).toEqual({
      kind: 'absent',
      detail: `address:${ADDRESS} is not there: is the radio plugged in? (the kernel has no radio at all)`,
    });
  });

  test('others are there, one of them without an address', () => {
    expect(told(new Kernel({ 0: '00:1A:7D:DA:71:13', 2: NONE }))).toEqual({
      kind: 'absent',
      detail: `address:${ADDRESS} is not there: is the radio plugged in? (here: hci0 00:1A:7D:DA:71:13, hci2 without an address; a radio without an address is named by its USB port, usb:1-1.4)`,
    });
  });

  test('two have it', () => {
    expect(told(new Kernel({ 0: ADDRESS, 1: ADDRESS })).detail).toBe(
      `address:${ADDRESS} is the address of hci0, hci1: name each by its USB port, usb:1-1.4`,
    );
  });

  test.each([
    ['EAFNOSUPPORT', 'failed', /this kernel has no Bluetooth: modprobe bluetooth/],
    ['EPERM', 'denied', /permission denied: systemctl enable --now callpoint-radio.socket; .* CAP_NET_RAW/],
    ['EMFILE', 'failed', /the kernel's radios could not be listed: refused/],
  ])('the socket is refused with %s', (code, kind, words) => {
    const kernel = new Kernel({});
    kernel.refusal = code;
    const trouble = told(kernel);
    expect(trouble.kind).toBe(kind);
    expect(trouble.detail).toMatch(words);
  });

  test('the kernel has Bluetooth, and the service keeps the gateway from it', () => {
    const kernel = new Kernel({});
    kernel.refusal = 'EAFNOSUPPORT';
    expect(told(kernel, { ...NAMED, kernelRadios: '/' }).detail).toMatch(
      /Bluetooth sockets are forbidden: systemctl enable --now callpoint-radio.socket; .* AF_BLUETOOTH/,
    );
  });

  test('noble says the same of a radio that is named otherwise', () => {
    const detail = 'Address family not supported by protocol';
    const here = { name: 'hci0', baudRate: 0, kernelRadios: '/' };
    expect(stateTrouble(here, 'poweredOff', detail)).toMatchObject({ kind: 'failed' });
    expect(stateTrouble(here, 'failed', detail).detail).toMatch(/^hci0: Bluetooth sockets are forbidden: /);
  });

  test('it is there, but down', async () => {
    const found = { ...NAMED, found: 'hci1' };
    expect(stateTrouble(found, 'poweredOff', '').detail).toMatch(
      new RegExp(`^address:${ADDRESS} \\(hci1\\) is there, but down, .* hciconfig hci1 up$`),
    );
    expect(await presenceTrouble(NAMED)).toBeUndefined();
    expect(await presenceTrouble(found)).toMatchObject({ kind: 'absent' });
  });

  test('of what the process says only a radio is believed to be one', () => {
    expect(parseFromScanner({ type: 'found', radio: 'hci1' })).toEqual({ type: 'found', radio: 'hci1' });
    for (const radio of ['../../hci1', 'hci1/../x', 'hci', 1, undefined])
      expect(parseFromScanner({ type: 'found', radio })).toBeUndefined();
  });
});
