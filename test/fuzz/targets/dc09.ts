import { interpretAnswer } from '../../../gateway/paths/dc09/answer.ts';
import { opensslSealer } from '../../../gateway/paths/dc09/openssl-sealer.ts';
import { asciiToBytes, hexToBytes, putHex, putHex4 } from '../../../protocol/bytes.ts';
import type { WallMs } from '../../../protocol/clocks.ts';
import { crc16Arc } from '../../../protocol/crc16.ts';
import { bareToken, isSameAccount, parseAnswer } from '../../../protocol/dc09/answer-frame.ts';
import {
  checkedBody,
  type Dc09Message,
  encodeMessage,
  parseContent,
  parseEnvelope,
} from '../../../protocol/dc09/message.ts';
import { readEvents } from '../../../protocol/dc09/read-events.ts';
import { Dc09Scanner, framesOfDatagram } from '../../../protocol/dc09/scanner.ts';
import { unseal } from '../../../protocol/dc09/sealer.ts';
import { idInText } from '../../../protocol/dc09/text.ts';
import { formatTimestamp, parseTimestamp, timestampIn } from '../../../protocol/dc09/timestamp.ts';
import { latin1, promise, same, sameInAnyPieces } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const STAMP_MS = 1_795_000_000_000 as WallMs;
const STAMP = formatTimestamp(STAMP_MS);
const sealer = opensslSealer(Uint8Array.from({ length: 16 }, (_, at) => at));
const FRAME_MAX = 8 + 0xfff + 256;

const ack: Dc09Message = {
  token: 'ACK',
  sequence: 1,
  receiver: '1',
  prefix: '0',
  account: '1234',
  data: '',
  xdata: [],
  timestampMs: STAMP_MS,
};
const event: Dc09Message = {
  ...ack,
  token: 'SIA-DCS',
  data: '#1234|Nri1/PA003^Room 12^',
  xdata: ['H12:00:00,01-02-2026'],
};
const words = [
  '\n',
  '\r',
  '"ACK"',
  '"NAK"',
  '"DUH"',
  '"*ACK"',
  '0001',
  'R1',
  'L0',
  '#1234',
  'A0',
  '[',
  ']',
  '[]',
  `_${STAMP}`,
  '#',
  ' ',
];

/** A connection's bytes, and the same as one datagram. */
const stream: FuzzTarget = {
  name: 'dc09-stream',
  seeds: [encodeMessage(ack), encodeMessage(event), encodeMessage(ack, sealer), '"NAK"\r', '\n"ACK"\n\0\0\r'],
  words,
  slowMs: 100,
  run: (input) => {
    const { frames, pending } = sameInAnyPieces(input, () => {
      const scanner = new Dc09Scanner();
      const frames: Uint8Array[] = [];
      return {
        push: (chunk) => frames.push(...scanner.push(chunk)),
        result: () => ({ frames, pending: scanner.pending, discarded: scanner.discarded, rest: scanner.takeUnended() }),
      };
    });
    promise(pending <= FRAME_MAX, 'no more than one frame is held');
    for (const frame of frames) readFrame(frame);
    for (const frame of framesOfDatagram(input)) readFrame(frame);
  },
  stream: () => {
    const scanner = new Dc09Scanner();
    return (chunk) => {
      scanner.push(chunk);
      scanner.takeUnended();
    };
  },
};

