import { createHash, randomBytes } from 'node:crypto';
import {
  headerValues,
  replyTo,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../../protocol/sip/message.ts';

export interface SipAccount {
  readonly user: string;
  readonly password: string;
  /** Form of the challenge. Default: `{}`. */
  readonly challenge?: ChallengeForm;
}

/** How the receiver asks for credentials (RFC 3261 §22, RFC 8760). */
export interface ChallengeForm {
  /** Default `MD5`. No client can answer an unknown algorithm (`SHA-384`). */
  readonly algorithm?: string;
  /** Default `auth`. `none` gives the form of RFC 2069. */
  readonly qop?: 'auth' | 'none';
  /**
   * Default: a proxy (407). With both, the proxy asks first and the server behind it afterwards
   * (401).
   */
  readonly askers?: readonly Asker[];
  /** True to challenge with Basic instead, which SIP forbids. */
  readonly basic?: boolean;
  /**
   * - `lasting` (default): valid until `renew`, with a rising count.
   * - `once`: valid for one request, and stale for the next.
   * - `next`: as `once`, but each 200 names the next nonce (RFC 7615).
   * - `never`: each answer is called stale.
   */
  readonly nonces?: 'lasting' | 'once' | 'next' | 'never';
}

type Asker = 'proxy' | 'server';

const STATUS = { proxy: 407, server: 401 } as const;
const REASON = { proxy: 'Proxy Authentication Required', server: 'Unauthorized' } as const;
const CHALLENGE = { proxy: 'Proxy-Authenticate', server: 'WWW-Authenticate' } as const;
const CREDENTIALS = { proxy: 'Proxy-Authorization', server: 'Authorization' } as const;
const INFO = { proxy: 'Proxy-Authentication-Info', server: 'Authentication-Info' } as const;
const NONCES_MAX = 32;
const HASHES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };

/** Asks for the password at each request, as a proxy and the server behind it do. */
export class Gatekeeper {
  readonly #account: SipAccount;
  #form: ChallengeForm;
  #doors: readonly Door[] = [];

  constructor(account: SipAccount) {
    this.#account = account;
    this.#form = account.challenge ?? {};
    this.renew();
  }

  /** Makes the old nonces invalid. */
  renew(): void {
    this.#doors = (this.#form.askers ?? ['proxy']).map((asker) => new Door(asker, this.#account, this.#form));
  }

  /** Changes the form of the challenge from now on. Without one it is as at the start. */
  ask(form: ChallengeForm = this.#account.challenge ?? {}): void {
    if (form === this.#form) return;
    this.#form = form;
    this.renew();
  }

  /** Returns the challenge, unless the request has answered it. */
  check(request: SipRequest): SipResponse | undefined {
    for (const door of this.#doors) {
      const challenge = door.check(request);
      if (challenge === undefined) continue;
      return replyTo(request, STATUS[door.asker], REASON[door.asker], 'gate', [challenge]);
    }
    return undefined;
  }

  /** Returns headers of the answer to a request that `check` accepted. */
  passed(): readonly SipHeader[] {
    return this.#doors.flatMap((door) => door.passed());
  }
}

/** One server that asks for credentials. */
class Door {
  readonly asker: Asker;
  readonly #account: SipAccount;
  readonly #form: ChallengeForm;
  /** Valid nonces, the newest last, and the number of uses of each. */
  readonly #nonces = new Map<string, number>();

  constructor(asker: Asker, account: SipAccount, form: ChallengeForm) {
    this.asker = asker;
    this.#account = account;
    this.#form = form;
    this.#issue();
  }

  check(request: SipRequest): SipHeader | undefined {
    const name = CHALLENGE[this.asker];
    if (this.#form.basic === true) return { name, value: `Basic realm="${this.#realm}"` };
    const given = headerValues(request, CREDENTIALS[this.asker])
      .map(parametersOf)
      .find((one) => one.realm === this.#realm);
    const isRight = given !== undefined && this.#isRight(given, request);
    const { nonces = 'lasting' } = this.#form;
    if (isRight && nonces !== 'never' && this.#isFresh(given)) {
      if (nonces !== 'lasting') this.#nonces.delete(given.nonce);
      return undefined;
    }
    if (nonces !== 'lasting') this.#issue();
    return { name, value: this.#challenge(isRight) };
  }

  passed(): readonly SipHeader[] {
    if (this.#form.nonces !== 'next') return [];
    this.#issue();
    return [{ name: INFO[this.asker], value: `nextnonce="${this.#newest}"` }];
  }

  get #realm(): string {
    return `simulated ${this.asker}`;
  }

  get #newest(): string {
    return [...this.#nonces.keys()].at(-1) ?? '';
  }

  #issue(): void {
    this.#nonces.set(randomBytes(8).toString('hex'), 0);
    const [oldest] = this.#nonces.keys();
    if (oldest !== undefined && this.#nonces.size > NONCES_MAX) this.#nonces.delete(oldest);
  }

  #challenge(stale: boolean): string {
    const { algorithm = 'MD5', qop = 'auth' } = this.#form;
    const parameters = [
      `realm="${this.#realm}"`,
      `nonce="${this.#newest}"`,
      `algorithm=${algorithm}`,
      ...(qop === 'auth' ? ['qop="auth"'] : []),
      ...(stale ? ['stale=true'] : []),
    ];
    return `Digest ${parameters.join(', ')}`;
  }

  #isFresh({ nonce, nc }: Credentials): boolean {
    const used = this.#nonces.get(nonce);
    if (used === undefined) return false;
    const count = this.#form.qop === 'none' ? used + 1 : Number.parseInt(nc, 16);
    if (!(count > used)) return false;
    this.#nonces.set(nonce, count);
    return true;
  }

  /**
   * Returns true if the password is right, for any nonce (RFC 7616 §3.4). It calculates the
   * response independently of the gateway.
   */
  #isRight(given: Credentials, { method, uri }: SipRequest): boolean {
    const { user, password } = this.#account;
    const { algorithm = 'MD5', qop = 'auth' } = this.#form;
    const hashName = HASHES[algorithm.replace(/-sess$/, '')];
    if (hashName === undefined || given.username !== user || given.uri !== uri) return false;
    if (given.algorithm !== algorithm || (qop === 'auth') !== (given.qop === 'auth')) return false;
    const h = (text: string) => createHash(hashName).update(text).digest('hex');
    const { nonce, nc, cnonce } = given;
    const account = h(`${user}:${this.#realm}:${password}`);
    const a1 = algorithm.endsWith('-sess') ? h(`${account}:${nonce}:${cnonce}`) : account;
    const between = qop === 'auth' ? `${nonce}:${nc}:${cnonce}:auth` : nonce;
    return given.response === h(`${a1}:${between}:${h(`${method}:${uri}`)}`);
  }
}

type Credentials = Readonly<Record<(typeof PARAMETERS)[number], string>>;
const PARAMETERS = ['username', 'realm', 'nonce', 'uri', 'response', 'algorithm', 'qop', 'nc', 'cnonce'] as const;

function parametersOf(value: string): Credentials {
  const all = new Map(
    [...value.matchAll(/([a-z]+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = '', quoted, bare]) => [
      name,
      quoted ?? bare ?? '',
    ]),
  );
  return Object.fromEntries(PARAMETERS.map((name) => [name, all.get(name) ?? ''])) as Credentials;
}
