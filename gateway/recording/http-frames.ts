import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { encodeSip, type SipMessage } from '../../protocol/sip/message.ts';

const REDACTED = '[redacted]';
/**
 * Headers that prove nobody's identity. A site may set headers of its own, and any of them may hold
 * a token, so only these are recorded with their values.
 */
const OPEN_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'allow',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'host',
  'idempotency-key',
  'keep-alive',
  'retry-after',
  'server',
  'transfer-encoding',
  'user-agent',
]);
/** Digest credentials of both ends (RFC 3261 §20.6, §20.7, §20.28). */
const SIP_PROOFS = /^(?:authorization|proxy-authorization|authentication-info|proxy-authentication-info)$/i;

type Headers = IncomingHttpHeaders | OutgoingHttpHeaders;

/**
 * A request without what proves our identity. The path of its URL is left out as well: that of many
 * a webhook is its only password.
 */
export function httpRequestFrame(method: string, headers: Headers, body: string): Uint8Array {
  return Buffer.from(`${method} /${REDACTED} HTTP/1.1\r\n${headerLines(headers)}\r\n${body}`, 'utf8');
}

export function httpAnswerFrame(status: number, headers: Headers, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${headerLines(headers)}\r\n`, 'latin1'), body]);
}

function headerLines(headers: Headers): string {
  return Object.entries(headers)
    .map(([name, value]) => {
      const isOpen = OPEN_HEADERS.has(name.toLowerCase());
      return `${name}: ${isOpen ? String(value).replace(/[\r\n]+/g, ' ') : REDACTED}\r\n`;
    })
    .join('');
}

/** A SIP message without Digest credentials. */
export function sipFrame(message: SipMessage): Uint8Array {
  const headers = message.headers.map((header) =>
    SIP_PROOFS.test(header.name) ? { ...header, value: REDACTED } : header,
  );
  return encodeSip({ ...message, headers });
}
