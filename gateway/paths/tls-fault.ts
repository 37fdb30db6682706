const UNKNOWN_AUTHORITY = 'its certificate is not from an authority we know: name the one you were given under tls: ca';
const BEYOND_ITS_TIME = 'its certificate is not valid now: it must be renewed, or the clock of this machine is wrong';

const TEXTS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name: check the name you wrote, or write the one in it under tls: serverName',
  CERT_HAS_EXPIRED: BEYOND_ITS_TIME,
  CERT_NOT_YET_VALID: BEYOND_ITS_TIME,
  CERT_REVOKED: 'its certificate was revoked: ask who runs it',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  ERR_TLS_SESSION_ATTACK: 'it asks for one TLS handshake after another: tell its operator',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
    'it offers no HTTP/1.1, perhaps HTTP/2 only: ask its operator to allow HTTP/1.1',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there does not speak TLS: check the port, or do without TLS',
};

/**
 * An error's code. If OpenSSL's error comes from a write, Node calls it EPROTO, and only the
 * message holds the real reason.
 */
export function faultCode({ code, message }: NodeJS.ErrnoException): string {
  if (code !== 'EPROTO') return code ?? message;
  const [, reason] = /:SSL routines:[^:]*:([a-z0-9 ]{1,80}):/.exec(message) ?? [];
  return reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`;
}

/**
 * What an error says about TLS, as the end of a sentence about the far end; `undefined`: it is
 * about something else.
 */
export function tlsFault(code: string): string | undefined {
  const text = TEXTS[code];
  if (text !== undefined) return `${text} (${code})`;
  // The far end sent an alert. With TLS 1.3 it may come after our side of the handshake is done.
  if (/^ERR_SSL_.*ALERT/.test(code)) {
    return `it refused the TLS handshake: does it ask for a certificate of ours, and know this one? (${code})`;
  }
  if (code.startsWith('ERR_OSSL_')) return `a file named under tls: can't be read by OpenSSL (${code})`;
  return /^(ERR_SSL_|ERR_TLS_|EPROTO$|CERT_)/.test(code) ? `the TLS handshake failed (${code})` : undefined;
}
