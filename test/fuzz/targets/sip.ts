import { DigestCredentials } from '../../../gateway/paths/digest-credentials.ts';
import { messageOutcome, pollOutcome } from '../../../gateway/paths/sip/answer.ts';
import { authenticationInfoOf, challengesOf, noAccount } from '../../../gateway/paths/sip/challenges.ts';
import { nextNonceOf, readChallenges } from '../../../protocol/digest/challenge.ts';
import { encodeSip, parseHead, replyTo, type SipMessage, transactionOf } from '../../../protocol/sip/message.ts';
import { encodeMultipart, parseMultipart } from '../../../protocol/sip/multipart.ts';
import { type SipPiece, SipStream } from '../../../protocol/sip/stream.ts';
import { latin1, promise, same, sameInAnyPieces } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const DIGEST = 'Digest realm="esinet", nonce="abc", qop="auth", algorithm=SHA-256, opaque="x", stale=true';
const headers = [
  ['Via', 'SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK1'],
  ['From', '<sip:a@b>;tag=1'],
  ['To', '<sip:c@d>'],
  ['Call-ID', '1@b'],
  ['CSeq', '1 MESSAGE'],
].map(([name = '', value = '']) => ({ name, value }));
const body = new Uint8Array();
const HEAD_BYTES_MAX = 16_384;
const ok = encodeSip({ type: 'response', status: 200, reason: 'OK', headers, body });
const more = [
  { name: 'WWW-Authenticate', value: DIGEST },
  { name: 'Retry-After', value: '30 (busy)' },
  { name: 'AlertMsg-Error', value: '103' },
];
const asked = encodeSip({ type: 'response', status: 401, reason: 'No', headers: [...headers, ...more], body });
const request = encodeSip({ type: 'request', method: 'OPTIONS', uri: 'sip:c@d', headers, body: Uint8Array.of(1, 2) });

/** A far end's bytes: messages, pings, and what is neither. */
const stream: FuzzTarget = {
  name: 'sip-stream',
  seeds: [ok, asked, request, '\r\n\r\n', 'SIP/2.0 202 Accepted\r\nl: 0\r\nv: x;branch=1\r\n\r\n'],
  words: [
    '\r\n',
    '\r\n\r\n',
    '\r\n ',
    ': ',
    'Content-Length: ',
    'l: ',
    'constructor: ',
    '__proto__: ',
    'SIP/2.0 ',
    '200 OK',
    '401 ',
    '407 ',
    '425 ',
    'Via: ',
    ';branch=',
    'CSeq: 1 MESSAGE',
    'Proxy-Authenticate: ',
    'Contact: ',
    'Retry-After: ',
  ],
  lengthMax: 20_000,
  slowMs: 150,
  run: (input) => {
    const { pieces } = sameInAnyPieces(input, () => {
      const sip = new SipStream();
      const pieces: SipPiece[] = [];
      return {
        push: (chunk) => pieces.push(...sip.push(chunk)),
        result: () => {
          promise(sip.pending <= input.length, 'no more is held than was fed');
          return { pieces, pending: sip.pending };
        },
      };
    });
    for (const piece of pieces) if (piece.type === 'message') readMessage(piece.message);
    const head = parseHead(latin1(input));
    if (typeof head !== 'string') readMessage(head.message);
  },
  stream: () => {
    let sip = new SipStream();
    return (chunk) => {
      // A broken stream is closed, and another one begins.
      if (sip.push(chunk).some(({ type }) => type === 'broken')) sip = new SipStream();
    };
  },
};

