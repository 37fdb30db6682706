import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface DigestGateOptions {
  readonly user: string;
  readonly password: string;
  /**
   * Algorithms in the order of the challenges, the server's preference first. Default: `SHA-256`,
   * then `MD5`.
   */
  readonly algorithms?: readonly GateAlgorithm[];
  /**
   * True if a nonce is valid for one request only. The next one then comes in
   * `Authentication-Info`, or not at all. By default a nonce stays valid.
   */
  readonly nonces?: 'many' | 'once' | 'onceAndNext';
  /**
   * True if the server says `stale=true` where only the nonce is wrong. Default true. Some servers
   * never do.
   */
  readonly saysStale?: boolean;
}

export type GateAlgorithm = 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess' | 'SHA-512-256';

type GateAnswer =
  | { readonly type: 'in'; readonly info?: string }
  /** Values of `WWW-Authenticate` or `Proxy-Authenticate`. */
  | { readonly type: 'challenge'; readonly values: readonly string[] };

const REALM = 'simulated desk';
const HASHES: Readonly<Record<GateAlgorithm, string>> = {
  MD5: 'md5',
  'MD5-sess': 'md5',
  'SHA-256': 'sha256',
  'SHA-256-sess': 'sha256',
  'SHA-512-256': 'sha512-256',
};

/**
 * The server's half of HTTP Digest (RFC 7616), with `qop=auth`. It shares no code with the
 * gateway's half.
 */
export class DigestGate {
  readonly #first: DigestGateOptions;
  #options: DigestGateOptions;
  /** Valid nonces, and the nonce counts already seen with each. */
  readonly #nonces = new Map<string, Set<string>>();
  challenges = 0;

  constructor(options: DigestGateOptions) {
    this.#first = options;
    this.#options = options;
  }

  /** Makes every nonce invalid. */
  renew(): void {
    this.#nonces.clear();
  }

  /** Changes the form of the challenge. What is not given is as at the start. */
  change(form: Partial<DigestGateOptions>): void {
    this.#options = { ...this.#first, ...form };
  }

  check(method: string, uri: string, authorization: string | undefined): GateAnswer {
    const given = parametersOf(authorization ?? '');
    const isRight = given !== undefined && this.#isRight(method, uri, given);
    if (!isRight) return this.#challenge(false);
    const nonce = given.get('nonce') ?? '';
    const count = given.get('nc') ?? '';
    const uses = this.#nonces.get(nonce);
    // RFC 7616 §3.4: a repeated nonce count may be a replay.
    if (uses === undefined || uses.has(count)) return this.#challenge(true);
    uses.add(count);
    const { nonces = 'many' } = this.#options;
    if (nonces !== 'many') this.#nonces.delete(nonce);
    return nonces === 'onceAndNext' ? { type: 'in', info: `nextnonce="${this.#fresh()}"` } : { type: 'in' };
  }

  #challenge(isStale: boolean): GateAnswer {
    const { algorithms = ['SHA-256', 'MD5'], saysStale = true } = this.#options;
    this.challenges += 1;
    const nonce = this.#fresh();
    const stale = isStale && saysStale ? ', stale=true' : '';
    const values = algorithms.map(
      (name) =>
        `Digest realm="${REALM}", nonce="${nonce}", opaque="o", algorithm=${name}, qop="auth, auth-int"${stale}`,
    );
    return { type: 'challenge', values };
  }

  #fresh(): string {
    const nonce = randomBytes(12).toString('base64');
    this.#nonces.set(nonce, new Set());
    return nonce;
  }

  #isRight(method: string, uri: string, given: ReadonlyMap<string, string>): boolean {
    const { user, password, algorithms = ['SHA-256', 'MD5'] } = this.#options;
    const algorithm = algorithms.find((name) => name === given.get('algorithm'));
    const part = (name: string) => given.get(name) ?? '';
    if (algorithm === undefined || part('username') !== user || part('realm') !== REALM) return false;
    if (part('uri') !== uri || part('qop') !== 'auth' || part('opaque') !== 'o') return false;
    const hash = (text: string) => createHash(HASHES[algorithm]).update(text).digest('hex');
    const account = hash(`${user}:${REALM}:${password}`);
    const isSession = algorithm.endsWith('-sess');
    const a1 = isSession ? hash(`${account}:${part('nonce')}:${part('cnonce')}`) : account;
    const proof = [part('nonce'), part('nc'), part('cnonce'), 'auth'].join(':');
    const wanted = Buffer.from(hash(`${a1}:${proof}:${hash(`${method}:${uri}`)}`));
    const response = Buffer.from(part('response'));
    return response.length === wanted.length && timingSafeEqual(response, wanted);
  }
}

function parametersOf(authorization: string): ReadonlyMap<string, string> | undefined {
  if (!authorization.startsWith('Digest ')) return undefined;
  const found = authorization.slice(7).matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]*))/g);
  return new Map([...found].map(([, name = '', quoted, bare]) => [name, quoted ?? bare ?? '']));
}
