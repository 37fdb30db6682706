import { createHash, randomBytes } from 'node:crypto';
import {
  chooseChallenge,
  type DigestChallenge,
  type DigestHash,
  digestCredentials,
} from '../../../protocol/sip/digest.ts';
import { headerValues, type SipHeader, type SipResponse } from '../../../protocol/sip/message.ts';
import type { SipSettings } from './settings.ts';

const opensslHash: DigestHash = (algorithm, text) =>
  createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text, 'latin1')
    .digest('hex');

/** Our password, and the last challenge: it is answered ahead of time, which saves an alarm a round trip. */
export class Credentials {
  readonly #account: NonNullable<SipSettings['account']>;
  #challenge: DigestChallenge | undefined;
  #header = 'Authorization';
  #count = 0;

  constructor(account: NonNullable<SipSettings['account']>) {
    this.#account = account;
  }

  /** Takes note of a 401 or 407. False if it can't be answered. */
  challenged(response: SipResponse): boolean {
    const proxy = response.status === 407;
    const challenge = chooseChallenge(headerValues(response, proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'));
    if (challenge === undefined) return false;
    if (challenge.nonce !== this.#challenge?.nonce) this.#count = 0;
    this.#challenge = challenge;
    this.#header = proxy ? 'Proxy-Authorization' : 'Authorization';
    return true;
  }

  /** `undefined` as long as nobody has asked. */
  headerFor(method: string, uri: string): SipHeader | undefined {
    if (this.#challenge === undefined) return undefined;
    this.#count += 1;
    const clientNonce = randomBytes(8).toString('hex');
    const request = { ...this.#account, method, uri, clientNonce, count: this.#count };
    return { name: this.#header, value: digestCredentials(this.#challenge, request, opensslHash) };
  }
}
