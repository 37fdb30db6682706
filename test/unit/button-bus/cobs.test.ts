import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cobsDecode, cobsEncode } from '../../../protocol/button-bus/cobs.ts';
import { cobs, hex, unhex } from '../../vectors/button-bus-reference.ts';

const ones = (length: number) => new Uint8Array(length).fill(0x11);

describe('COBS', () => {
  it.each([
    ['', '01'],
    ['00', '0101'],
    ['0000', '010101'],
    ['1122003344', '031122033344'],
    ['11223344', '0511223344'],
    ['11000000', '0211010101'],
  ])('encodes "%s" as %s', (raw, encoded) => {
    expect(hex(cobsEncode(unhex(raw)))).toBe(encoded);
    expect(hex(cobsDecode(unhex(encoded)) ?? [0xbad])).toBe(raw);
  });

  it.each([
    [253, 254],
    [254, 255],
    [255, 257],
    [508, 510],
    [509, 512],
  ])('encodes %i non-zero bytes in %i', (length, encoded) => {
    expect(cobsEncode(ones(length))).toHaveLength(encoded);
    expect(cobsDecode(cobsEncode(ones(length)))).toEqual(ones(length));
  });

  it('gives back what was encoded, without a zero on the way', () => {
    const bytes = fc.uint8Array({ maxLength: 600, size: 'max' });
    const mostlyNonZero = fc.uint8Array({ maxLength: 600, min: 1, size: 'max' });
    fc.assert(
      fc.property(fc.oneof(bytes, mostlyNonZero), (raw) => {
        const encoded = cobsEncode(raw);
        expect(encoded).not.toContain(0);
        expect(cobsDecode(encoded)).toEqual(raw);
      }),
    );
  });

  it('agrees with the plain definition for frames', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 61, max: 20, size: 'max' }), (raw) => {
        expect(hex(cobsEncode(raw))).toBe(hex(cobs([...raw])));
      }),
    );
  });

  it.each(['', '00', '02', '0300', '031100', '03110011', '021102', '0211ff'])('refuses "%s"', (encoded) => {
    expect(cobsDecode(unhex(encoded))).toBeUndefined();
  });

  it('has one encoding only for a frame: another body is another frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 62, min: 1, max: 8, size: 'max' }), (body) => {
        const raw = cobsDecode(body);
        if (raw !== undefined) expect(cobsEncode(raw)).toEqual(body);
      }),
    );
  });
});
