import { connect, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { LONG_AGO_MS } from '../../protocol/clocks.ts';
import { monoMs } from '../system/clock.ts';
import { type TlsSettings, tlsOptions } from './tls-settings.ts';

export interface DialTarget {
  /** Literal IPv4 or IPv6 address. */
  readonly address: string;
  readonly port: number;
  /** As configured. The certificate must be for this host unless `tls` names another. */
  readonly host: string;
  readonly localAddress?: string;
  /** Absent: bare TCP. */
  readonly tls?: TlsSettings;
  /** Protocols offered within TLS (RFC 7301). */
  readonly protocols?: readonly string[];
  /** The stream that carries TLS, in place of a TCP connection to the address. */
  readonly over?: Duplex;
}

/** Keep-alive probes of the operating system find a peer that vanished while nothing is sent. */
export const KEEPALIVE_MS = 30_000;
/**
 * Handshakes on one connection within a minute. A TLS 1.2 server may ask for another one to see our
 * certificate after all.
 */
const HANDSHAKES_MAX = 4;
const HANDSHAKES_WITHIN_MS = 60_000;

/**
 * Begins a TCP or TLS connection. Never throws: a connection that can't be begun emits `error`,
 * like one that fails later.
 */
export function dial(target: DialTarget): Socket {
  const socket = begun(target);
  // Not as options of `connect`: over TLS they are ignored.
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEPALIVE_MS);
  if (target.tls !== undefined) limitHandshakes(socket);
  if (target.tls?.onPeerCertificate !== undefined) reportPeer(socket, target.tls.onPeerCertificate);
  return socket;
}

/**
 * The event that says that the connection is writable and that the far end has proved its identity.
 */
export function openEvent({ tls }: Pick<DialTarget, 'tls'>): 'connect' | 'secureConnect' {
  return tls === undefined ? 'connect' : 'secureConnect';
}

/**
 * A far end that asks for one handshake after another, some 2,000 times a second, uses up the
 * processor.
 */
function limitHandshakes(socket: Socket): void {
  let handshakes = 0;
  let sinceMs = LONG_AGO_MS;
  socket.on('secureConnect', () => {
    if (monoMs() - sinceMs > HANDSHAKES_WITHIN_MS) {
      handshakes = 0;
      sinceMs = monoMs();
    }
    handshakes += 1;
    if (handshakes > HANDSHAKES_MAX) socket.destroy(new HandshakesWithoutEnd());
  });
}

/** Runs after what waits for the connection: an alarm is sent before certificates are examined. */
function reportPeer(socket: Socket, report: NonNullable<TlsSettings['onPeerCertificate']>): void {
  socket.once('secureConnect', () => {
    setImmediate(() => {
      if (socket instanceof TLSSocket && !socket.destroyed) report(socket.getPeerCertificate(true));
    });
  });
}

class HandshakesWithoutEnd extends Error {
  readonly code = 'ERR_TLS_SESSION_ATTACK';

  constructor() {
    super(`more than ${HANDSHAKES_MAX} TLS handshakes in a minute`);
  }
}

function begun({ address, port, host, localAddress, tls, protocols, over }: DialTarget): Socket {
  const to = { host: address, port, ...(localAddress !== undefined && { localAddress }) };
  try {
    if (tls === undefined) return connect(to);
    const options = { ...tlsOptions(tls, host), ...(protocols && { ALPNProtocols: [...protocols] }) };
    // If the host is an address, the certificate is compared with that address.
    return connectTls(over === undefined ? { ...to, ...options } : { host, socket: over, ...options });
  } catch (error) {
    // OpenSSL can't read our certificate, its key or the authority's.
    return new Socket().destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
