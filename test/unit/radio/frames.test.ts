import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiToBytes, bytesToAscii } from '../../../protocol/bytes.ts';
import {
  type AprsMessage,
  encodeAprsMessage,
  messageText,
  parseAprsMessage,
  TEXT_MAX,
} from '../../../protocol/radio/aprs-message.ts';
import { addressText, encodeUi, parseAddress, parseUi } from '../../../protocol/radio/ax25.ts';

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
const call = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 6 });
const address = fc.record({ call, ssid: fc.nat(15) });
const digipeaters = fc.array(fc.record({ call, ssid: fc.nat(15), repeated: fc.boolean() }), { maxLength: 8 });
const info = fc.uint8Array({ maxLength: 256 });
const frame = fc.record({ destination: address, source: address, digipeaters, info });

const id = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 5 });
const words = fc.string({ unit: 'binary', maxLength: 100 }).map(messageText);
const addressee = address.map(addressText);
const message: fc.Arbitrary<AprsMessage> = fc.oneof(
  fc.record({ type: fc.constant('message' as const), addressee, text: words, id }),
  fc.record({ type: fc.constant('message' as const), addressee, text: words }),
  fc.record({ type: fc.constantFrom('ack' as const, 'rej' as const), addressee, id }),
);

describe('UI frames', () => {
  test('what is written is read', () => {
    fc.assert(
      fc.property(frame, (one) => {
        expect(parseUi(encodeUi(one))).toEqual(one);
      }),
    );
  });

  test('addresses are read as they are written', () => {
    fc.assert(
      fc.property(address, (one) => {
        expect(parseAddress(addressText(one))).toEqual(one);
      }),
    );
  });

  test('no bytes throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void parseUi(bytes)));
    fc.assert(
      fc.property(frame, fc.nat(400), fc.nat(255), (one, at, value) => {
        const bytes = encodeUi(one);
        bytes[at % bytes.length] = value;
        parseUi(bytes);
        parseUi(bytes.subarray(0, at));
      }),
    );
  });

  const sound = {
    destination: { call: 'A', ssid: 0 },
    source: { call: 'B', ssid: 1 },
    digipeaters: [],
    info: new Uint8Array(),
  };

  test.each([
    ['another kind of frame', 14, 0x2f],
    ['a layer 3', 15, 0xcf],
    ['lower case in a call', 7, 0x61 << 1],
    ['a call in which an address ends', 9, 0x41],
  ])('%s is no frame of ours', (_, at, value) => {
    const bytes = encodeUi(sound);
    expect(parseUi(bytes)).toEqual(sound);
    bytes[at] = value;
    expect(parseUi(bytes)).toBeUndefined();
  });

  test('a poll bit does not matter', () => {
    const bytes = encodeUi(sound);
    bytes[14] = 0x13;
    expect(parseUi(bytes)).toEqual(sound);
  });

  test('addresses without an end are no frame', () => {
    const nine = { ...sound, digipeaters: Array(8).fill({ call: 'C', ssid: 0, repeated: false }) };
    const bytes = encodeUi(nine);
    const more = Uint8Array.from([...bytes.subarray(0, 69), 0x60, ...bytes.subarray(0, 70)]);
    expect(parseUi(bytes)).toEqual(nine);
    expect(parseUi(more)).toBeUndefined();
  });

  test.each([
    { destination: { call: 'TOOLONG', ssid: 0 } },
    { destination: { call: '', ssid: 0 } },
    { source: { call: 'A', ssid: 16 } },
    { info: new Uint8Array(257) },
    { digipeaters: Array(9).fill({ call: 'C', ssid: 0, repeated: false }) },
  ])('%j is refused', (wrong) => {
    expect(() => encodeUi({ ...sound, ...wrong })).toThrow(RangeError);
  });

  test.each(['', 'n0call', 'N0CALL-16', 'N0CALL-', 'N0CALLX', 'N0CALL-01', 'N0-1-1'])('%j is no call sign', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('messages', () => {
  test.each([
    ['\r', 'text'],
    ['\0 \0', 'text'],
    [' \r\n \0', 'text '],
    ['\r\n\r{', 'text\r\n\r{'],
    [`${'\r\n'.repeat(450)}x`, `text${'\r\n'.repeat(450)}x`],
  ])('end at the line ends and NULs behind their text, and nowhere else: %j', (end, text) => {
    const read = parseAprsMessage(asciiToBytes(`:N0CALL-9 :text${end}`));
    expect(read).toEqual({ type: 'message', addressee: 'N0CALL-9', text });
  });

  test('what is written is read', () => {
    fc.assert(
      fc.property(message, (one) => {
        expect(parseAprsMessage(encodeAprsMessage(one))).toEqual(one);
      }),
    );
  });

  test('no bytes throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseAprsMessage(bytes)));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (body) => {
        parseAprsMessage(asciiToBytes(`:N0CALL-9 :${body}`));
      }),
    );
  });

  test.each(['!4903.50N/07201.75W-', ':N0CALL-9:short', ':         :nobody', ':N0CALL', '}third party'])(
    '%j is no message',
    (text) => {
      expect(parseAprsMessage(asciiToBytes(text))).toBeUndefined();
    },
  );

  test.each([
    ['an id too long', 'hi{123456', 'hi{123456'],
    ['a brace in the text', 'a{b c', 'a{b c'],
    ['a word that begins like an acknowledgement', 'acknowledged', 'acknowledged'],
  ])('%s is text', (_, body, text) => {
    expect(parseAprsMessage(asciiToBytes(`:N0CALL-9 :${body}`))).toEqual({
      type: 'message',
      addressee: 'N0CALL-9',
      text,
    });
  });

  test.each([
    { text: 'x'.repeat(68) },
    { text: 'a|b' },
    { text: 'a~b' },
    { text: 'a{b' },
    { text: 'é' },
    { text: 'a\nb' },
    { id: '' },
    { id: '123456' },
    { id: 'a-b' },
    { addressee: '' },
    { addressee: '0123456789' },
    { addressee: 'A ' },
  ])('%j is refused', (wrong) => {
    const sound = { type: 'message', addressee: 'N0CALL-1', text: 'x', id: '1' } as const;
    expect(encodeAprsMessage(sound)).toHaveLength(14);
    expect(() => encodeAprsMessage({ ...sound, ...wrong })).toThrow(RangeError);
  });
});