function readFrame(frame: Uint8Array): void {
  const expected = { sequence: 1, account: '1234', stampMs: STAMP_MS };
  interpretAnswer(frame, expected);
  interpretAnswer(frame, { ...expected, sealer });
  const envelope = parseEnvelope(frame);
  const answer = parseAnswer(frame);
  promise((answer.type === 'bare') === (bareToken(frame) !== undefined), 'a bare token is one for everybody');
  if (typeof envelope === 'string') return;
  promise(typeof checkedBody(frame) !== 'string', 'what is read has a right CRC');
  const content = parseContent(envelope, sealer);
  if (content === undefined) return;
  readEvents(envelope.token, content.data, content.xdata);
  if (envelope.encrypted || content.trailing !== '' || envelope.prefix === '') return;
  const { data, xdata, timestampMs } = content;
  const { token, sequence, receiver, prefix, account } = envelope;
  const message = { token, sequence, prefix, data, xdata, timestampMs };
  const again = encodeMessage({
    ...message,
    ...(receiver === undefined ? {} : { receiver }),
    ...(account === undefined ? {} : { account }),
  });
  const read = parseEnvelope(again);
  promise(typeof read !== 'string', 'what is written again can be read');
  const { rest: _, lengthMatches: __, ...head } = read;
  const { rest: ___, lengthMatches: ____, ...before } = envelope;
  same(head, before, 'the envelope as it is read again');
  same(parseContent(read), content, 'the content as it is read again');
}

/** What stands between length and CR: its CRC is made right. */
const body: FuzzTarget = {
  name: 'dc09-body',
  seeds: [
    ...[ack, event, { ...ack, token: 'NAK', sequence: 0 }].map((message) => encodeMessage(message).slice(9, -1)),
    '"DUH"0001NoneL0#AAAA[]',
    encodeMessage(ack, sealer).slice(9, -1),
  ],
  words,
  lengthMax: 0xfff,
  slowMs: 10,
  run: (input) => readFrame(framed(input)),
};

function framed(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(8 + body.length);
  frame.set(body, 8);
  putHex4(frame, 0, crc16Arc(frame, 8, frame.length));
  putHex4(frame, 4, body.length);
  return frame;
}

/** What somebody with the key has sealed. */
const sealed: FuzzTarget = {
  name: 'dc09-sealed',
  seeds: [`padpad|]_${STAMP}`, `]_${STAMP}`, `aaaaaaaaaaaaaaa|#1234|NPA]_${STAMP}`],
  words: [...words, '|', '^', 'ri1/', 'PA003', '1130 01 002', '*"'],
  lengthMax: 0x700,
  run: (input) => {
    const plain = new Uint8Array(16 * Math.max(1, Math.ceil(input.length / 16)));
    plain.set(input);
    const cipher = sealer.aes.encrypt(plain.slice());
    const hex = new Uint8Array(2 * cipher.length);
    putHex(hex, 0, cipher);
    const text = unseal(sealer, latin1(hex));
    if (text !== undefined) promise(latin1(plain).includes(text), 'what is unsealed is a part of what was sealed');
    for (const head of ['"*ACK"0001L0#1234[', '"*RSP"0001L0#1234[', '"*NAK"0000L0A0[']) {
      readFrame(framed(asciiToBytes(`${head}${latin1(hex)}`)));
    }
    unseal(sealer, latin1(input));
    hexToBytes(latin1(input));
  },
};

const texts: FuzzTarget = {
  name: 'dc09-texts',
  seeds: [STAMP, `x${STAMP}y`, 'Room 12 (wb-101.3.4)', '#1234|Nri1/PA003^Room^|AText', '1130 01 002|3130 01 002'],
  words: [...words, '|', '^', 'ri1/', 'PA003', 'N', 'O', '*"', '"NM', '02-29-2023', '(', ')'],
  lengthMax: 0xfff,
  slowMs: 10,
  run: (input) => {
    const text = latin1(input);
    const wallMs = parseTimestamp(text);
    if (wallMs !== undefined) promise(formatTimestamp(wallMs) === text, 'a time is written as it was read');
    timestampIn(text);
    const id = idInText(text);
    if (id !== undefined) promise(text.endsWith(`(${id})`), 'the id stands at the end');
    for (const token of ['SIA-DCS', 'ADM-CID', 'NULL']) readEvents(token, text, ['Itext']);
    promise(isSameAccount(text, text), 'an account is itself');
  },
};

export const dc09Targets: readonly FuzzTarget[] = [stream, body, sealed, texts];
