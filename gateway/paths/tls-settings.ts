import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** A link over TLS. PEM texts. */
export interface TlsSettings {
  /** Authorities the far end is proved by; absent: those Node.js knows. */
  readonly ca?: string;
  /** Our own certificate, where the far end asks for one. */
  readonly own?: { readonly certificate: string; readonly key: string };
  /** Name in the far end's certificate; default: the host. */
  readonly serverName?: string;
}

/** Options of `tls.connect` beside address and port. A far end that can't prove its name is never talked to. */
export function tlsOptions(tls: TlsSettings, host: string): ConnectionOptions {
  const { ca, own, serverName = host } = tls;
  return {
    minVersion: 'TLSv1.2',
    // RFC 6066 §3: an address is no server name; Node then proves the address itself.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(own === undefined ? {} : { cert: own.certificate, key: own.key }),
  };
}
