import { describe, expect, test } from 'vitest';
import { asciiToBytes, bytesToAscii, bytesToHex, hexToBytes } from '../../protocol/bytes.ts';
import { frameAirMs, messageAirTime } from '../../protocol/radio/air-time.ts';
import { encodeAprsMessage, parseAprsMessage } from '../../protocol/radio/aprs-message.ts';
import { addressText, encodeUi, parseAddress, parseUi } from '../../protocol/radio/ax25.ts';
import { encodeKiss, KISS_COMMANDS, KissScanner } from '../../protocol/radio/kiss.ts';
import { encodeThirdParty, parseThirdParty } from '../../protocol/radio/third-party.ts';

/** A frame that direwolf 1.6, its `atest` and its `decode_aprs` read as shown here. */
const INFO = ':N0CALL-1 :PANIC Room 12 Bldg A{001';
const FRAME = [
  '82a0b4606062e0',
  '9c608682989872',
  'ae92888a624063',
  '03f0',
  '3a4e3043414c4c2d31203a50414e494320526f6f6d20313220426c646720417b303031',
].join('');

const bytes = (hex: string) => hexToBytes(hex) ?? new Uint8Array();
const station = (text: string) => parseAddress(text) ?? { call: '', ssid: -1 };

describe('APRS messages', () => {
  const cases = [
    [INFO, { type: 'message', addressee: 'N0CALL-1', text: 'PANIC Room 12 Bldg A', id: '001' }],
    [':N0CALL-9 :ack001', { type: 'ack', addressee: 'N0CALL-9', id: '001' }],
    [':N0CALL-9 :rej001', { type: 'rej', addressee: 'N0CALL-9', id: '001' }],
    [':N0CALL-15:no answer wanted', { type: 'message', addressee: 'N0CALL-15', text: 'no answer wanted' }],
  ] as const;
  test.each(cases)('%j is written and read', (info, message) => {
    expect(bytesToAscii(encodeAprsMessage(message))).toBe(info);
    expect(parseAprsMessage(asciiToBytes(info))).toEqual(message);
  });

  test.each([
    [':N0CALL-9 :hello{A1}', { type: 'message', text: 'hello', id: 'A1' }],
    [':N0CALL-9 :hello{A1}b2', { type: 'message', text: 'hello', id: 'A1', replyAck: 'b2' }],
    [':N0CALL-9 :ackA1}', { type: 'ack', id: 'A1' }],
    [':N0CALL-9 :ackA1}b2', { type: 'ack', id: 'A1' }],
    [':N0CALL-9 :ack001\r\n', { type: 'ack', id: '001' }],
    [':N0CALL-9 :ack001 ', { type: 'ack', id: '001' }],
    [':N0CALL-9 :ack001 \r', { type: 'ack', id: '001' }],
    [':N0CALL-9 :ack001\0', { type: 'ack', id: '001' }],
    [':N0CALL-9 :ack0045}AB\r\n', { type: 'ack', id: '0045' }],
    [':N0CALL-9 :rej0045}', { type: 'rej', id: '0045' }],
    [':N0CALL-9 :hello{0012}0045 ', { type: 'message', text: 'hello', id: '0012', replyAck: '0045' }],
    [':N0CALL-9 :hello{77\r', { type: 'message', text: 'hello', id: '77' }],
    [':N0CALL-9 :ACK001', { type: 'message', text: 'ACK001' }],
    [':N0CALL-9 :ack', { type: 'message', text: 'ack' }],
    [':N0CALL-9 :ack001 001', { type: 'message', text: 'ack001 001' }],
  ])('%j, as other stations write it, is read', (info, message) => {
    expect(parseAprsMessage(asciiToBytes(info))).toEqual({ addressee: 'N0CALL-9', ...message });
  });
});

