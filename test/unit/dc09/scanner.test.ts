import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiToBytes, bytesToAscii, concatBytes } from '../../../protocol/bytes.ts';
import { encodeMessage, parseEnvelope } from '../../../protocol/dc09/message.ts';
import { Dc09Scanner, framesOfDatagram } from '../../../protocol/dc09/scanner.ts';

const frameOf = (sequence: number, data = '#1234|Nri1/PA003') =>
  encodeMessage({ token: 'SIA-DCS', sequence, receiver: '0', prefix: '0', account: '1234', data, xdata: [] });

/** Sequence numbers of all sound frames in the segments. */
function scan(segments: readonly Uint8Array[]): number[] {
  const scanner = new Dc09Scanner();
  return segments
    .flatMap((segment) => scanner.push(segment))
    .map(parseEnvelope)
    .flatMap((envelope) => (typeof envelope === 'string' ? [] : [envelope.sequence]));
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const sequences = fc.array(fc.integer({ min: 1, max: 9999 }), { maxLength: 6 });
const cuts = fc.array(fc.nat(5000), { maxLength: 40 });
/** Rubbish between frames; it may hold LF, CR, quotes and NUL. */
const rubbish = fc.uint8Array({ maxLength: 200 });

describe('an answer that lacks its CR', () => {
  const whole = bytesToAscii(frameOf(7)).replace(/\r$/, '');
  const scanned = (text: string, more = '') => {
    const scanner = new Dc09Scanner();
    const frames = [...scanner.push(asciiToBytes(text))];
    const unended = scanner.takeUnended();
    if (unended !== undefined) frames.push(unended);
    frames.push(...scanner.push(asciiToBytes(more)));
    return frames.map((frame) => bytesToAscii(frame));
  };

  test.each([
    ['nothing behind it', whole],
    ['LF', `${whole}\n`],
    ['NUL', `${whole}\0`],
    ['CR, LF', `${whole}\r\n`],
    ['CR, NUL', `${whole}\r\0`],
    ['no LF before it', `${whole.slice(1)}\r`],
  ])('is found once: %s', (_how, text) => {
    expect(scanned(text)).toEqual([whole.slice(1)]);
    expect(scanned(text, '\r')).toEqual([whole.slice(1)]);
    expect(scanned(text, `\r\n\0${whole}\r`)).toEqual([whole.slice(1), whole.slice(1)]);
  });

  test('a token alone is found; a frame that has only begun is not', () => {
    expect(scanned('"NAK"')).toEqual(['"NAK"']);
    expect(scanned('\r\n"DUH"')).toEqual(['"DUH"']);
    expect(scanned('"NAK')).toEqual([]);
    for (let length = 1; length < whole.length; length++) expect(scanned(whole.slice(0, length))).toEqual([]);
  });
});

describe('the scanner', () => {
  test('finds every frame however the stream is split and merged', () => {
    fc.assert(
      fc.property(sequences, cuts, (numbers, where) => {
        expect(scan(cut(concatBytes(...numbers.map((n) => frameOf(n))), where))).toEqual(numbers);
      }),
    );
  });

  test('finds every frame between any rubbish, because an LF starts afresh', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9999 }), rubbish), { maxLength: 5 }),
        cuts,
        (parts, where) => {
          const stream = concatBytes(...parts.flatMap(([n, noise]) => [noise, frameOf(n)]));
          expect(scan(cut(stream, where))).toEqual(parts.map(([n]) => n));
        },
      ),
    );
  });

  test('survives anything at all with bounded memory, and hears the next good frame', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 20 }), (noise) => {
        const scanner = new Dc09Scanner();
        for (const segment of noise) {
          scanner.push(segment);
          expect(scanner.pending).toBeLessThanOrEqual(4400);
        }
        const [frame = new Uint8Array()] = scanner.push(frameOf(7));
        expect(parseEnvelope(frame)).toMatchObject({ sequence: 7 });
      }),
    );
  });

  test('hears the next good frame after a megabyte without any delimiter', () => {
    const scanner = new Dc09Scanner();
    for (let i = 0; i < 16; i++) expect(scanner.push(new Uint8Array(65_536).fill(0x41))).toEqual([]);
    expect(scanner.pending).toBeLessThanOrEqual(4400);
    expect(scanner.push(frameOf(7))).toHaveLength(1);
    expect(scanner.discarded).toBe(1_048_576);
  });

  test('tolerates a missing LF and NUL bytes after a frame', () => {
    const first = frameOf(1).subarray(1);
    expect(
      scan([concatBytes(first, new Uint8Array(2), frameOf(2).subarray(1), new Uint8Array(1), frameOf(3))]),
    ).toEqual([1, 2, 3]);
  });

  test('passes the longest frame whole', () => {
    const empty = frameOf(1, '').length - 10;
    const longest = frameOf(1, 'x'.repeat(4095 - empty));
    expect(bytesToAscii(longest, 5, 9)).toBe('0FFF');
    expect(scan([longest])).toEqual([1]);
    expect(() => frameOf(1, 'x'.repeat(4096 - empty))).toThrow(RangeError);
  });

  test('does not choke on panels that send the CRC as two binary bytes', () => {
    const binary = concatBytes(Uint8Array.of(0x0a, 0x0d, 0x0a), frameOf(1).subarray(5));
    expect(scan([binary, frameOf(2)])).toEqual([2]);
  });

  test('cuts a half frame off when the next one starts', () => {
    expect(scan([frameOf(1).subarray(0, 20), frameOf(2)])).toEqual([2]);
  });

  test('leaves a lone text unharmed', () => {
    expect(new Dc09Scanner().push(asciiToBytes('HTTP/1.1 400\r\n\r\n')).map((frame) => bytesToAscii(frame))).toEqual([
      'HTTP/1.1 400',
    ]);
  });
});

describe('a datagram', () => {
  const read = (datagram: Uint8Array) =>
    framesOfDatagram(datagram)
      .map(parseEnvelope)
      .flatMap((envelope) => (typeof envelope === 'string' ? [] : [envelope.sequence]));

  test('holds a frame with LF and CR, without either, or with what some senders add', () => {
    const frame = frameOf(42);
    const nul = Uint8Array.of(0);
    for (const datagram of [frame, frame.subarray(1), frame.subarray(0, -1), concatBytes(frame, nul)]) {
      expect(read(datagram)).toEqual([42]);
    }
    expect(read(concatBytes(frame, frameOf(43)))).toEqual([42, 43]);
    expect(read(new Uint8Array())).toEqual([]);
  });

  test('of any bytes harms nothing, and half a frame is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6000 }), (bytes) => {
        expect(read(bytes)).toEqual([]);
      }),
    );
    const frame = frameOf(42);
    for (let length = 0; length < frame.length - 1; length++) expect(read(frame.subarray(0, length))).toEqual([]);
  });
});
