/**
 * Why the broker can't be heard. A change of kind is news; a change of words within a kind is not.
 */
export interface BrokerTrouble {
  readonly kind:
    | 'library'
    | 'certificate'
    | 'name'
    | 'refused'
    | 'silent'
    | 'login'
    | 'subscription'
    | 'closed'
    | 'failed';
  /** Plain words for a person, with what to do. */
  readonly detail: string;
}

/**
 * Return codes of a CONNACK (MQTT 3.1.1 §3.2.2.3); mosquitto answers a wrong password with the
 * second.
 */
const LOGIN_REFUSED = [4, 5];
const UNREACHABLE = ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'];

const NOT_NOW = 'that is not valid now: it must be renewed, or the clock of this machine is wrong';
/** Where naming an authority would not help. */
const CERTIFICATE_WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: NOT_NOW,
  CERT_NOT_YET_VALID: NOT_NOW,
  ERR_TLS_CERT_ALTNAME_INVALID: 'for another name: write the name in it into url, or give that certificate as ca',
};

export function libraryTrouble(error: unknown): BrokerTrouble {
  return { kind: 'library', detail: `the library mqtt can't be loaded (${messageOf(error)}): run npm ci` };
}

export function certificateTrouble(url: string, error: unknown): BrokerTrouble {
  const detail = `${url}: the certificate given as ca can't be used (${messageOf(error)})`;
  return { kind: 'certificate', detail };
}

/** The broker has let us in, but not read these topics. */
export function subscriptionTrouble(
  url: string,
  username: string | undefined,
  topics: readonly string[],
): BrokerTrouble {
  const more = topics.length > 1 ? ` and ${topics.length - 1} more` : '';
  const detail = `${url} does not let ${nameOf(username)} read ${topics[0] ?? ''}${more}: give it the right to`;
  return { kind: 'subscription', detail };
}

function silence(url: string): BrokerTrouble {
  return { kind: 'silent', detail: `${url} does not answer: is the broker's machine on, and the network whole?` };
}

/** The trouble of a broker that is connected and accepts no message. */
export const NOT_TAKEN = new Error('nothing is acknowledged');

/**
 * @param error the last thing the library said before the connection closed; nothing if it was
 *   closed without a word
 */
export function connectionTrouble(url: string, username: string | undefined, error: unknown): BrokerTrouble {
  const code = codeOf(error);
  const message = messageOf(error);
  if (error === undefined) return { kind: 'closed', detail: `${url} closed the connection` };
  if (error === NOT_TAKEN) {
    return { kind: 'silent', detail: `${url} acknowledges nothing it is told: does it hang, or is its disk full?` };
  }
  if (typeof code === 'number' && LOGIN_REFUSED.includes(code)) {
    const detail = `${url} refuses the login of ${nameOf(username)}: check its user name and password`;
    return { kind: 'login', detail };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return { kind: 'name', detail: `${url}: its address can't be found: check the name, and the name server` };
  }
  if (code === 'ECONNREFUSED') return { kind: 'refused', detail: `nothing listens at ${url}: is the broker running?` };
  if (/timeout/i.test(message) || UNREACHABLE.includes(String(code))) return silence(url);
  const misfit = CERTIFICATE_WORDS[String(code)];
  if (misfit !== undefined) return { kind: 'certificate', detail: `${url} shows a certificate ${misfit}` };
  if (code === 'EPROTO' || String(code).startsWith('ERR_SSL')) {
    return { kind: 'certificate', detail: `${url} does not speak TLS at this port (${message})` };
  }
  if (/certificate|^CERT_|^ERR_TLS|SELF_SIGNED/i.test(`${String(code)} ${message}`)) {
    const detail = `${url} shows a certificate that can't be trusted (${message}): name its authority as ca`;
    return { kind: 'certificate', detail };
  }
  // Neither the network's, nor the broker's refusal: what came could not be read.
  const what = code === undefined ? `what listens there does not speak MQTT (${message})` : message;
  return { kind: 'failed', detail: `${url}: ${what}` };
}

function nameOf(username: string | undefined): string {
  return username === undefined ? 'a client without a user name' : `user ${JSON.stringify(username)}`;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? String(codeOf(error)) : error.message;
}
