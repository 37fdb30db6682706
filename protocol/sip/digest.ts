/** HTTP Digest as SIP uses it (RFC 3261 §22, RFC 8760): the password itself never crosses the network. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly algorithm: 'MD5' | 'SHA-256';
  /** The server offers `qop=auth`; RFC 2069's form otherwise. */
  readonly qop: boolean;
}

/** Lower-case hex of the hash of an ASCII text. */
export type DigestHash = (algorithm: DigestChallenge['algorithm'], text: string) => string;

export interface DigestRequest {
  readonly user: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  /** Chosen anew for each request. */
  readonly clientNonce: string;
  /** How many requests have used the nonce, this one included. */
  readonly count: number;
}

/** The strongest of the challenges we can answer. */
export function chooseChallenge(values: readonly string[]): DigestChallenge | undefined {
  const known = values.map(parseChallenge).filter((challenge) => challenge !== undefined);
  return known.find(({ algorithm }) => algorithm === 'SHA-256') ?? known[0];
}

function parseChallenge(value: string): DigestChallenge | undefined {
  if (!/^Digest\s/i.test(value)) return undefined;
  const parameters = new Map(
    // Only from the beginning of a word: from each of its letters a long one would cost the square of its length.
    [...value.slice(7).matchAll(/(?<![a-z0-9-])([a-z0-9-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)].map(
      ([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? ''] as const,
    ),
  );
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  const opaque = parameters.get('opaque');
  const algorithm = parameters.get('algorithm')?.toUpperCase() ?? 'MD5';
  const offered = parameters
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  if (realm === undefined || nonce === undefined) return undefined;
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return undefined;
  if (offered !== undefined && !offered.includes('auth')) return undefined;
  return { realm, nonce, algorithm, qop: offered !== undefined, ...(opaque === undefined ? {} : { opaque }) };
}

/** The value of Authorization or Proxy-Authorization. */
export function digestCredentials(challenge: DigestChallenge, request: DigestRequest, hash: DigestHash): string {
  const { realm, nonce, opaque, algorithm, qop } = challenge;
  const { user, password, method, uri, clientNonce } = request;
  const count = request.count.toString(16).padStart(8, '0');
  const who = hash(algorithm, `${user}:${realm}:${password}`);
  const what = hash(algorithm, `${method}:${uri}`);
  const between = qop ? `${nonce}:${count}:${clientNonce}:auth` : nonce;
  const parameters = [
    `username="${user}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${hash(algorithm, `${who}:${between}:${what}`)}"`,
    `algorithm=${algorithm}`,
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(qop ? ['qop=auth', `nc=${count}`, `cnonce="${clientNonce}"`] : []),
  ];
  return `Digest ${parameters.join(', ')}`;
}
