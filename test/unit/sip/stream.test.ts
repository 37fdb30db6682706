import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiToBytes, concatBytes } from '../../../protocol/bytes.ts';
import {
  encodeSip,
  headerValue,
  headerValues,
  replyTo,
  type SipMessage,
  transactionOf,
} from '../../../protocol/sip/message.ts';
import { type SipPiece, SipStream } from '../../../protocol/sip/stream.ts';

const pieces = (...segments: (string | Uint8Array)[]): SipPiece[] => {
  const stream = new SipStream();
  return segments.flatMap((one) => [...stream.push(typeof one === 'string' ? asciiToBytes(one) : one)]);
};

const onlyMessage = (text: string): SipMessage => {
  const [piece, ...more] = pieces(text);
  if (piece?.type !== 'message' || more.length > 0) throw new Error(`no message: ${JSON.stringify(piece)}`);
  return piece.message;
};

const OK =
  'SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a:1;branch=z9hG4bK1\r\nCall-ID: c@a\r\nCSeq: 7 MESSAGE\r\nContent-Length: 0\r\n\r\n';

describe('reading', () => {
  test('compact names, folded lines, odd case and spaces', () => {
    const message = onlyMessage(
      'SIP/2.0 202 Accepted\r\nv : SIP/2.0/TCP a:1\r\n ;branch=z9hG4bKx , SIP/2.0/TCP b;branch=no\r\ni:\tc@a\r\nCSEQ: 12  MESSAGE\r\nl: 3\r\n\r\nabc',
    );
    expect(message).toMatchObject({ type: 'response', status: 202, reason: 'Accepted' });
    expect(headerValue(message, 'call-id')).toBe('c@a');
    expect(transactionOf(message)).toEqual({ branch: 'z9hG4bKx', method: 'MESSAGE' });
    expect(message.body).toEqual(asciiToBytes('abc'));
  });

  test('a response without a reason, and one without a length', () => {
    expect(onlyMessage('SIP/2.0 200\r\nl: 0\r\n\r\n')).toMatchObject({ status: 200, reason: '' });
    expect(onlyMessage('SIP/2.0 200 OK\r\nCSeq: 1 MESSAGE\r\n\r\n').body).toHaveLength(0);
  });

  test('a line that is no header does not cost the answer', () => {
    const message = onlyMessage(OK.replace('Call-ID', ': nothing\r\n(odd) line\r\nCall-ID'));
    expect(message.headers.map(({ name }) => name)).toEqual(['Via', 'Call-ID', 'CSeq']);
  });

  test.each(['constructor', '__proto__', 'toString'])('a header called %s is a header', (name) => {
    const message = onlyMessage(OK.replace('Call-ID', `${name}: x\r\nCall-ID`));
    expect(headerValue(message, name)).toBe('x');
  });

  test.each([16_380, 16_381, 16_384, 16_385])(
    'headers of %i bytes are accepted or not, however they are cut',
    (length) => {
      const begin = 'SIP/2.0 200 OK\r\nX: ';
      const text = `${begin}${'a'.repeat(length - begin.length)}\r\n\r\n`;
      const kinds = [length > 16_384 ? 'broken' : 'message'];
      expect(pieces(text).map(({ type }) => type)).toEqual(kinds);
      expect(pieces(...text).map(({ type }) => type)).toEqual(kinds);
    },
  );

  test('line ends between messages are nothing, two of them a ping', () => {
    const kinds = (...segments: string[]) => pieces(...segments).map(({ type }) => type);
    expect(kinds('\r\n', OK)).toEqual(['message']);
    expect(kinds('\r', '\n\r', '\n')).toEqual(['ping']);
    expect(kinds(OK, '\r\n\r\n', OK)).toEqual(['message', 'ping', 'message']);
    expect(kinds(`\r\n\r\n\r\n${OK}\r\n\r\n`)).toEqual(['ping', 'message', 'ping']);
  });

  test.each([
    ['another protocol', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['no status', 'SIP/2.0 700 Far\r\n\r\n'],
    ['two lengths', 'SIP/2.0 200 OK\r\nl: 1\r\nContent-Length: 2\r\n\r\n'],
    ['no length', 'SIP/2.0 200 OK\r\nl: many\r\n\r\n'],
    ['a body larger than any', 'SIP/2.0 200 OK\r\nl: 65537\r\n\r\n'],
    ['headers without end', `SIP/2.0 200 OK\r\nSubject: ${'x'.repeat(20_000)}`],
  ])('%s breaks the stream for good', (_, text) => {
    expect(pieces(text, OK)).toEqual([{ type: 'broken', why: expect.any(String) }]);
  });

  test('any bytes, however cut, never throw, and little is kept', () => {
    const sipLike = fc.constantFrom(
      'SIP/2.0 200 OK',
      '\r\n',
      'l: 3',
      'Via',
      ':',
      ' ',
      'abc',
      'OPTIONS sip:a SIP/2.0',
      '\r',
      '\n',
    );
    const segment = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(sipLike).map((all) => asciiToBytes(all.join(''))),
    );
    fc.assert(
      fc.property(fc.array(segment), (segments) => {
        const stream = new SipStream();
        for (const one of segments) stream.push(one);
        expect(stream.pending).toBeLessThanOrEqual(16_384 + 65_536);
      }),
    );
  });
});

