import { createHash, randomBytes } from 'node:crypto';
import type { DigestHashName } from '../../protocol/digest/challenge.ts';
import { digestCredentials } from '../../protocol/digest/credentials.ts';
import { headerValue, replyTo, type SipRequest, type SipResponse } from '../../protocol/sip/message.ts';

export interface SipAccount {
  readonly user: string;
  readonly password: string;
  /** Default MD5. */
  readonly algorithm?: 'MD5' | 'SHA-256';
}

/** Asks each request for the password, as a proxy does (RFC 3261 §22.3). */
export class Gatekeeper {
  readonly #account: SipAccount;
  readonly #realm = 'simulated';
  #nonce = randomBytes(8).toString('hex');

  constructor(account: SipAccount) {
    this.#account = account;
  }

  /** Answers given with the old nonce are not taken any more. */
  renew(): void {
    this.#nonce = randomBytes(8).toString('hex');
  }

  /** The challenge, unless the request has answered it. */
  check(request: SipRequest): SipResponse | undefined {
    if (this.#isAnswered(request)) return undefined;
    const { algorithm = 'MD5' } = this.#account;
    const value = `Digest realm="${this.#realm}", nonce="${this.#nonce}", algorithm=${algorithm}, qop="auth"`;
    const header = { name: 'Proxy-Authenticate', value };
    return replyTo(request, 407, 'Proxy Authentication Required', 'gate', [header]);
  }

  #isAnswered(request: SipRequest): boolean {
    const given = headerValue(request, 'Proxy-Authorization') ?? '';
    const [, clientNonce = ''] = /cnonce="([^"]*)"/.exec(given) ?? [];
    const [, count = ''] = /nc=([0-9a-f]{8})/.exec(given) ?? [];
    const { user, password, algorithm = 'MD5' } = this.#account;
    const { method, uri } = request;
    const answer = { user, password, method, uri, clientNonce, count: Number.parseInt(count, 16) };
    const form = { hash: algorithm, session: false, qop: true, stale: false };
    const challenge = { realm: this.#realm, nonce: this.#nonce, ...form };
    return given !== '' && given === digestCredentials(challenge, answer, hash);
  }
}

function hash(algorithm: DigestHashName, text: string): string {
  return createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text, 'latin1')
    .digest('hex');
}
