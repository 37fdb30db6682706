import { asciiToBytes, concatBytes } from '../bytes.ts';

/** SIP requests and responses (RFC 3261) as they are on a stream. Clauses are those of RFC 3261. */
export type SipMessage = SipRequest | SipResponse;

export interface SipRequest {
  readonly type: 'request';
  readonly method: string;
  readonly uri: string;
  /** Headers in order, without Content-Length, which is only framing. */
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
}

export interface SipResponse {
  readonly type: 'response';
  /** 100…699 */
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
}

export interface SipHeader {
  /** Name as written. A compact form from the wire is in full here. */
  readonly name: string;
  /** Unfolded value, one character per byte. */
  readonly value: string;
}

/** A message without its body, and the length of that body. */
export interface SipHead {
  readonly message: SipMessage;
  readonly contentLength: number;
}

/**
 * Compact forms of §7.3.3 and those registered since. Not an object: a header of the far end may be
 * called `constructor`.
 */
const COMPACT: ReadonlyMap<string, string> = new Map([
  ['a', 'Accept-Contact'],
  ['b', 'Referred-By'],
  ['c', 'Content-Type'],
  ['d', 'Request-Disposition'],
  ['e', 'Content-Encoding'],
  ['f', 'From'],
  ['i', 'Call-ID'],
  ['j', 'Reject-Contact'],
  ['k', 'Supported'],
  ['l', 'Content-Length'],
  ['m', 'Contact'],
  ['o', 'Event'],
  ['r', 'Refer-To'],
  ['s', 'Subject'],
  ['t', 'To'],
  ['u', 'Allow-Events'],
  ['v', 'Via'],
  ['x', 'Session-Expires'],
]);

const EMPTY = new Uint8Array();

/**
 * Writes the whole message with its Content-Length. It replaces line ends within values, so that no
 * value can add a header, and characters outside Latin-1.
 */
export function encodeSip(message: SipMessage): Uint8Array {
  const start =
    message.type === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  const lines = [start, ...message.headers.map(({ name, value }) => `${name}: ${value}`)];
  const head = [...lines, `Content-Length: ${message.body.length}`].map(oneLine).join('\r\n');
  return concatBytes(asciiToBytes(`${head}\r\n\r\n`), message.body);
}

function oneLine(line: string): string {
  return line.replace(/[\0\r\n]+/g, ' ').replace(/[^\0-\xff]/g, '?');
}

/**
 * Reads start line and headers.
 * @param head without the empty line at its end, one character per byte
 * @returns a text about the fault if it is unusable: the start of the next message is then unknown
 */
export function parseHead(head: string): SipHead | string {
  // §7.3.1: a line that begins with white space continues the one before.
  const [start = '', ...lines] = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const begun = parseStartLine(start);
  if (begun === undefined) return 'no SIP message';
  const all = lines.flatMap(parseHeader);
  const lengths = new Set(all.filter(isContentLength).map(({ value }) => value));
  const [length = '0'] = lengths;
  if (lengths.size > 1 || !/^\d{1,9}$/.test(length)) return 'no clear Content-Length';
  const headers = all.filter((header) => !isContentLength(header));
  return { message: { ...begun, headers, body: EMPTY }, contentLength: Number(length) };
}

type StartLine = Pick<SipRequest, 'type' | 'method' | 'uri'> | Pick<SipResponse, 'type' | 'status' | 'reason'>;

function parseStartLine(line: string): StartLine | undefined {
  const [, status, reason = ''] = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i.exec(line) ?? [];
  if (status !== undefined) return { type: 'response', status: Number(status), reason };
  const [, method, uri] = /^([!#-'*+\-.^-z|~A-Z0-9]{1,32}) (\S{1,2000}) SIP\/2\.0$/i.exec(line) ?? [];
  return method === undefined || uri === undefined ? undefined : { type: 'request', method, uri };
}

/**
 * Returns nothing for a line that is not a header. Such a line cannot affect the end of the
 * message, and it must not cause the loss of an acknowledgement.
 */
function parseHeader(line: string): readonly SipHeader[] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).trimEnd();
  if (!/^[!#-'*+\-.^-z|~A-Z0-9]+$/.test(name)) return [];
  return [{ name: COMPACT.get(name.toLowerCase()) ?? name, value: line.slice(colon + 1).trim() }];
}

function isContentLength({ name }: SipHeader): boolean {
  return name.toLowerCase() === 'content-length';
}

/** Returns all values of a header in order. Names are in full, in either case. */
export function headerValues({ headers }: Pick<SipMessage, 'headers'>, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return headers.flatMap((header) => (header.name.toLowerCase() === wanted ? [header.value] : []));
}

/** Returns the first value of a header. */
export function headerValue(message: Pick<SipMessage, 'headers'>, name: string): string | undefined {
  return headerValues(message, name)[0];
}

/**
 * Returns the key that pairs a response with its request (§17.1.3): the branch of the topmost Via,
 * and the method in CSeq.
 */
export function transactionOf(message: SipMessage): { readonly branch: string; readonly method: string } | undefined {
  const [via = ''] = (headerValue(message, 'Via') ?? '').split(',');
  const [, branch] = /;\s*branch\s*=\s*([^;\s]+)/i.exec(via) ?? [];
  const [, method] = /^\d+\s+(\S+)$/.exec(headerValue(message, 'CSeq') ?? '') ?? [];
  return branch === undefined || method === undefined ? undefined : { branch, method };
}

/**
 * Returns the response to a request (§8.2.6), with its Via, From, To, Call-ID and CSeq unchanged.
 * @param tag added to To if that has none
 */
export function replyTo(
  request: SipRequest,
  status: number,
  reason: string,
  tag: string,
  more: readonly SipHeader[] = [],
): SipResponse {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    headerValues(request, name).map((value) => ({ name, value: name === 'To' ? tagged(value, tag) : value })),
  );
  return { type: 'response', status, reason, headers: [...copied, ...more], body: EMPTY };
}

function tagged(to: string, tag: string): string {
  return /;\s*tag\s*=/i.test(to) ? to : `${to};tag=${tag}`;
}
