import { connect, type Socket } from 'node:net';
import { Dc09Scanner } from '../../../protocol/dc09/scanner.ts';
import type { FailureReason } from '../../core/report.ts';

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
  /** Default: TCP to `address` and `port`. */
  readonly dial?: () => Socket;
}

/** Probes of the operating system that find a peer that vanished while nothing is sent. */
const KEEPALIVE_MS = 30_000;

/** One TCP connection to a receiver, from the attempt to open it to its end. Never throws, never emits an unhandled error. */
export class Connection {
  readonly address: string;
  readonly #socket: Socket;
  readonly #listener: ConnectionListener;
  readonly #scanner = new Dc09Scanner();
  readonly #connectTimer: NodeJS.Timeout;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';

  constructor(endpoint: Endpoint, listener: ConnectionListener) {
    const { address, port, connectTimeoutMs, quietMs, dial } = endpoint;
    this.address = address;
    this.#listener = listener;
    this.#connectTimer = setTimeout(
      () =>
        this.#close(
          'unreachable',
          `no answer from ${address}:${port} to the connection request in ${connectTimeoutMs} ms`,
        ),
      connectTimeoutMs,
    );
    const tcp = { host: address, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS };
    this.#socket = dial?.() ?? connect(tcp);
    this.#socket.on('connect', () => this.#opened(quietMs));
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

  #opened(quietMs: number): void {
    if (this.#state !== 'connecting') return;
    clearTimeout(this.#connectTimer);
    this.#state = 'open';
    this.#socket.setTimeout(quietMs);
    this.#listener.opened(this);
  }

  #received(bytes: Uint8Array): void {
    for (const frame of this.#scanner.push(bytes)) {
      if (this.#state !== 'open') return;
      this.#listener.frame(this, frame);
    }
  }

  #ended(): void {
    if (this.#scanner.pending > 0) this.#close('protocolError', 'the receiver closed in the middle of its answer');
    else this.#close('closed', 'the receiver closed the connection');
  }

  #failed(error: NodeJS.ErrnoException): void {
    const code = error.code ?? error.message;
    if (this.#state === 'open') this.#close('closed', `the connection broke (${code})`);
    else if (code === 'ECONNREFUSED' || code === 'ECONNRESET') {
      this.#close('refused', `${this.address} refused the connection`);
    } else this.#close('unreachable', `${this.address} can't be reached (${code})`);
  }

  #close(reason: FailureReason, detail: string): void {
    if (this.#state === 'closed') return;
    this.destroy();
    this.#listener.closed(this, reason, detail);
  }
}
