import type { FailureReason } from '../core/report.ts';

export interface Fault {
  readonly reason: FailureReason;
  /** What a person has to know and do. */
  readonly detail: string;
}

const UNKNOWN_AUTHORITY = 'its certificate is not from an authority we know: name the one you were given under tls: ca';
const BEYOND_ITS_TIME = 'its certificate is not valid now: it must be renewed, or the clock of this machine is wrong';

const CERTIFICATE_WORDS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name: check url, or write the name in it under tls: serverName',
  CERT_HAS_EXPIRED: BEYOND_ITS_TIME,
  CERT_NOT_YET_VALID: BEYOND_ITS_TIME,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
};

/** How far the connection had come: being opened, open, open over TLS and nothing was answered on it yet, or answered on. */
export type Stage = 'opening' | 'open' | 'unprovenTls' | 'proven';

/**
 * What went wrong with a request, in words.
 *
 * @param where the server's `host:port`
 */
export function httpsFault(error: NodeJS.ErrnoException, where: string, stage: Stage): Fault {
  const code = error.code ?? error.message;
  const certificate = CERTIFICATE_WORDS[code];
  if (certificate !== undefined) return { reason: 'protocolError', detail: `${where}: ${certificate} (${code})` };
  if (code.startsWith('ERR_OSSL_')) {
    return { reason: 'protocolError', detail: `a certificate or key under tls: can't be read (${code})` };
  }
  // Alerts are what the far end says, in TLS 1.3 after we hold the handshake for done.
  if (/^ERR_SSL_.*ALERT/.test(code)) {
    const detail = `${where} refused the TLS handshake: does it ask for a certificate of ours, and know this one? (${code})`;
    return { reason: 'refused', detail };
  }
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO$|CERT_)/.test(code)) {
    return { reason: 'protocolError', detail: `${where}: no TLS connection came about (${code}): check url` };
  }
  if (code.startsWith('HPE_')) {
    return { reason: 'protocolError', detail: `${where} answered what is not HTTP (${code}): check url` };
  }
  if (stage !== 'opening') {
    // TLS 1.3: a server that does not like our certificate says so after the handshake, and its words may be lost in the reset.
    const doubt = stage === 'unprovenTls' ? '; does it ask for a certificate of ours, and know this one?' : '';
    return { reason: 'closed', detail: `${where} closed the connection before it answered (${code})${doubt}` };
  }
  if (code === 'ECONNREFUSED') return { reason: 'refused', detail: `${where} refused the connection` };
  if (code === 'ECONNRESET')
    return { reason: 'closed', detail: `${where} closed the connection during its opening: check url` };
  return { reason: 'unreachable', detail: `${where} can't be reached (${code})` };
}