describe('the words of a report', () => {
  test.each([
    ['Intruder, Gebäude Süd, Rm 101 Café', 'Intruder, Gebaude Sud, Rm 101 Cafe'],
    ['a|b~c{d}e', 'a-b-c(d)e'],
    ['Тревога', '-'],
    ['ack! Rm 5', 'ACK! Rm 5'],
    ['rejected door', 'REJected door'],
    ['two\nlines', 'two lines'],
  ])('%j goes out as %j', (text, words) => {
    expect(messageText(text)).toBe(words);
  });

  test('any text fits a message, and is not taken for anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const words = messageText(text);
        expect(words.length).toBeLessThanOrEqual(TEXT_MAX);
        expect(words).not.toMatch(/^(\?|ack|rej)/);
        const info = encodeAprsMessage({ type: 'message', addressee: 'N0CALL-1', text: words, id: '0001' });
        expect(bytesToAscii(info)).toMatch(/^[ -~]*$/);
      }),
    );
  });

  test.each(['ß', '침', '½', 'ﬁ', '…'])(
    'a list of rooms keeps its end although %j becomes more than one letter',
    (letter) => {
      const text = `${letter.repeat(5)} A: 14 more, Rm 101, 102, 103, 104, 105, 106, 107, 108, 109`;
      expect(text.length).toBeLessThanOrEqual(TEXT_MAX);
      expect(messageText(text)).toMatch(/^.{1,6} A: 14 more, Rm 101, .* 109$/);
    },
  );

  test('a text that fits stays whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (start) => {
        const text = `${start.slice(0, 60)} Rm 109`;
        expect(messageText(text)).toMatch(/Rm 109$/);
      }),
    );
  });

  test('what is too long ends in dots', () => {
    expect(messageText('x '.repeat(50))).toBe(`${'x '.repeat(32).trimEnd()}...`);
  });
});
