import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decoderOf } from '../../../device-sim/replay/decode/decoder-of.ts';
import { shownText } from '../../../device-sim/replay/show-line.ts';
import { encodeAprsMessage } from '../../../protocol/radio/aprs-message.ts';
import { encodeUi } from '../../../protocol/radio/ax25.ts';
import { encodeKiss } from '../../../protocol/radio/kiss.ts';
import type { FrameAbout, FrameEntry } from '../../../protocol/recording/recording.ts';

const DRIVERS = [
  ...['button-bus', 'gpio', 'firmata', 'modbus', 'ble', 'mqtt', 'dc09-tcp', 'dc09-udp'],
  ...['cap', 'webhook', 'sip', 'radio', 'sms', 'snpp', 'tap', 'of a later version'],
];
const KEYS = { devices: new Map([['wb-101', new Uint8Array(16)]]), paths: new Map([['p', new Uint8Array(16)]]) };

function frameOf(bytes: Uint8Array | string, direction: 'in' | 'out' = 'in', about: FrameAbout = {}): FrameEntry {
  const written = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  return { type: 'frame', ms: 1, side: 'path', id: 'p', direction, bytes: written, about };
}

/** What is shown of these pieces. */
function shown(driver: string, ...frames: FrameEntry[]): string[] {
  const decoder = decoderOf(driver, 'p', KEYS);
  return frames.flatMap((frame) => decoder.decode(frame).map(({ text }) => text));
}

test.each(DRIVERS)(
  'whatever passes on a wire of %s, showing it throws nothing and prints no control character',
  (driver) => {
    const about = fc.record(
      {
        connection: fc.nat(3),
        line: fc.string(),
        topic: fc.constantFrom('a/b', '\u202e\u0085\ud800', '\u001b]0;x\u0007'),
        address: fc.string(),
        kind: fc.constantFrom('bthome', 'iBeacon', 'eddystone', 'x\u001b[2J'),
      },
      { requiredKeys: [] },
    );
    const likely = fc.constantFrom(
      '\r\n',
      '\n',
      '"*SIA-DCS"',
      '\u00c0\u0000',
      '\u00f0\u0000\u00f7',
      '\u001b[2J',
      '\u0000\u0001',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      likely.map((text) => Buffer.from(text, 'latin1')),
    );
    const frame = fc
      .tuple(bytes, fc.constantFrom('in' as const, 'out' as const), about)
      .map((args) => frameOf(...args));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
        for (const text of shown(driver, ...frames)) {
          expect(shownText({ ms: 1, text, fields: {} })).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        }
      }),
    );
  },
);

test('a modem’s dialogue is shown line by line, with its control characters by name', () => {
  const lines = shown(
    'sms',
    frameOf('AT+CMGS="+1555"\r', 'out'),
    frameOf('\r\n> '),
    frameOf('Intruder\u001a', 'out'),
    frameOf('\r\n+CMGS: 7\r\n\r\nOK\r\n'),
  );
  expect(lines).toEqual([
    'AT+CMGS="+1555"<CR>',
    '<CR><LF>',
    '> ',
    'Intruder<SUB>',
    '<CR><LF>',
    '+CMGS: 7<CR><LF>',
    '<CR><LF>',
    'OK<CR><LF>',
  ]);
});

test('a Modbus answer that comes in two pieces is one frame, and an exception says so', () => {
  const answer = Uint8Array.of(1, 2, 1, 2, 0x20, 0x49);
  expect(shown('modbus', frameOf(answer.slice(0, 2)), frameOf(answer.slice(2)))).toEqual([
    'module 1: read discrete inputs: 02',
  ]);
  expect(shown('modbus', frameOf(Uint8Array.of(1, 0x82, 2, 0xc1, 0x61)))).toEqual([
    'module 1: exception 2 to read discrete inputs',
  ]);
});

test('an APRS message is shown with its stations, text and id', () => {
  const [source, destination] = [
    { call: 'N0CALL', ssid: 9 },
    { call: 'APZCPT', ssid: 0 },
  ];
  const info = encodeAprsMessage({ type: 'message', addressee: 'N0CALL-1', text: 'Intruder, Rm 101', id: '7' });
  const payload = encodeUi({ source, destination, digipeaters: [], info });
  expect(shown('radio', frameOf(encodeKiss({ port: 0, command: 0, payload }), 'out'))).toEqual([
    'N0CALL-9>APZCPT: to N0CALL-1 (7): Intruder, Rm 101',
  ]);
});

test('SIP and HTTP are shown as heads: neither room nor people of the body', () => {
  const message = 'MESSAGE sip:a@b SIP/2.0\r\nVia: x\r\nTo: y\r\n\r\nIntruder, Rm 101';
  expect(shown('sip', frameOf(message, 'out'))).toEqual(['MESSAGE sip:a@b SIP/2.0, 2 headers, 16 bytes']);
});

test('streams of two connections, and of two directions, are never joined', () => {
  const half = '\n';
  const frame = '\n8C6D0011"ACK"0001L0#1234[]\r';
  const one = frameOf(frame.slice(0, 9), 'in', { connection: 1 });
  const other = frameOf(`${half}`, 'in', { connection: 2 });
  const rest = frameOf(frame.slice(9), 'in', { connection: 1 });
  expect(shown('dc09-tcp', one, other, rest)).toEqual(shown('dc09-tcp', frameOf(frame)));
});