describe('third-party traffic', () => {
  const inner = ':W1AW-9   :ack0045';
  test.each([
    [`}W1AW-1>APRS,TCPIP,W2XYZ-10*:${inner}`, 'W1AW-1'],
    [`}w1aw-1>APRS,TCPIP*,qAC,T2TEST:${inner}`, 'W1AW-1'],
    [`}W1AW-0>APRS:${inner}`, 'W1AW'],
    [`}W1AW-01>APK102,TCPXX*:${inner}`, 'W1AW-1'],
  ])('%j says who said it', (info, source) => {
    const read = parseThirdParty(asciiToBytes(info));
    expect(read && [addressText(read.source), bytesToAscii(read.info)]).toEqual([source, inner]);
  });

  test.each([
    `W1AW-1>APRS:${inner}`,
    `}W1AW-16>APRS:${inner}`,
    `}W1AW-AB>APRS:${inner}`,
    `} W1AW-1>APRS:${inner}`,
    '}W1AW-1>APRS',
    '}',
  ])('%j is none', (info) => {
    expect(parseThirdParty(asciiToBytes(info))).toBeUndefined();
  });

  test('what the twin of an igate writes is read', () => {
    const info = encodeThirdParty(station('W1AW-1'), station('W2XYZ-10'), asciiToBytes(inner));
    expect(bytesToAscii(info)).toBe(`}W1AW-1>APRS,TCPIP,W2XYZ-10*:${inner}`);
  });
});

describe('AX.25 frames', () => {
  test('the 58 bytes of the example are written and read', () => {
    const digipeaters = [{ ...station('WIDE1-1'), repeated: false }];
    const info = asciiToBytes(INFO);
    const frame = encodeUi({ destination: station('APZ001'), source: station('N0CALL-9'), digipeaters, info });
    expect(bytesToHex(frame)).toBe(FRAME);
    expect(frame).toHaveLength(58);
    const read = parseUi(bytes(FRAME));
    expect(read && addressText(read.destination)).toBe('APZ001');
    expect(read && addressText(read.source)).toBe('N0CALL-9');
    expect(read?.digipeaters).toEqual(digipeaters);
    expect(read && bytesToAscii(read.info)).toBe(INFO);
  });

  test('a digipeater that has repeated the frame says so in its top bit', () => {
    expect(parseUi(bytes(FRAME.replace('ae92888a624063', 'ae92888a6240e3')))?.digipeaters).toEqual([
      { call: 'WIDE1', ssid: 1, repeated: true },
    ]);
  });
});

describe('KISS', () => {
  const data = KISS_COMMANDS.data;
  test('the example needs no escapes', () => {
    const wire = `c000${FRAME}c0`;
    expect(bytesToHex(encodeKiss({ port: 0, command: data, payload: bytes(FRAME) }))).toBe(wire);
    expect(new KissScanner().push(bytes(wire))).toEqual([{ port: 0, command: data, payload: bytes(FRAME) }]);
  });

  test.each([
    ['both bytes that are escaped', 0, data, 'c0db', 'c000dbdcdbddc0'],
    ['a data frame to port 12, whose first byte is a FEND', 12, data, '00', 'c0dbdc00c0'],
    ['the first byte of port 13 that is an escape', 13, 11, '', 'c0dbddc0'],
    ['a TXDELAY of 300 ms', 0, KISS_COMMANDS.txDelay, '1e', 'c0011ec0'],
    ['the return from KISS', 15, 15, '', 'c0ffc0'],
  ])('%s', (_, port, command, payload, wire) => {
    expect(bytesToHex(encodeKiss({ port, command, payload: bytes(payload) }))).toBe(wire);
    expect(new KissScanner().push(bytes(wire))).toEqual([{ port, command, payload: bytes(payload) }]);
  });
});

describe('air time', () => {
  const air = { bitsPerSecond: 1200, txDelayMs: 300, txTailMs: 100 };

  test("the example takes what direwolf's own audio took: 0.81 s", () => {
    expect(frameAirMs(bytes(FRAME), air)).toBeGreaterThan(800);
    expect(frameAirMs(bytes(FRAME), air)).toBeLessThan(830);
  });

  test('is foretold for a message of which only the length is known', () => {
    const text = 'Intruder, Main building, Floor 1, Rm 101 Reception';
    const info = encodeAprsMessage({ type: 'message', addressee: 'N0CALL-1', text, id: '0042' });
    const path = { destination: station('APZCPT'), source: station('N0CALL-9'), info };
    for (const digipeaters of [[], [{ ...station('WIDE1-1'), repeated: false }]]) {
      const real = frameAirMs(encodeUi({ ...path, digipeaters }), air);
      const { messageMs, characterMs } = messageAirTime(air, digipeaters.length);
      expect(Math.abs(messageMs + text.length * characterMs - real)).toBeLessThan(0.03 * real);
    }
  });
});
