import type { Socket } from 'node:net';
import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import {
  encodeSip,
  headerValue,
  replyTo,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../../../protocol/sip/message.ts';
import { type SipPiece, SipStream } from '../../../protocol/sip/stream.ts';
import type { FailureReason } from '../../core/report.ts';
import { ConnectionTap } from '../../recording/connection-tap.ts';
import { sipFrame } from '../../recording/http-frames.ts';
import type { WireTap } from '../../recording/wire-tap.ts';
import { monoMs } from '../../system/clock.ts';
import { connectionFault } from '../connection-fault.ts';
import { type DialTarget, dial, openEvent } from '../dial.ts';

export interface SipConnectionListener {
  opened(connection: SipConnection): void;
  response(connection: SipConnection, response: SipResponse): void;
  /** Once, unless `destroy` was called; the connection is dead when it arrives. */
  closed(connection: SipConnection, reason: FailureReason, detail: string): void;
}

interface SipEndpoint extends DialTarget {
  /** For TCP and TLS together. */
  readonly connectTimeoutMs: number;
  readonly tap?: WireTap | undefined;
}

/** A far end that sends this many requests and does not read our answers is dropped. */
const UNREAD_BYTES_MAX = 262_144;

/**
 * One connection to a proxy or receiver, from the attempt to open it to its end. Never throws,
 * never emits an unhandled error.
 */
export class SipConnection {
  readonly address: string;
  readonly #endpoint: SipEndpoint;
  readonly #socket: Socket;
  readonly #listener: SipConnectionListener;
  readonly #stream = new SipStream();
  readonly #tap: ConnectionTap;
  readonly #connectTimer: NodeJS.Timeout;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #heardMs = LONG_AGO_MS;
  #replies = 0;

  constructor(endpoint: SipEndpoint, listener: SipConnectionListener) {
    const { address, port, connectTimeoutMs } = endpoint;
    this.address = address;
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#tap = new ConnectionTap(endpoint.tap);
    this.#connectTimer = setTimeout(
      () => this.#close('unreachable', `no connection to ${address}:${port} in ${connectTimeoutMs} ms`),
      connectTimeoutMs,
    );
    this.#socket = dial(endpoint);
    this.#socket.on(openEvent(endpoint), () => this.#opened());
    this.#socket.on('data', (bytes) => this.#received(bytes));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#socket.on('close', () => this.#close('closed', 'the connection was closed'));
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  /**
   * Monotonic ms of the last whole response. A far end that stops in the middle of a message counts
   * as silent. Pings and requests do not count: a program that keeps a connection alive may have no
   * receiver behind it.
   */
  get heardMs(): MonoMs {
    return this.#stream.pending > 0 ? LONG_AGO_MS : this.#heardMs;
  }

  /** `127.0.0.1:40312`: our end, as the far end sees it. */
  get sentBy(): string {
    const { localAddress = '0.0.0.0', localPort = 0 } = this.#socket;
    // Without the interface, which has no meaning for others (RFC 4007 §11.2).
    const address = localAddress.replace(/%.*$/, '');
    return `${address.includes(':') ? `[${address}]` : address}:${localPort}`;
  }

  /** Hands a whole message to the operating system before it returns. */
  write(message: SipMessage): void {
    this.#socket.write(encodeSip(message));
    this.#tap.message('out', () => sipFrame(message));
  }

  /** Ends the connection at once. The listener gets no event. */
  destroy(): void {
    this.#state = 'closed';
    this.#tap.closed();
    clearTimeout(this.#connectTimer);
    this.#socket.destroy();
  }

  #opened(): void {
    if (this.#state !== 'connecting') return;
    clearTimeout(this.#connectTimer);
    this.#state = 'open';
    this.#tap.opened();
    this.#listener.opened(this);
  }

  #received(bytes: Uint8Array): void {
    let pinged = false;
    for (const piece of this.#stream.push(bytes)) {
      if (this.#state !== 'open') return;
      if (piece.type === 'ping') pinged = true;
      else this.#take(piece);
    }
    // One answer for all pings of a segment: a write for each would let a flood of them hold up the
    // gateway.
    if (pinged) this.#socket.write('\r\n');
    if (this.#socket.writableLength > UNREAD_BYTES_MAX)
      this.#close('protocolError', 'it asks and does not read our answers');
  }

  #take(piece: Exclude<SipPiece, { type: 'ping' }>): void {
    if (piece.type === 'message') this.#tap.message('in', () => sipFrame(piece.message));
    if (piece.type === 'broken') this.#close('protocolError', `what came is no answer (${piece.why})`);
    else if (piece.message.type === 'response') {
      this.#heardMs = monoMs();
      this.#listener.response(this, piece.message);
    } else this.#answer(piece.message);
  }

  /**
   * Answers a proxy that checks whether we are alive, so that it keeps the connection. We serve
   * nothing else.
   */
  #answer(request: SipRequest): void {
    // An ACK is never answered (RFC 3261 §17.1.1.3).
    if (request.method === 'ACK') return;
    // Our own answer could come back, and would be taken for the far end's.
    if (headerValue(request, 'Via')?.includes(` ${this.sentBy};`) === true) {
      this.#close('protocolError', 'our own message came back: what is there is no SIP server; check host and port');
      return;
    }
    this.#replies += 1;
    const [status, reason] =
      request.method === 'OPTIONS' ? ([200, 'OK'] as const) : ([405, 'Method Not Allowed'] as const);
    this.write(replyTo(request, status, reason, `r${this.#replies}`, [{ name: 'Allow', value: 'OPTIONS' }]));
  }

  #ended(): void {
    if (this.#stream.pending > 0) this.#close('protocolError', 'the far end closed in the middle of its answer');
    else this.#close('closed', 'the far end closed the connection');
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
