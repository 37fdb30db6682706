import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiToBytes, concatBytes } from '../../../protocol/bytes.ts';
import { encodeKiss, type KissFrame, KissScanner } from '../../../protocol/radio/kiss.ts';

const special = fc.constantFrom(0xc0, 0xdb, 0xdc, 0xdd);
const byte = fc.oneof(special, fc.nat(255));
const payload = fc.array(byte, { maxLength: 300 }).map((bytes) => Uint8Array.from(bytes));
const frame = fc.record({ port: fc.nat(15), command: fc.nat(15), payload });
const cuts = fc.array(fc.nat(2_000), { maxLength: 30 });

function split(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...at.map((cut) => Math.min(cut, bytes.length)), 0, bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

function scan(...chunks: readonly Uint8Array[]): KissFrame[] {
  const scanner = new KissScanner();
  return chunks.flatMap((chunk) => [...scanner.push(chunk)]);
}

describe('KissScanner', () => {
  test('hears every frame however the stream is split, with empty frames between', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), cuts, (frames, at) => {
        const wire = concatBytes(...frames.flatMap((one) => [encodeKiss(one), Uint8Array.of(0xc0)]));
        expect(scan(...split(wire, at))).toEqual(frames);
      }),
    );
  });

  test('hears frames that share a FEND', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), (frames) => {
        const bodies = frames.map((one) => encodeKiss(one).subarray(1));
        expect(scan(Uint8Array.of(0xc0), ...bodies)).toEqual(frames);
      }),
    );
  });

  test('never throws, and hears the frame after any noise that a FEND ends', () => {
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 3_000 }), frame, (noise, one) => {
        expect(scan(Uint8Array.from(noise), Uint8Array.of(0xc0), encodeKiss(one)).at(-1)).toEqual(one);
      }),
    );
  });

  test('takes a sign-on text for no frame', () => {
    expect(scan(asciiToBytes('cmd:\r\n'), encodeKiss({ port: 0, command: 0, payload: Uint8Array.of(1) }))).toHaveLength(
      1,
    );
  });

  test.each([
    ['a bad escape', [0xc0, 0, 1, 0xdb, 2, 3, 0xc0]],
    ['an escape cut short', [0xc0, 0, 1, 0xdb, 0xc0]],
    ['a frame without end', [0xc0, ...Array<number>(100_000).fill(7), 0xc0]],
  ])('guesses at nothing: %s is no frame, and the next one is heard', (_, wire) => {
    const good = { port: 0, command: 0, payload: Uint8Array.of(9) };
    expect(scan(Uint8Array.from(wire), encodeKiss(good))).toEqual([good]);
  });

  test('knows nothing of the old stream after a reset', () => {
    const scanner = new KissScanner();
    scanner.push(Uint8Array.of(0xc0, 0, 1));
    scanner.reset();
    expect(scanner.push(Uint8Array.of(2, 0xc0))).toEqual([]);
  });

  test.each([16, -1, 0.5])('port or command %d is refused', (value) => {
    expect(() => encodeKiss({ port: value, command: 0, payload: new Uint8Array() })).toThrow(RangeError);
    expect(() => encodeKiss({ port: 0, command: value, payload: new Uint8Array() })).toThrow(RangeError);
  });
});
