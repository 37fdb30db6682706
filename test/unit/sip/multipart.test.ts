import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asciiToBytes, bytesToAscii } from '../../../protocol/bytes.ts';
import { encodeMultipart, parseMultipart } from '../../../protocol/sip/multipart.ts';

test('parts stand between boundaries, as RFC 2046 writes them', () => {
  const body = encodeMultipart(
    [
      { headers: [{ name: 'Content-Type', value: 'text/plain' }], body: asciiToBytes('one') },
      { headers: [], body: asciiToBytes('two\r\n') },
    ],
    'b1',
  );
  expect(bytesToAscii(body)).toBe('--b1\r\nContent-Type: text/plain\r\n\r\none\r\n--b1\r\n\r\ntwo\r\n\r\n--b1--\r\n');
});

test('what is written is read again', () => {
  const header = fc.record({ name: fc.stringMatching(/^[A-Za-z-]{1,12}$/), value: fc.stringMatching(/^[!-~]{1,20}$/) });
  const part = fc.record({ headers: fc.array(header, { maxLength: 4 }), body: fc.uint8Array({ maxLength: 100 }) });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const body = encodeMultipart(parts, 'part-0123456789abcdef');
      expect(parseMultipart('multipart/mixed;boundary=part-0123456789abcdef', body)).toEqual(parts);
      expect(parseMultipart('multipart/mixed; charset=x; boundary="part-0123456789abcdef"', body)).toEqual(parts);
    }),
  );
});

test('anything else never throws; what is cut short is nothing', () => {
  expect(parseMultipart('text/plain', asciiToBytes('a'))).toBeUndefined();
  expect(parseMultipart('multipart/mixed;boundary=b', asciiToBytes('--b\r\n\r\none\r\n'))).toBeUndefined();
  fc.assert(
    fc.property(fc.array(fc.constantFrom('--b', '\r\n', '--', 'a: b', 'x')), (words) => {
      parseMultipart('multipart/mixed;boundary=b', asciiToBytes(words.join('')));
    }),
  );
});
