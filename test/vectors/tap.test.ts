import { describe, expect, test } from 'vitest';
import { bytesToAscii, bytesToHex, hexToBytes } from '../../protocol/bytes.ts';
import { encodeTapBlocks, readTapBlock, tapChecksum } from '../../protocol/paging/tap-block.ts';

/**
 * Checksums: the first is the example of TAP 1.8 itself; all of them are what TAPCheckSum of
 * sendpage, a program of others, makes of the same bytes.
 */
describe('TAP 1.8 blocks, byte for byte', () => {
  test.each([
    ['123', 'ABC', '02 31 32 33 0d 41 42 43 0d 03 31 37 3b 0d'],
    ['5551212', 'PANIC Rm12 BldgA', '02353535313231320d50414e494320526d313220426c6467410d0336303b0d'],
    ['5551212', 'A\rB\x1fC', '02353535313231320d411a4d421a5f430d0333323a0d'],
  ])('to %s: %j', (pager, message, hex) => {
    const [block, ...more] = encodeTapBlocks([pager, message], { escapes: true });
    expect(bytesToHex(block ?? new Uint8Array())).toBe(hex.replaceAll(' ', ''));
    expect(more).toEqual([]);
    expect(readTapBlock((block ?? new Uint8Array()).subarray(0, -1))).toEqual({
      fields: [pager, message],
      end: 'transaction',
    });
  });

  test('a message that is continued in a second block', () => {
    const blocks = encodeTapBlocks(['5551212', 'PANIC Rm12 BldgA'], { informationMax: 19 });
    expect(blocks.map((block) => bytesToAscii(block))).toEqual([
      '\x025551212\rPANIC Rm12 \x1f460\r',
      '\x02BldgA\r\x031<<\r',
    ]);
  });

  test('the checksum takes seven bits of each byte, STX and terminator included', () => {
    const bytes = hexToBytes('023132330d4142430d03') ?? new Uint8Array();
    expect(tapChecksum(bytes)).toBe('17;');
    expect(tapChecksum(bytes.map((byte) => byte | 0x80))).toBe('17;');
  });
});
