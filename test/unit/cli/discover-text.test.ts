import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { foundText, liveText } from '../../../gateway/cli/discover/discover-text.ts';
import { enrolmentOf } from '../../../gateway/cli/discover/enrolment.ts';
import { machineText } from '../../../gateway/cli/discover/machine-text.ts';
import { inOrder } from '../../../gateway/cli/discover/stranger-order.ts';
import type { DiscoveryDocument, MachineDocument, Stranger } from '../../../protocol/discovery-document.ts';
import { BEACON, DOOR, MODULE, NODE, SEALED, TAG, ZIGBEE } from './strangers-fixture.ts';

const NOW = new Date('2026-11-28T10:00:00.000Z');
const moved = (at: string, movement: string) => ({ moved_at: `2026-11-28T09:59:${at}.000Z`, movement });
const STARTED = '2026-11-28T09:59:00.000Z';

function documentOf(strangers: readonly Stranger[], leftOut = 0): DiscoveryDocument {
  const input = { input: 'bus-1', driver: 'button-bus', state: 'listening', detail: 'the gateway listens' } as const;
  return { at: NOW.toISOString(), listener: 'gateway', inputs: [{ ...input, left_out: leftOut }], strangers };
}

describe('how a stranger is enrolled', () => {
  test.each<[string, Stranger, object]>([
    ['a node', NODE, { command: 'callpoint devices add --input bus-1 --address 9' }],
    [
      'a node with another key',
      { ...NODE, claims: 'wb-101' },
      { command: 'callpoint devices replace wb-101', advice: expect.stringContaining('another key') },
    ],
    [
      'a node at another address',
      { ...NODE, opened_by_key_of: 'wb-102' },
      { advice: expect.stringContaining('it is wb-102 with address 9') },
    ],
    [
      'a plain tag',
      TAG,
      { command: 'callpoint devices add --input radio-1 --address 7C:C6:B6:00:00:0A --no-encrypted' },
    ],
    [
      'an encrypted tag',
      SEALED,
      {
        command: 'callpoint devices add --input radio-1 --address 7C:C6:B6:00:00:0B',
        advice: expect.stringContaining('bind key'),
      },
    ],
    [
      'a topic with a blank in it',
      ZIGBEE,
      {
        command:
          "callpoint devices add --input zigbee --profile zigbee2mqtt --topic 'zigbee2mqtt/room 7' --channel 1,2",
      },
    ],
    [
      'a fob',
      BEACON,
      { command: `callpoint devices add --input radio-1 --uuid ${'ab'.repeat(16)} --major 1 --minor 7` },
    ],
    [
      'a tag at a door',
      DOOR,
      { command: 'callpoint devices add --input radio-1 --address 7C:C6:B6:00:00:0C --no-encrypted --door' },
    ],
    [
      'a module whose input moved',
      { ...MODULE, moved_input: 3 },
      { command: 'callpoint devices add --input modules --address 41 --pin 3' },
    ],
  ])('%s', (_, stranger, expected) => {
    expect(enrolmentOf(stranger)).toEqual(expected);
  });

  test("a name that a stranger chose is one word for the shell, and can't end its quotes", () => {
    const { command } = enrolmentOf({ ...ZIGBEE, topic: "zigbee2mqtt/'; reboot #", channels: [] });
    expect(command).toMatch(/--topic 'zigbee2mqtt\/'\\''; reboot #'$/);
  });
});

describe('the list', () => {
  test('begins with what moved last; the others keep their places while their strength wavers', () => {
    const far = { ...TAG, address: 'F0:00:00:00:00:01', rssi_dbm: -91 };
    const names = (all: readonly Stranger[]) =>
      inOrder(all).map((each) => ('address' in each ? each.address : each.kind));
    const calm = names([far, TAG, NODE]);
    expect(calm).toEqual([TAG.address, far.address, 9]);
    expect(names([NODE, { ...TAG, rssi_dbm: -61 }, { ...far, rssi_dbm: -88 }])).toEqual(calm);
    const pressed = { ...far, ...moved('58', 'button 0 was pressed') };
    expect(names([TAG, { ...NODE, ...moved('40', 'x') }, pressed])).toEqual([far.address, 9, TAG.address]);
  });

  test('marks what moved since the command began, and nothing else', () => {
    const pressed = { ...TAG, ...moved('58', 'button 0 was pressed (single)') };
    const earlier = { ...NODE, moved_at: '2026-11-28T09:00:00.000Z', movement: 'a button was pressed' };
    const text = foundText(documentOf([earlier, pressed, BEACON]), { width: 100, now: NOW }, STARTED).join('\n');
    expect(text.match(/^>> .*/gm)).toEqual(['>> BTHome 7C:C6:B6:00:00:0A by radio-1']);
    expect(text).toContain('button 0 was pressed (single) 2 s ago, -58 dBm, not encrypted, battery 100 %');
    expect(text).toContain('a button was pressed 60 min ago');
  });

  test('a wrong key, nobody at all, and those who were left out are said', () => {
    const wrong = { ...NODE, claims: 'wb-101', opened_by_key_of: 'wb-102' };
    const text = foundText(documentOf([wrong], 812), { width: 80, now: NOW }, STARTED).join('\n');
    expect(text).toContain('WRONG KEY for wb-101, the key of wb-102 opens it');
    expect(text).toContain('bus-1: 812 others made room for these.');
    expect(foundText(documentOf([]), { width: 80, now: NOW }, STARTED)[0]).toContain('No device was heard');
  });

  const many = Array.from({ length: 60 }, (_, at) => ({ ...TAG, address: `F0:00:00:00:00:${String(10 + at)}` }));

  test.each([40, 80, 120])('fits %i columns, but for what is copied; the live view fits its rows too', (width) => {
    const machine = machineText(MACHINE, { width, now: NOW });
    const all = [NODE, TAG, SEALED, BEACON, ZIGBEE, MODULE, { ...NODE, claims: 'wb-101' }];
    const found = foundText(documentOf(all, 3), { width, now: NOW }, STARTED);
    const isCopied = (line: string) =>
      /callpoint devices|^ +(- )?(id|input|location|fob|buttons|topic|profile|port):/.test(line);
    const long = [...machine, ...found]
      .map(stripVTControlCharacters)
      .filter((line) => line.length > width && !isCopied(line));
    // A UUID is longer than a telephone's line.
    expect(long.filter((line) => !/iBeacon|abab/.test(line))).toEqual([]);
    const live = liveText(documentOf([...many, ...all]), { width, now: NOW, rows: 24 }, STARTED);
    expect(live.length).toBeLessThanOrEqual(24);
    expect(live.join('\n')).toMatch(/and \d+ more/);
  });

  test('what a stranger calls itself moves no cursor', () => {
    const evil = { ...ZIGBEE, name: '\u001b[2J\u202Eevil', topic: 'zigbee2mqtt/\u0007x' };
    const text = foundText(documentOf([evil]), { width: 80, now: NOW }, STARTED);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    expect(text.map(stripVTControlCharacters).join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

const MACHINE: MachineDocument = {
  serial_ports: [
    {
      device: '/dev/ttyUSB0',
      by_id: '/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A1-if00-port0',
      by_path: '/dev/serial/by-path/platform-3f980000.usb-usb-0:1.4:1.0-port0',
      vendor_id: '0403',
      product_id: '6001',
      manufacturer: 'FTDI',
      held_by: ['callpoint (pid 412)'],
      used_by: ['bus-1'],
    },
    {
      device: '/dev/ttyUSB1',
      by_id: '/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0',
      by_path: '/dev/serial/by-path/x',
      shared_name: true,
      held_by: [],
      used_by: [],
    },
  ],
  gpio_chips: [
    {
      device: '/dev/gpiochip0',
      label: 'pinctrl-bcm2711',
      lines: [
        { offset: 17, name: 'GPIO17', consumer: 'callpoint', used_by: 'wb-104' },
        { offset: 2, name: 'SDA1', second_job: 'has a fixed 1.8 kΩ pull-up and is an I2C bus' },
        { offset: 60, name: '' },
      ],
    },
    { device: '/dev/gpiochip1', fault: 'permission denied', lines: [] },
  ],
  radios: [{ name: 'hci0', port: 'usb:1-1.4', blocked: 'soft' }],
};

test('the machine: ports with the name to write, lines with their use and holder, radios', () => {
  const text = machineText(MACHINE, { width: 100, now: NOW }).map(stripVTControlCharacters).join('\n');
  expect(text).toContain('/dev/ttyUSB0: USB 0403:6001, FTDI, input or path bus-1, open in callpoint (pid 412)');
  expect(text).toContain('port: /dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A1-if00-port0');
  expect(text).toMatch(/ttyUSB1.*\n\s+port: \/dev\/serial\/by-path\/x\n.*use its USB socket/);
  expect(text).not.toContain('usb-1a86');
  expect(text).toMatch(/17 +GPIO17 +held by callpoint, line of wb-104/);
  expect(text).toContain('free, has a fixed 1.8 kΩ pull-up and is an I2C bus');
  expect(text).toContain('and 1 lines without a name');
  expect(text).toContain('/dev/gpiochip1: permission denied');
  expect(text).toContain('hci0, usb:1-1.4, blocked (soft)');
});
