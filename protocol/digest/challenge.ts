/** A challenge of `WWW-Authenticate` or `Proxy-Authenticate` (RFC 9110 §11.6.1, RFC 3261 §25.1). */
interface Challenge {
  /** Scheme in lower case. */
  readonly scheme: string;
  /** Parameters by name in lower case, with values without their quotes and backslashes. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** The hash, and whether the password is hashed again for each session (`-sess`). */
export type DigestHashName = 'MD5' | 'SHA-256' | 'SHA-512-256';

/** A Digest challenge that we can answer (RFC 7616 §3.3, RFC 8760). */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly hash: DigestHashName;
  /** `MD5-sess` and the like (RFC 7616 §3.4.2). */
  readonly session: boolean;
  /** True if the server offers `qop=auth`; false for the form of RFC 2069. */
  readonly qop: boolean;
  /** True if the last answer was right and only its nonce is too old. */
  readonly stale: boolean;
}

/** The result of reading a list of challenges. */
interface ReadChallenges {
  /**
   * One challenge for each realm: the strongest that we can answer, the first of equals (RFC 8760
   * §2.4).
   */
  readonly digests: readonly DigestChallenge[];
  /** Realms that accept the password unencrypted (RFC 7617). */
  readonly basicRealms: readonly string[];
  /**
   * Challenges that we cannot answer, for a person: `Digest SHA-384`,
   * `Digest MD5 with qop auth-int`, `NTLM`.
   */
  readonly unknown: readonly string[];
}

const STRENGTH: Readonly<Record<DigestHashName, number>> = { MD5: 0, 'SHA-256': 1, 'SHA-512-256': 1 };
/** Number of characters after which an unknown algorithm's name is cut. */
const NAME_LENGTH_MAX = 40;

/** The algorithm as written in the challenge: `SHA-256-sess`. */
export function algorithmOf({ hash, session }: Pick<DigestChallenge, 'hash' | 'session'>): string {
  return session ? `${hash}-sess` : hash;
}

/** @param values of all headers of that name, in order; one value may hold several challenges */
export function readChallenges(values: readonly string[]): ReadChallenges {
  const digests = new Map<string, DigestChallenge>();
  const basicRealms: string[] = [];
  const unknown: string[] = [];
  for (const challenge of values.flatMap(parseChallenges)) {
    if (challenge.scheme === 'basic') basicRealms.push(challenge.parameters.get('realm') ?? '');
    else if (challenge.scheme !== 'digest') unknown.push(printable(challenge.scheme));
    else {
      const read = readDigest(challenge.parameters);
      if (typeof read === 'string') unknown.push(read);
      else if (isStronger(read, digests.get(read.realm))) digests.set(read.realm, read);
    }
  }
  return { digests: [...digests.values()], basicRealms, unknown };
}

function isStronger(one: DigestChallenge, other: DigestChallenge | undefined): boolean {
  return other === undefined || STRENGTH[one.hash] > STRENGTH[other.hash];
}

/** @returns a text about the part that we cannot answer */
function readDigest(parameters: ReadonlyMap<string, string>): DigestChallenge | string {
  const algorithm = parameters.get('algorithm') ?? 'MD5';
  const [, name = '', suffix = ''] = /^(MD5|SHA-256|SHA-512-256)(-sess)?$/i.exec(algorithm) ?? [];
  if (name === '') return `Digest ${printable(algorithm)}`;
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  if (realm === undefined || nonce === undefined) return 'Digest without realm or nonce';
  const qop = parameters.get('qop')?.toLowerCase();
  const offered = qop?.split(/[\s,]+/).filter((one) => one !== '') ?? [];
  if (offered.length > 0 && !offered.includes('auth')) {
    return `Digest ${printable(algorithm)} with qop ${printable(offered.join(','))}`;
  }
  const opaque = parameters.get('opaque');
  return {
    realm,
    nonce,
    hash: name.toUpperCase() as DigestHashName,
    session: suffix !== '',
    qop: offered.length > 0,
    stale: parameters.get('stale')?.toLowerCase() === 'true',
    ...(opaque === undefined ? {} : { opaque }),
  };
}

/** Makes untrusted text fit for a message. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, '?').slice(0, NAME_LENGTH_MAX);
}

/**
 * Cuts a header's value into its challenges. A scheme is a word without a following `=`. Each token
 * is read once: the cost of a long hostile value is proportional to its length.
 */
function parseChallenges(value: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const token = /([^\s,="]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?|[\s,="]/gy;
  for (const [, name, quoted, bare] of value.matchAll(token)) {
    if (name === undefined) continue;
    const written = quoted?.replace(/\\(.)/g, '$1') ?? bare;
    if (written === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), written);
  }
  return challenges;
}

/** Reads `nextnonce` of `Authentication-Info` (RFC 7616 §3.5), the nonce for the next request. */
export function nextNonceOf(value: string): string | undefined {
  const [{ parameters } = { parameters: undefined }] = parseChallenges(`info ${value}`);
  return parameters?.get('nextnonce');
}
