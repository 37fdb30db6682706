import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import {
  encodeSip,
  replyTo,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../../../protocol/sip/message.ts';
import { type SipPiece, SipStream } from '../../../protocol/sip/stream.ts';
import { monoMs } from '../../clock.ts';
import type { FailureReason } from '../../core/report.ts';

export interface SipConnectionListener {
  opened(connection: SipConnection): void;
  response(connection: SipConnection, response: SipResponse): void;
  /** Once, unless `destroy` was called; the connection is dead when it arrives. */
  closed(connection: SipConnection, reason: FailureReason, detail: string): void;
}

export interface SipEndpoint {
  /** Literal IPv4 or IPv6 address. */
  readonly address: string;
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: ConnectionOptions;
  readonly localAddress?: string;
  /** For TCP and TLS together. */
  readonly connectTimeoutMs: number;
}

/** Probes of the operating system that find a peer that vanished while nothing is sent. */
const KEEPALIVE_MS = 30_000;
/** A far end that asks and does not read our answers is no far end. */
const MOST_UNREAD = 262_144;

/** One connection to a proxy or receiver, from the attempt to open it to its end. Never throws, never emits an unhandled error. */
export class SipConnection {
  readonly address: string;
  readonly #socket: Socket;
  readonly #listener: SipConnectionListener;
  readonly #stream = new SipStream();
  readonly #connectTimer: NodeJS.Timeout;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #heardMs = 0;
  #replies = 0;

  constructor({ address, port, tls, localAddress, connectTimeoutMs }: SipEndpoint, listener: SipConnectionListener) {
    this.address = address;
    this.#listener = listener;
    this.#connectTimer = setTimeout(
      () => this.#close('unreachable', `no connection to ${address}:${port} in ${connectTimeoutMs} ms`),
      connectTimeoutMs,
    );
    const tcp = { host: address, port, ...(localAddress === undefined ? {} : { localAddress }) };
    this.#socket = tls === undefined ? connect(tcp) : connectTls({ ...tls, ...tcp });
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, KEEPALIVE_MS);
    this.#socket.on(tls === undefined ? 'connect' : 'secureConnect', () => this.#opened());
    this.#socket.on('data', (bytes) => this.#received(bytes));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#socket.on('close', () => this.#close('closed', 'the connection was closed'));
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  /** Monotonic ms of the last whole message; while half of one is there, the far end counts as silent. */
  get heardMs(): number {
    return this.#stream.pending > 0 ? 0 : this.#heardMs;
  }

  /** `127.0.0.1:40312`: where the far end sees us. */
  get sentBy(): string {
    const { localAddress = '0.0.0.0', localPort = 0 } = this.#socket;
    return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
  }

  /** Hands a whole message to the operating system before it returns. */
  write(message: SipMessage): void {
    this.#socket.write(encodeSip(message));
  }

  /** Ends the connection at once; the listener hears nothing of it. */
  destroy(): void {
    this.#state = 'closed';
    clearTimeout(this.#connectTimer);
    this.#socket.destroy();
  }

  #opened(): void {
    if (this.#state !== 'connecting') return;
    clearTimeout(this.#connectTimer);
    this.#state = 'open';
    this.#listener.opened(this);
  }

  #received(bytes: Uint8Array): void {
    for (const piece of this.#stream.push(bytes)) {
      if (this.#state !== 'open') return;
      this.#heardMs = monoMs();
      this.#take(piece);
    }
    if (this.#socket.writableLength > MOST_UNREAD)
      this.#close('protocolError', 'it asks and does not read our answers');
  }

  #take(piece: SipPiece): void {
    if (piece.type === 'broken') this.#close('protocolError', `what came is no answer (${piece.why})`);
    else if (piece.type === 'ping') this.#socket.write('\r\n');
    else if (piece.message.type === 'response') this.#listener.response(this, piece.message);
    else this.#answer(piece.message);
  }

  /** So that a proxy which asks whether we live does not drop the connection. We do nothing else for others. */
  #answer(request: SipRequest): void {
    // An ACK is never answered (RFC 3261 §17.1.1.3).
    if (request.method === 'ACK') return;
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
    const code = error.code ?? error.message;
    if (this.#state === 'open') this.#close('closed', `the connection broke (${code})`);
    else if (isAboutTrust(code)) {
      this.#close('refused', `${this.address} did not prove who it is (${code}): check ca and serverName under tls`);
    } else if (code === 'ECONNREFUSED' || code === 'ECONNRESET') {
      this.#close('refused', `${this.address} refused the connection`);
    } else this.#close('unreachable', `${this.address} can't be reached (${code})`);
  }

  #close(reason: FailureReason, detail: string): void {
    if (this.#state === 'closed') return;
    this.destroy();
    this.#listener.closed(this, reason, detail);
  }
}

/** OpenSSL's verdicts about a certificate, and Node's about the name in it. */
function isAboutTrust(code: string): boolean {
  return /CERT|SIGNATURE|ALTNAME/.test(code);
}
