import { isIP } from 'node:net';
import type { ConnectionOptions, PeerCertificate } from 'node:tls';

/**
 * A link over TLS. PEM texts. The gateway renews them in place when the files change: read them
 * anew for each connection.
 */
export interface TlsSettings {
  /** Authorities that must have signed the far end's certificate; absent: those Node.js knows. */
  readonly ca?: string;
  /** Our own certificate, where the far end asks for one. */
  readonly own?: { readonly certificate: string; readonly key: string };
  /** Name in the far end's certificate; default: the host. */
  readonly serverName?: string;
  /**
   * Called with the certificates that the far end showed, chain included, once its handshake has
   * succeeded. Not in a configuration.
   */
  readonly onPeerCertificate?: (leaf: PeerCertificate) => void;
}

/**
 * Options of `tls.connect` besides address and port. Nothing is sent to a far end that can't prove
 * its name.
 */
export function tlsOptions(tls: TlsSettings, host: string): ConnectionOptions {
  const { ca, own, serverName = host } = tls;
  return {
    minVersion: 'TLSv1.2',
    // RFC 6066 §3: an address is not a server name. Node then verifies the address itself.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(own === undefined ? {} : { cert: own.certificate, key: own.key }),
  };
}
