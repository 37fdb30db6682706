import type { Attempt, Report } from '../../gateway/core/report.ts';
import { createCapDriver } from '../../gateway/paths/cap/driver.ts';
import { createDc09Driver } from '../../gateway/paths/dc09/driver.ts';
import type { PathDriver, PathSink } from '../../gateway/paths/path-driver.ts';
import { createRadioDriver } from '../../gateway/paths/radio/driver.ts';
import { createSipDriver } from '../../gateway/paths/sip/driver.ts';
import { createSnppDriver } from '../../gateway/paths/snpp/driver.ts';
import { createTapDriver } from '../../gateway/paths/tap/driver.ts';
import type { TlsSettings } from '../../gateway/paths/tls-settings.ts';
import { asciiToBytes, bytesToAscii } from '../../protocol/bytes.ts';
import { parseEnvelope } from '../../protocol/dc09/message.ts';
import { encodeAck } from '../../protocol/dc09/reply.ts';
import { Dc09Scanner } from '../../protocol/dc09/scanner.ts';
import { encodeAprsMessage, parseAprsMessage } from '../../protocol/radio/aprs-message.ts';
import { encodeUi, parseUi } from '../../protocol/radio/ax25.ts';
import { encodeKiss, KissScanner } from '../../protocol/radio/kiss.ts';
import { encodeSip, replyTo } from '../../protocol/sip/message.ts';
import { SipStream } from '../../protocol/sip/stream.ts';
import { alarm, source } from '../unit/cap/cap-reports.ts';
import { settingsFor as dc09Settings } from './dc09-rig.ts';
import { settingsFor as radioSettings } from './radio-rig.ts';
import { settingsFor as sipSettings } from './sip-rig.ts';
import { onTcp, QUICK, tapSettings } from './tap-rig.ts';

/** Reads a driver's bytes on one connection and returns the genuine answers to them. */
export type Answers = (bytes: Uint8Array) => readonly Uint8Array[];

/** A driver under attack. */
export interface Subject {
  readonly name: string;
  /** `tls` is for drivers with TLS. */
  make(port: number, sink: PathSink, tls?: TlsSettings): PathDriver;
  readonly overTls?: true;
  /** Bytes that the far end sends first. */
  readonly greeting?: Uint8Array;
  /** Makes the answering side of one connection. */
  answers(): Answers;
  /** A well-formed message that nothing asked for, sent repeatedly. */
  readonly unasked: Uint8Array;
  /** The start of a line, frame or message that never ends. */
  readonly endless: string;
}

/** Returns press number `sequence` of one button. */
function reportOf(sequence: number): Report {
  const id = `wb-101.5.${sequence}`;
  return { ...alarm, id, alert: { ...alarm.alert, id } };
}

export function attemptOf(attempt: number): Attempt {
  return { attempt, path: 'hostile', sequence: attempt, clockOffsetMs: 0, format: 0, report: reportOf(attempt) };
}

export function pollOf(attempt: number): Attempt {
  return { attempt, path: 'hostile', sequence: 0, clockOffsetMs: 0, format: 0 };
}

const bytes = asciiToBytes;
const nowWallMs = Date.now;

const dc09: Subject = {
  name: 'dc09-tcp',
  overTls: true,
  make: (port, sink, tls) => createDc09Driver(dc09Settings(port, tls && { tls }), sink, { nowWallMs }),
  answers() {
    const scanner = new Dc09Scanner();
    return (chunk) =>
      scanner.push(chunk).flatMap((frame) => {
        const envelope = parseEnvelope(frame);
        return typeof envelope === 'string' ? [] : [encodeAck(envelope)];
      });
  },
  unasked: encodeAck({ sequence: 4711, prefix: '0', account: '1234' }),
  endless: '\n00000000"ACK"',
};

const OTHER_BRANCH = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKother',
  'Call-ID: other',
  'CSeq: 1 MESSAGE',
  'Content-Length: 0',
  '\r\n',
].join('\r\n');

