import { connect, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Dc09Scanner } from '../../../protocol/dc09/scanner.ts';
import type { FailureReason } from '../../core/report.ts';
import { type TlsSettings, tlsOptions } from '../tls-settings.ts';
import { unreachableDetail } from './local-address.ts';
import { tlsFault } from './tls-fault.ts';

export interface ConnectionListener {
  opened(connection: Connection): void;
  frame(connection: Connection, frame: Uint8Array): void;
  /** Once, unless `destroy` was called; the connection is dead when it arrives. */
  closed(connection: Connection, reason: FailureReason, detail: string): void;
  /** Nothing was sent or received for the time given. */
  quiet(connection: Connection): void;
}

export interface Endpoint {
  /** Literal IPv4 or IPv6 address. */
  readonly address: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
  readonly quietMs: number;
  /** As configured: what the certificate is for unless `tls` names another. */
  readonly host: string;
  readonly localAddress?: string;
  readonly tls?: TlsSettings;
  /** Default: TCP or TLS to `address` and `port`. */
  readonly dial?: () => Socket;
}

/** Probes of the operating system that find a peer that vanished while nothing is sent. */
const KEEPALIVE_MS = 30_000;

/** One TCP or TLS connection to a receiver, from the attempt to open it to its end. Never throws, never emits an unhandled error. */
export class Connection {
  readonly address: string;
  readonly #endpoint: Endpoint;
  readonly #socket: Socket;
  readonly #listener: ConnectionListener;
  readonly #scanner = new Dc09Scanner();
  readonly #connectTimer: NodeJS.Timeout;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #heard = false;

  constructor(endpoint: Endpoint, listener: ConnectionListener) {
    this.address = endpoint.address;
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#connectTimer = setTimeout(() => this.#tookTooLong(), endpoint.connectTimeoutMs);
    this.#socket = endpoint.dial?.() ?? dial(endpoint);
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, KEEPALIVE_MS);
    this.#socket.on(endpoint.tls === undefined ? 'connect' : 'secureConnect', () => this.#opened());
    this.#socket.on('data', (bytes) => this.#received(bytes));
    this.#socket.on('timeout', () => this.#listener.quiet(this));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#socket.on('close', () => this.#close('closed', 'the connection was closed'));
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  /** Hands a whole frame to the operating system before it returns: one frame, one write (receivers refuse split frames). */
  write(frame: Uint8Array): void {
    this.#socket.write(frame);
  }

  /** Ends the connection at once; the listener hears nothing of it. */
  destroy(): void {
    this.#state = 'closed';
    clearTimeout(this.#connectTimer);
    this.#socket.destroy();
  }

  #tookTooLong(): void {
    const { address, port, connectTimeoutMs } = this.#endpoint;
    const what = this.#socket.connecting ? 'the connection request' : 'the TLS handshake';
    this.#close('unreachable', `no answer from ${address}:${port} to ${what} in ${connectTimeoutMs} ms`);
  }

  #opened(): void {
    if (this.#state !== 'connecting') return;
    clearTimeout(this.#connectTimer);
    this.#state = 'open';
    this.#socket.setTimeout(this.#endpoint.quietMs);
    this.#listener.opened(this);
  }

  #received(bytes: Uint8Array): void {
    this.#heard = true;
    for (const frame of this.#scanner.push(bytes)) {
      if (this.#state !== 'open') return;
      this.#listener.frame(this, frame);
    }
  }

  #ended(): void {
    if (this.#scanner.pending > 0) this.#close('protocolError', 'the receiver closed in the middle of its answer');
    else if (this.#endpoint.tls === undefined || this.#heard)
      this.#close('closed', 'the receiver closed the connection');
    // Many receivers judge our certificate after the handshake, and say nothing.
    else
      this.#close(
        'closed',
        'the receiver closed the connection after the TLS handshake: does it know our certificate?',
      );
  }

  #failed(error: NodeJS.ErrnoException): void {
    const code = error.code ?? error.message;
    const { address, localAddress, tls } = this.#endpoint;
    const fault = tls && tlsFault(code);
    // With TLS 1.3 a receiver says only after the handshake that it does not accept us.
    if (fault !== undefined) this.#close('refused', `${address}: ${fault}`);
    else if (this.#state === 'open') this.#close('closed', `the connection broke (${code})`);
    else if (code === 'ECONNREFUSED' || code === 'ECONNRESET') {
      this.#close('refused', `${address} refused the connection`);
    } else this.#close('unreachable', unreachableDetail(address, localAddress, code));
  }

  #close(reason: FailureReason, detail: string): void {
    if (this.#state === 'closed') return;
    this.destroy();
    this.#listener.closed(this, reason, detail);
  }
}

function dial(endpoint: Endpoint): Socket {
  const { address, port, localAddress, tls, host } = endpoint;
  const to = { host: address, port, ...(localAddress !== undefined && { localAddress }) };
  if (tls === undefined) return connect(to);
  try {
    return connectTls({ ...to, ...tlsOptions(tls, host) });
  } catch (error) {
    // OpenSSL can't read our certificate, its key or the authority's: told like any other failure to connect.
    return new Socket().destroy(error as Error);
  }
}
