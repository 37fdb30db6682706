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
  /** As configured: what the certificate is for unless `tls` names another. */
  readonly host: string;
  readonly localAddress?: string;
  /** Absent: bare TCP. */
  readonly tls?: TlsSettings;
  /** Protocols offered within TLS (RFC 7301). */
  readonly protocols?: readonly string[];
  /** What TLS goes over, in place of a TCP connection to the address. */
  readonly over?: Duplex;
}

/** Probes of the operating system that find a peer that vanished while nothing is sent. */
export const KEEPALIVE_MS = 30_000;
/**
 * Handshakes on one connection within a minute. TLS 1.2 servers may ask for another, to see our
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
 * The event that says that the connection can be written to, and that the far end has proved
 * itself.
 */
export function openEvent({ tls }: Pick<DialTarget, 'tls'>): 'connect' | 'secureConnect' {
  return tls === undefined ? 'connect' : 'secureConnect';
}

/**
 * A far end that asks for one handshake after another takes the processor, some 2,000 times a
 * second.
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

/** Behind what waits for the connection: an alarm is sent before certificates are looked at. */
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
    // The host is what the certificate is held against where it is an address.
    return connectTls(over === undefined ? { ...to, ...options } : { host, socket: over, ...options });
  } catch (error) {
    // OpenSSL can't read our certificate, its key or the authority's.
    return new Socket().destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
