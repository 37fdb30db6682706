import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToAscii } from '../../../protocol/bytes.ts';
import { encodeTapBlocks, readTapBlock, type TapBlock } from '../../../protocol/paging/tap-block.ts';

/** Reads a transaction's blocks as a terminal does. */
function joined(blocks: readonly Uint8Array[]): string[] {
  const fields: string[] = [];
  let goesOn = false;
  for (const bytes of blocks) {
    const block = readTapBlock(bytes.subarray(0, -1)) as TapBlock;
    const [first = '', ...rest] = block.fields;
    if (goesOn) fields[fields.length - 1] += first;
    else if (block.fields.length > 0) fields.push(first);
    fields.push(...rest);
    goesOn = block.end === 'fieldGoesOn';
  }
  return fields;
}

const ends = (blocks: readonly Uint8Array[]) => blocks.map((bytes) => bytes[bytes.length - 5]);
// Trailing blanks are stripped; DEL has no escape.
const field = fc
  .string({ unit: fc.integer({ min: 0, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 600 })
  .map((text) => text.replace(/ +$/, ''));

describe('a transaction in blocks', () => {
  test('is read as it was written, whatever is in its fields and wherever they are parted', () => {
    const fields = fc.array(field, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fields, fc.integer({ min: 8, max: 250 }), (written, informationMax) => {
        const blocks = encodeTapBlocks(written, { escapes: true, informationMax });
        expect(joined(blocks)).toEqual(written);
      }),
    );
  });

  test('no block is longer than 256 bytes, only the last one ends the transaction', () => {
    fc.assert(
      fc.property(field, field, (pager, message) => {
        const blocks = encodeTapBlocks([pager, message], { escapes: true });
        expect(Math.max(...blocks.map((block) => block.length))).toBeLessThanOrEqual(256);
        expect(ends(blocks).lastIndexOf(0x03)).toBe(blocks.length - 1);
        expect(ends(blocks).indexOf(0x03)).toBe(blocks.length - 1);
      }),
    );
  });

  test('parted at the end of a field it says that the field is complete', () => {
    const blocks = encodeTapBlocks(['1234567', 'ABCDEFGH'], { informationMax: 8 });
    expect(ends(blocks)).toEqual([0x17, 0x1f, 0x03]);
  });

  test('for a terminal without escapes holds blanks where control characters stood', () => {
    const [block = new Uint8Array()] = encodeTapBlocks(['1', 'A\rB\x1bC']);
    expect(bytesToAscii(block).slice(0, 10)).toBe('\x021\rA B C\r\x03');
  });

  test('of empty fields has them all the same', () => {
    expect(joined(encodeTapBlocks(['1', '']))).toEqual(['1', '']);
  });
});

describe('a terminal that reads', () => {
  test('finds a flipped bit', () => {
    const [block = new Uint8Array()] = encodeTapBlocks(['5551212', 'PANIC']);
    const body = block.subarray(0, -1);
    for (let at = 1; at < body.length; at++) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
        const spoilt = body.map((byte, index) => (index === at ? byte ^ bit : byte));
        expect(typeof readTapBlock(spoilt)).toBe('string');
      }
    }
  });

  test('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        readTapBlock(bytes);
      }),
    );
  });
});
