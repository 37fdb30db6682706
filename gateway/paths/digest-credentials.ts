import { createHash, randomBytes } from 'node:crypto';
import { algorithmOf, type DigestChallenge, nextNonceOf, readChallenges } from '../../protocol/digest/challenge.ts';
import { type DigestHash, digestCredentials } from '../../protocol/digest/credentials.ts';

export interface DigestAccount {
  readonly user: string;
  readonly password: string;
  /** The password may be sent in clear (RFC 7617) if nothing better is offered. Default: never. */
  readonly allowBasic?: boolean;
}

/** Values of the same header of a server (`WWW-…`, `Authorization`) and of a proxy, in order. */
export interface AuthenticationFields {
  readonly server: readonly string[];
  readonly proxy: readonly string[];
}

/** `Authorization` or `Proxy-Authorization`. */
interface CredentialsHeader {
  readonly name: string;
  readonly value: string;
}

type Asker = keyof AuthenticationFields;

/** The last challenge of a realm, and how often its nonce was used. */
interface Session {
  readonly asker: Asker;
  readonly realm: string;
  /** Absent: the realm accepts the password in clear. */
  readonly challenge?: DigestChallenge;
  readonly clientNonce: string;
  count: number;
}

const HEADERS: Readonly<Record<Asker, string>> = { server: 'Authorization', proxy: 'Proxy-Authorization' };
/**
 * Realms of a far end and of the proxies before it. A hostile server may name a new realm each
 * time.
 */
const SESSIONS_MAX = 8;
/**
 * Requests with new credentials for one message: two servers that ask, and a stale nonce of each.
 */
const ROUNDS_MAX = 4;

const OPENSSL_NAMES = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;

const hash: DigestHash = (name, text) => createHash(OPENSSL_NAMES[name]).update(text, 'latin1').digest('hex');

/**
 * Our user and password for one far end, and the last challenge of each of its realms (RFC 7616,
 * RFC 8760; RFC 3261 §22 for SIP). Credentials for a known challenge are sent in advance, which
 * saves an alarm a round trip.
 */
export class DigestCredentials {
  readonly #account: DigestAccount;
  /** By the server that asks and its realm, the oldest first. */
  readonly #sessions = new Map<string, Session>();

  constructor(account: DigestAccount) {
    this.#account = account;
  }

  /** One message until its final answer, including any challenges in between. */
  exchange(): DigestExchange {
    return new DigestExchange(this.#account, this.#sessions);
  }
}

/** The credentials of one message. */
export class DigestExchange {
  readonly #account: DigestAccount;
  readonly #sessions: Map<string, Session>;
  /**
   * Sessions whose challenge came in this exchange, and how often the message was sent since. The
   * first request uses up a nonce that is good for one request, even if another realm turned that
   * request away.
   */
  readonly #sendings = new Map<string, number>();
  #rounds = 0;

  constructor(account: DigestAccount, sessions: Map<string, Session>) {
    this.#account = account;
    this.#sessions = sessions;
  }

  /**
   * Headers for the next sending of the message. Empty until a server has asked.
   *
   * @param uri as in the request line (RFC 7616 §3.4.6)
   */
  headersFor(method: string, uri: string): readonly CredentialsHeader[] {
    for (const [key, sendings] of this.#sendings) this.#sendings.set(key, sendings + 1);
    return [...this.#sessions.values()].map((session) => ({
      name: HEADERS[session.asker],
      value: this.#valueFor(session, method, uri),
    }));
  }