const sip: Subject = {
  name: 'sip',
  overTls: true,
  make: (port, sink, tls) => {
    const account = { user: 'gw', password: 'secret' };
    return createSipDriver(sipSettings(port, { account, ...(tls && { tls }) }), sink, { nowWallMs });
  },
  answers() {
    const stream = new SipStream();
    return (chunk) =>
      stream.push(chunk).flatMap((piece) => {
        if (piece.type !== 'message' || piece.message.type !== 'request') return [];
        return [encodeSip(replyTo(piece.message, 200, 'OK', 'far'))];
      });
  },
  unasked: bytes(OTHER_BRANCH),
  endless: 'SIP/2.0 200 OK\r\nSubject: ',
};

/** Bodies have no line ends here and begin with `<` or `{`. */
function httpAnswers(): Answers {
  let heard = '';
  return (chunk) => {
    heard += bytesToAscii(chunk);
    const head = heard.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(heard)?.[1] ?? 0);
    if (head < 0 || heard.length < head + 4 + length) return [];
    heard = heard.slice(head + 4 + length);
    return [bytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')];
  };
}

const overHttp = {
  answers: httpAnswers,
  unasked: bytes('HTTP/1.1 103 Early Hints\r\n\r\n'),
  endless: 'HTTP/1.1 200 OK\r\nX: ',
};
const desk = (port: number, tls?: TlsSettings) => {
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/inbox`;
  const endpoint = { url, connections: 2, connectTimeoutMs: 500, ...(tls && { tls }) };
  return { id: 'hostile', endpoint };
};

const cap: Subject = {
  ...overHttp,
  name: 'cap',
  overTls: true,
  make: (port, sink, tls) =>
    createCapDriver({ driver: 'cap', source, ...desk(port, tls) }, sink, { nowWallMs: Date.now }),
};

const us = { call: 'N0CALL', ssid: 9 };
const receiver = { call: 'N0CALL', ssid: 1 };
const onAir = (id: string) => {
  const info = encodeAprsMessage({ type: 'ack', addressee: 'N0CALL-9', id });
  const payload = encodeUi({ destination: us, source: receiver, digipeaters: [], info });
  return encodeKiss({ port: 0, command: 0, payload });
};

const radio: Subject = {
  name: 'radio',
  make: (port, sink) => createRadioDriver(radioSettings({ host: '127.0.0.1', port }), sink),
  answers() {
    const scanner = new KissScanner();
    return (chunk) =>
      scanner.push(chunk).flatMap(({ payload }) => {
        const frame = parseUi(payload);
        const message = frame && parseAprsMessage(frame.info);
        return message?.id === undefined ? [] : [onAir(message.id)];
      });
  },
  unasked: onAir('4711'),
  endless: '\xc0\x00',
};

const tap: Subject = {
  name: 'tap',
  make: (port, sink) => createTapDriver({ ...tapSettings(onTcp(port)), password: 'secret' }, sink, { times: QUICK }),
  answers: () => (chunk) => {
    const text = bytesToAscii(chunk);
    if (text === '\r') return [bytes('ID=')];
    if (text.startsWith('\x1b')) return [bytes('\x1b[p\r')];
    return [bytes(text.startsWith('\x04') ? '\x1b\x04\r' : '\x06\r')];
  },
  unasked: bytes('111 please wait\r'),
  endless: '511 ',
};

const snpp: Subject = {
  name: 'snpp',
  overTls: true,
  make(port, sink, tls) {
    const server = { host: '127.0.0.1', port, connectTimeoutMs: 500, ...(tls && { tls }) };
    const pages = { pagers: ['5551212'], characters: 80, login: { user: 'gateway', password: 'secret' } };
    const times = { replyMs: 100, sendMs: 100 };
    return createSnppDriver({ driver: 'snpp', id: 'hostile', ...server, ...pages }, sink, { times });
  },
  greeting: bytes('220 ready\r\n'),
  answers: () => (chunk) => [bytes(bytesToAscii(chunk) === 'QUIT\r\n' ? '221 bye\r\n' : '250 ok\r\n')],
  unasked: bytes('250-more to come\r\n'),
  endless: '250-',
};

/** Every driver over TCP. Webhooks use the same code as CAP. */
export const SUBJECTS: readonly Subject[] = [dc09, sip, cap, radio, tap, snpp];
