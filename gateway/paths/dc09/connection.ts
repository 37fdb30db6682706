import type { Socket } from 'node:net';
import { Dc09Scanner } from '../../../protocol/dc09/scanner.ts';
import type { FailureReason } from '../../core/report.ts';
import { ConnectionTap } from '../../recording/connection-tap.ts';
import type { WireTap } from '../../recording/wire-tap.ts';
import { connectionFault } from '../connection-fault.ts';
import { type DialTarget, dial, openEvent } from '../dial.ts';

export interface ConnectionListener {
  opened(connection: Connection): void;
  frame(connection: Connection, frame: Uint8Array): void;
  /** Once, unless `destroy` was called; the connection is dead when it arrives. */
  closed(connection: Connection, reason: FailureReason, detail: string): void;
  /** Nothing was sent or received for the given time. */
  quiet(connection: Connection): void;
}

interface Endpoint extends DialTarget {
  readonly connectTimeoutMs: number;
  readonly quietMs: number;
  /** Default: TCP or TLS to `address` and `port`. */
  readonly dial?: () => Socket;
  readonly tap?: WireTap | undefined;
}

/**
 * One TCP or TLS connection to a receiver, from the attempt to open it to its end. Never throws,
 * never emits an unhandled error.
 */
export class Connection {
  readonly address: string;
  readonly #endpoint: Endpoint;
  readonly #socket: Socket;
  readonly #listener: ConnectionListener;
  readonly #scanner = new Dc09Scanner();
  readonly #tap: ConnectionTap;
  readonly #connectTimer: NodeJS.Timeout;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #heard = false;

  constructor(endpoint: Endpoint, listener: ConnectionListener) {
    this.address = endpoint.address;
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#tap = new ConnectionTap(endpoint.tap);
    this.#connectTimer = setTimeout(() => this.#tookTooLong(), endpoint.connectTimeoutMs);
    this.#socket = endpoint.dial?.() ?? dial(endpoint);
    this.#socket.on(openEvent(endpoint), () => this.#opened());
    this.#socket.on('data', (bytes) => this.#received(bytes));
    this.#socket.on('timeout', () => this.#listener.quiet(this));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#socket.on('close', () => this.#close('closed', 'the connection was closed'));
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  /**
   * Hands a whole frame to the operating system before it returns: one frame, one write (receivers
   * refuse split frames).
   */
  write(frame: Uint8Array): void {
    this.#socket.write(frame);
    this.#tap.bytes('out', frame);
  }

  /** Ends the connection at once. The listener gets no event. */
  destroy(): void {
    this.#state = 'closed';
    this.#tap.closed();
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
    this.#tap.opened();
    this.#socket.setTimeout(this.#endpoint.quietMs);
    this.#listener.opened(this);
  }

  #received(bytes: Uint8Array): void {
    this.#heard = true;
    this.#tap.bytes('in', bytes);
    for (const frame of this.#scanner.push(bytes)) {
      if (this.#state !== 'open') return;
      this.#listener.frame(this, frame);
    }
    const unended = this.#state === 'open' ? this.#scanner.takeUnended() : undefined;
    if (unended !== undefined) this.#listener.frame(this, unended);
  }

  #ended(): void {
    if (this.#scanner.pending > 0) this.#close('protocolError', 'the receiver closed in the middle of its answer');
    else if (this.#endpoint.tls === undefined || this.#heard)
      this.#close('closed', 'the receiver closed the connection');
    // Many receivers check our certificate after the handshake, and say nothing.
    else
      this.#close(
        'closed',
        'the receiver closed the connection after the TLS handshake: does it know our certificate?',
      );
  }

  #failed(error: NodeJS.ErrnoException): void {
    const { reason, detail } = connectionFault(error, { ...this.#endpoint, open: this.open });
    this.#close(reason, detail);
  }

  #close(reason: FailureReason, detail: string): void {
    if (this.#state === 'closed') return;
    this.destroy();
    this.#listener.closed(this, reason, detail);
  }
}