  /**
   * Handles a 401 or 407. `undefined`: send the message again with the present `headersFor`.
   * Otherwise the reason why that would not help, as the end of a sentence about the far end.
   */
  challenged(fields: AuthenticationFields): string | undefined {
    const asked = this.#read('server', fields.server).concat(this.#read('proxy', fields.proxy));
    if (asked.length === 0) return whyUnanswerable(fields);
    const refused = asked.find((one) => this.#sendings.get(keyOf(one)) === 1 && one.challenge?.stale !== true);
    if (refused !== undefined) {
      // Sent in advance, it would count as another wrong password on servers that count those.
      this.#sessions.delete(keyOf(refused));
      return `it does not accept our user and password (${nameOf(refused)}): check both`;
    }
    this.#rounds += 1;
    if (this.#rounds > ROUNDS_MAX) {
      return `it asked for credentials ${this.#rounds} times, and took none of our answers: tell its operator`;
    }
    for (const session of asked) this.#keep(session);
    return undefined;
  }

  /**
   * Handles `Authentication-Info` and `Proxy-Authentication-Info` of the final answer (RFC 7615).
   */
  ended(fields: AuthenticationFields): void {
    this.#takeNextNonce('server', fields.server);
    this.#takeNextNonce('proxy', fields.proxy);
  }

  #read(asker: Asker, values: readonly string[]): readonly Session[] {
    const { digests, basicRealms } = readChallenges(values);
    const fresh = () => ({ asker, clientNonce: randomBytes(8).toString('hex'), count: 0 });
    if (digests.length === 0 && this.#account.allowBasic === true) {
      return basicRealms.map((realm) => ({ ...fresh(), realm }));
    }
    return digests.map((challenge) => ({ ...fresh(), realm: challenge.realm, challenge }));
  }

  #keep(session: Session): void {
    const key = keyOf(session);
    this.#sendings.set(key, 0);
    const known = this.#sessions.get(key);
    // A server that gives the same nonce again continues to count its uses (RFC 7616 §3.4).
    const same = known?.challenge !== undefined && known.challenge.nonce === session.challenge?.nonce;
    const { clientNonce, count } = same ? known : session;
    this.#sessions.delete(key);
    this.#sessions.set(key, { ...session, clientNonce, count });
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined && this.#sessions.size > SESSIONS_MAX) this.#sessions.delete(oldest);
  }

  #valueFor(session: Session, method: string, uri: string): string {
    const { user, password } = this.#account;
    if (session.challenge === undefined) return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    session.count += 1;
    const { clientNonce, count } = session;
    return digestCredentials(session.challenge, { user, password, method, uri, clientNonce, count }, hash);
  }

  /** The header names no realm, so it is clear whose nonce it is only if there is one realm. */
  #takeNextNonce(asker: Asker, values: readonly string[]): void {
    const nonce = values.map(nextNonceOf).find((one) => one !== undefined);
    const [session, ...others] = [...this.#sessions.values()].filter((one) => one.asker === asker);
    if (nonce === undefined || session?.challenge === undefined || others.length > 0) return;
    if (session.challenge.nonce === nonce) return;
    const challenge = { ...session.challenge, nonce };
    const clientNonce = randomBytes(8).toString('hex');
    this.#sessions.set(keyOf(session), { ...session, challenge, clientNonce, count: 0 });
  }
}

/** How the far end asks for a user and password: "Digest SHA-256", "Basic", "Digest SHA-384". */
export function askedBy({ server, proxy }: AuthenticationFields): string {
  const { digests, basicRealms, unknown } = readChallenges([...server, ...proxy]);
  const names = digests.map((challenge) => `Digest ${algorithmOf(challenge)}`);
  return [...new Set([...names, ...unknown, ...(basicRealms.length > 0 ? ['Basic'] : [])])].slice(0, 4).join(', ');
}

function whyUnanswerable(fields: AuthenticationFields): string {
  const asked = askedBy(fields);
  if (asked === '') return 'it wants credentials, and does not say of which kind: tell its operator';
  if (asked === 'Basic') {
    return 'it asks for the password in clear (Basic), which we do not send: ask its operator for Digest';
  }
  return `it asks for credentials by ${asked}, which we do not know: ask its operator for Digest SHA-256 or MD5`;
}

function nameOf({ challenge, realm }: Session): string {
  const scheme = challenge === undefined ? 'Basic' : `Digest ${algorithmOf(challenge)}`;
  return `${scheme}, realm ${realm.replace(/[^\x20-\x7e]+/g, '?').slice(0, 60)}`;
}

function keyOf({ asker, realm }: Pick<Session, 'asker' | 'realm'>): string {
  return `${asker} ${realm}`;
}
