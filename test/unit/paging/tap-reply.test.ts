import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiToBytes } from '../../../protocol/bytes.ts';
import { type TapReply, TapReplyScanner } from '../../../protocol/paging/tap-reply.ts';

const read = (text: string) => new TapReplyScanner().push(asciiToBytes(text));
const types = (replies: readonly TapReply[]) => replies.map(({ type }) => type);

describe('what a terminal says', () => {
  test.each([
    ['ID=', ['id']],
    ['ID=\r', ['id']],
    ['\r\nWelcome to Example Paging\r\nID=\r\n', ['text', 'id']],
    ['Example Paging ID=', ['text', 'id']],
    ['\x1b[p\r', ['goAhead']],
    ['110 1.8\r\x06\r\x1b[p\r', ['text', 'ack', 'goAhead']],
    ['211 Page sent\x06\r', ['text', 'ack']],
    ['\x06', ['ack']],
    ['\x15\r', ['nak']],
    ['511 unknown\r\n\x1e\r\n', ['text', 'rs']],
    ['115 bye\r\x1e\r\x1b\x04\r', ['text', 'rs', 'disconnect']],
    ['\x1b\x1b\x04', ['disconnect']],
    ['\x1b[\x1b[p', ['goAhead']],
    ['\x1b\x06', ['ack']],
    // Log-on accepted is a lower-case p.
    ['\x1b[P\r', ['text']],
  ])('%j', (text, expected) => {
    expect(types(read(text))).toEqual(expected);
  });

  test('is the same with CR, LF, CRLF and LFCR, with parity, and in any pieces', () => {
    const lines = ['hello', '110 1.8', '\x06', '\x1b[p', '211 Page sent', '\x06', '115', '\x1b\x04'];
    const expected = read(lines.map((line) => `${line}\r`).join(''));
    const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom('\r', '\n', '\r\n', '\n\r'), fc.boolean(), cuts, (end, parity, places) => {
        const bytes = asciiToBytes(lines.map((line) => `${line}${end}`).join('')).map(
          (byte) => byte | (parity ? 0x80 : 0),
        );
        const scanner = new TapReplyScanner();
        const at = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const replies = at.flatMap((from, index) => scanner.push(bytes.subarray(from, at[index + 1] ?? from)));
        expect(replies).toEqual(expected);
      }),
    );
  });

  test('has a response code where a line begins with three digits', () => {
    expect(read('514 Checksum error\r')).toEqual([{ type: 'text', text: '514 Checksum error', code: 514 }]);
    expect(read('5141 x\r')).toEqual([{ type: 'text', text: '5141 x' }]);
  });

  test('is found behind a banner of any length, of which little is kept', () => {
    const replies = read(`${'x'.repeat(100_000)}ID=`);
    expect(types(replies)).toEqual(['text', 'id']);
    expect(JSON.stringify(replies).length).toBeLessThan(300);
  });

  test('never makes the reader throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const scanner = new TapReplyScanner();
        for (const chunk of chunks) scanner.push(chunk);
      }),
    );
  });
});
