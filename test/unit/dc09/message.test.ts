import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { receiverAesCbc } from '../../../device-sim/receiver/aes-cbc.ts';
import { asciiToBytes, bytesToAscii } from '../../../protocol/bytes.ts';
import { crc16Arc } from '../../../protocol/crc16.ts';
import { type Dc09Message, encodeMessage, parseContent, parseEnvelope } from '../../../protocol/dc09/message.ts';
import { createSealer, PAD_ALPHABET } from '../../../protocol/dc09/sealer.ts';
import { formatReadable, formatTimestamp, parseTimestamp } from '../../../protocol/dc09/timestamp.ts';

const message: Dc09Message = {
  token: 'SIA-DCS',
  sequence: 12,
  receiver: '0',
  prefix: '0',
  account: 'AAA1',
  data: '#AAA1|Nri1/PA003',
  xdata: ['H03:04:05,01-02-2026'],
  timestampMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};

function decode(frame: Uint8Array, key?: Uint8Array) {
  const envelope = parseEnvelope(frame);
  if (typeof envelope === 'string') return envelope;
  return parseContent(envelope, key === undefined ? undefined : { aes: receiverAesCbc(key) });
}

describe('time stamps', () => {
  test('are UTC with the month before the day, for every day of two centuries', () => {
    for (let day = -1000; day < 73_000; day += 1) {
      const ms = day * 86_400_000 + ((day * 7919) % 86_400) * 1000;
      const date = new Date(ms);
      const iso = date.toISOString();
      const expected = `${iso.slice(11, 19)},${iso.slice(5, 7)}-${iso.slice(8, 10)}-${iso.slice(0, 4)}`;
      if (formatTimestamp(ms) !== expected || parseTimestamp(expected) !== ms) expect.fail(expected);
    }
    expect(formatReadable(Date.UTC(2026, 0, 2, 3, 4, 5, 999))).toBe('2026-01-02 03:04:05Z');
  });

  test.each([
    '03:04:05,02-30-2026',
    '24:00:00,01-02-2026',
    '03:04:05,13-02-2026',
    '3:04:05,01-02-2026',
    ' 03:04:05,01-02-2026',
  ])('that do not exist are refused: %s', (text) => expect(parseTimestamp(text)).toBeUndefined());
});

describe('encryption', () => {
  test.each([16, 24, 32])('with a %i-byte key returns what was sealed, for every plaintext length', (size) => {
    const key = randomBytes(size);
    const sealer = createSealer(receiverAesCbc(key), randomBytes);
    for (let length = 0; length < 48; length++) {
      const sent = { ...message, data: 'x'.repeat(length) };
      const { data, xdata, timestampMs } = sent;
      expect(decode(encodeMessage(sent, sealer), key)).toEqual({ data, xdata, timestampMs, trailing: '' });
    }
  });

  test('pads with 1 to 16 printable characters, never a bracket or a bar', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 16 }), (random) => {
        const pad = createSealer(receiverAesCbc(new Uint8Array(16)), () => random).pad(random.length);
        expect(bytesToAscii(pad)).toMatch(/^[A-Za-z0-9+-]{1,16}$/);
      }),
    );
    expect(new Set(PAD_ALPHABET).size).toBe(64);
  });

  test('shows no closing bracket in clear', () => {
    const frame = bytesToAscii(encodeMessage(message, createSealer(receiverAesCbc(randomBytes(16)), randomBytes)));
    expect(frame).not.toContain(']');
  });

  test('a wrong key never yields a time stamp', () => {
    for (let i = 0; i < 300; i++) {
      const frame = encodeMessage(message, createSealer(receiverAesCbc(randomBytes(16)), randomBytes));
      const content = decode(frame, randomBytes(16));
      if (typeof content === 'object') expect(content.timestampMs).toBeUndefined();
    }
  });

  test('an encrypted reply is read with lower-case hex, an extra PKCS7 block, no bar, or a stray closing bracket', () => {
    const key = asciiToBytes('ABCDABCDABCDABCD');
    const seal = (plain: string) => Buffer.from(receiverAesCbc(key).encrypt(asciiToBytes(plain))).toString('hex');
    const stamp = ']_03:04:05,01-02-2026';
    const pad = (text: string) => 'Q'.repeat(16 - (text.length % 16)) + text;
    const variants = [
      seal(pad(`|${stamp}`)),
      seal(pad(`|${stamp}`)).toUpperCase(),
      seal(pad(`|${stamp}`) + '\x10'.repeat(16)),
      seal(`${'\0'.repeat(10)}|${stamp}${'\x10'.repeat(16)}`),
      seal(pad(stamp)),
      `${seal(pad(`|${stamp}`)).toUpperCase()}]`,
    ];
    for (const hex of variants) {
      const body = `"*ACK"0008L0#AAA1[${hex}`;
      const crc = crc16Arc(asciiToBytes(body)).toString(16).padStart(4, '0');
      expect(decode(asciiToBytes(`${crc}0000${body}`), key)).toMatchObject({
        data: '',
        timestampMs: message.timestampMs,
      });
    }
  });

  test('ciphertext that is cut, odd or no hex is refused without an error', () => {
    const key = randomBytes(16);
    for (const rest of ['', 'A', 'ABC', 'XY'.repeat(16), 'AB'.repeat(15)]) {
      const envelope = { token: 'ACK', encrypted: true, sequence: 1, prefix: '0', rest, lengthMatches: true };
      expect(parseContent(envelope, { aes: receiverAesCbc(key) })).toBeUndefined();
    }
  });
});

describe('reading', () => {
  test('never throws, whatever stands in the frame', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (noise) => {
        const body = `"SIA-DCS"0001L0#1234[${noise}`;
        const crc = crc16Arc(asciiToBytes(body)).toString(16).padStart(4, '0');
        decode(asciiToBytes(`${crc}0000${body}`));
        decode(asciiToBytes(noise));
      }),
    );
  });

  test.each([
    ['"NAK"0000R0L0A0[]_03:04:05,01-02-2026', { token: 'NAK', sequence: 0, prefix: '0' }],
    ['"NAK"0012R0L0#0[]_03:04:05,01-02-2026', { token: 'NAK', sequence: 12, account: '0' }],
    ['"ACK"0012#1234[]', { token: 'ACK', sequence: 12, account: '1234' }],
    ['"ACK"0012RL#1234[]', { token: 'ACK', sequence: 12, account: '1234' }],
    ['"ACK"0012RABCDEFLFEDCBA#1234[]', { token: 'ACK', receiver: 'ABCDEF', prefix: 'FEDCBA', account: '1234' }],
  ])('takes odd fields of replies: %s', (body, fields) => {
    const crc = crc16Arc(asciiToBytes(body)).toString(16).padStart(4, '0');
    expect(parseEnvelope(asciiToBytes(`${crc}0000${body}`))).toMatchObject(fields);
  });

  test('notices a wrong length and a wrong CRC', () => {
    const text = bytesToAscii(encodeMessage(message));
    expect(parseEnvelope(asciiToBytes(text.replace(/^(\n....)..../, '$10001')))).toMatchObject({
      lengthMatches: false,
    });
    expect(parseEnvelope(asciiToBytes(text.replace('PA003', 'PA004')))).toBe('badCrc');
  });
});