function readMessage(message: SipMessage): void {
  transactionOf(message);
  if (message.type === 'request') encodeSip(replyTo(message, 405, 'No', 'tag'));
  else {
    const challenges = challengesOf(message);
    const exchange = new DigestCredentials({ user: 'u', password: 'p', allowBasic: true }).exchange();
    exchange.headersFor('MESSAGE', 'sip:c@d');
    const why = exchange.challenged(challenges) ?? noAccount(challenges);
    for (const { value } of exchange.headersFor('MESSAGE', 'sip:c@d')) {
      promise(/^[\t\x20-\x7e\x80-\xff]*$/.test(value), 'credentials are one line of a header');
    }
    exchange.ended(authenticationInfoOf(message));
    messageOutcome(message, why);
    pollOutcome(message);
  }
  const [piece, ...rest] = new SipStream().push(encodeSip(message));
  promise(rest.length === 0, 'a message is written as one');
  // A line end within a value becomes a blank, and compact names become longer.
  const isLong = encodeSip(message).length > HEAD_BYTES_MAX;
  if (isLong || /[\r\n\0]/.test(Object.values(message).map(textIn).join(''))) return;
  same(piece?.type === 'message' ? piece.message : piece, message, 'the message as it is read again');
}

function textIn(field: unknown): string {
  if (!Array.isArray(field)) return String(field);
  return field.map(({ name, value }: { readonly name: string; readonly value: string }) => name + value).join('');
}

const multipart: FuzzTarget = {
  name: 'sip-multipart',
  seeds: [
    new Uint8Array([...Buffer.from('multipart/mixed; boundary=b\n'), ...encodeMultipart([{ headers, body: ok }], 'b')]),
    'multipart/mixed;a=1;boundary="x y"\n--x y\r\nA: b\r\n\r\ntext\r\n--x y--\r\n',
  ],
  words: [
    'multipart/',
    ';',
    'boundary=',
    '"',
    '\r\n',
    '--',
    '\r\n--b',
    '\r\n--b--',
    ': ',
    '\r\n\r\n',
    ' ',
    ';;;;',
    '    ',
  ],
  lengthMax: 16_384,
  slowMs: 25,
  run: (input) => {
    const text = latin1(input);
    const end = text.indexOf('\n');
    const type = end < 0 ? text : text.slice(0, end);
    const parts = parseMultipart(type, input.slice(end + 1));
    if (parts === undefined) return;
    promise(parts.length <= 17, 'a body has no more parts than any message');
    const boundary = 'never-a-boundary-of-the-input';
    if (text.includes(boundary) || text.includes('\r')) return;
    same(
      parseMultipart(`multipart/mixed;boundary=${boundary}`, encodeMultipart(parts, boundary)),
      parts,
      'the parts as they are read again',
    );
  },
};

const digest: FuzzTarget = {
  name: 'digest-challenges',
  seeds: [
    DIGEST,
    `Basic realm="a", ${DIGEST}`,
    'Digest realm="\\"q\\"", nonce=n, qop="auth,auth-int", algorithm=MD5-sess',
    'nextnonce="n2", qop=auth',
    'NTLM',
    'Negotiate abc==',
  ],
  words: [
    'realm=',
    'nonce=',
    'qop=',
    'algorithm=',
    'Digest ',
    'Basic ',
    '"',
    '\\"',
    '=',
    ',',
    ' ',
    '="',
    '="\\',
    '-sess',
    'SHA-512-256',
    '__proto__=',
    'constructor=',
  ],
  lengthMax: 16_384,
  slowMs: 100,
  run: (input) => {
    const value = latin1(input);
    nextNonceOf(value);
    const { digests, unknown } = readChallenges([value, DIGEST]);
    promise(new Set(digests.map(({ realm }) => realm)).size === digests.length, 'each realm has one challenge');
    for (const each of unknown) promise(each.length <= 120, 'what is unknown is named in short');
    const credentials = new DigestCredentials({ user: 'ü', password: 'p' });
    const exchange = credentials.exchange();
    exchange.headersFor('POST', '/');
    exchange.challenged({ server: [value], proxy: [value] });
    exchange.ended({ server: [value], proxy: [] });
    promise(credentials.exchange().headersFor('POST', '/').length <= 8, 'a far end has a few realms');
  },
};

export const sipTargets: readonly FuzzTarget[] = [stream, multipart, digest];