const tokens = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9.-]{2,12}$/)
  .filter((name) => name.toLowerCase() !== 'content-length');
const values = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
const headers = fc.array(fc.record({ name: tokens, value: values }), { maxLength: 8 });
const body = fc.uint8Array({ maxLength: 200 });
const messages: fc.Arbitrary<SipMessage> = fc.oneof(
  fc.record({
    type: fc.constant('request' as const),
    method: tokens,
    uri: fc.stringMatching(/^[!-~]{1,40}$/),
    headers,
    body,
  }),
  fc.record({
    type: fc.constant('response' as const),
    status: fc.integer({ min: 100, max: 699 }),
    reason: values,
    headers,
    body,
  }),
);

describe('writing', () => {
  test('what is written is read again, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 5 }), fc.array(fc.nat(400)), (all, cuts) => {
        const wire = concatBytes(...all.map(encodeSip));
        const places = [0, ...cuts.map((cut) => cut % (wire.length + 1)).sort((a, b) => a - b), wire.length];
        const cut = places.slice(1).map((end, index) => wire.subarray(places[index], end));
        expect(pieces(...cut)).toEqual(all.map((message) => ({ type: 'message', message })));
      }),
    );
  });

  test('no value can add a header', () => {
    const value = 'a\r\nVia: b\u010d\u010aVia: c';
    const wire = encodeSip({
      type: 'response',
      status: 200,
      reason: 'OK',
      headers: [{ name: 'Subject', value }],
      body: new Uint8Array(),
    });
    const [piece] = pieces(wire);
    expect(piece?.type === 'message' && headerValues(piece.message, 'Via')).toEqual([]);
  });

  test('a reply brings back what pairs it with its request', () => {
    const request = onlyMessage(
      'OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP p2;branch=2\r\nVia: SIP/2.0/TCP p1;branch=1\r\nFrom: <sip:p>;tag=1\r\nTo: <sip:a>\r\nCall-ID: c\r\nCSeq: 3 OPTIONS\r\nMax-Forwards: 9\r\nl: 0\r\n\r\n',
    );
    if (request.type !== 'request') throw new Error('no request');
    expect(replyTo(request, 200, 'OK', 't1').headers).toEqual([
      { name: 'Via', value: 'SIP/2.0/TCP p2;branch=2' },
      { name: 'Via', value: 'SIP/2.0/TCP p1;branch=1' },
      { name: 'From', value: '<sip:p>;tag=1' },
      { name: 'To', value: '<sip:a>;tag=t1' },
      { name: 'Call-ID', value: 'c' },
      { name: 'CSeq', value: '3 OPTIONS' },
    ]);
  });
});
