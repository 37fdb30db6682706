import { algorithmOf, type DigestChallenge, type DigestHashName } from './challenge.ts';

/** Returns the hash in lower-case hex of a text in which each character is one byte. */
export type DigestHash = (name: DigestHashName, text: string) => string;

interface DigestRequest {
  readonly user: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  /** One client nonce for all requests with the same nonce: see `digestCredentials`. */
  readonly clientNonce: string;
  /** Number of requests that have used the nonce, including this one. */
  readonly count: number;
}

/**
 * Returns the value of `Authorization` or `Proxy-Authorization` (RFC 7616 §3.4). The password
 * itself never crosses the network.
 *
 * With `-sess`, A1 holds the client nonce of the session's first request (§3.4.2). Some servers use
 * the client nonce of the current request instead. Both agree if the client nonce stays the same
 * with its nonce.
 */
export function digestCredentials(challenge: DigestChallenge, request: DigestRequest, hash: DigestHash): string {
  const { realm, nonce, opaque, qop, session } = challenge;
  const { user, password, method, uri, clientNonce } = request;
  const count = request.count.toString(16).padStart(8, '0');
  const h = (text: string) => hash(challenge.hash, text);
  const account = h(`${bytesOf(user)}:${realm}:${bytesOf(password)}`);
  const a1 = session ? h(`${account}:${nonce}:${clientNonce}`) : account;
  const a2 = h(`${method}:${uri}`);
  const between = qop ? `${nonce}:${count}:${clientNonce}:auth` : nonce;
  const parameters = [
    `username=${quoted(bytesOf(user))}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${h(`${a1}:${between}:${a2}`)}"`,
    `algorithm=${algorithmOf(challenge)}`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(qop ? ['qop=auth', `nc=${count}`] : []),
    // Without it no server can calculate A1 of a session.
    ...(qop || session ? [`cnonce="${clientNonce}"`] : []),
  ];
  return `Digest ${parameters.join(', ')}`;
}

/** A realm or nonce is untrusted and may contain characters that no header can hold. */
function quoted(text: string): string {
  return `"${text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * Encodes text as UTF-8, one character per byte. Values from the wire (realm, nonce) have the same
 * form.
 */
function bytesOf(text: string): string {
  const escaped = encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'));
  return escaped.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
