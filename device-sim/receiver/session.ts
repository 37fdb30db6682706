import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Dc09Scanner } from '../../protocol/dc09/scanner.ts';
import { drip } from '../drip.ts';
import type { ReceiverBehaviour } from './behaviour.ts';
import { spoil } from './spoiled-answer.ts';
import { encodeVerdict, type Verdict } from './verdict.ts';

/** What a session, or the UDP port, needs of its receiver. */
export interface SessionHost {
  behaviour(): ReceiverBehaviour;
  /** Returns true if the receiver reads this connection, where it reads only one. */
  reads(session: Session): boolean;
  /** Counts bytes that have come, whether they are answered or not. */
  arrived(): void;
  /**
   * Decides about a frame and records its events. `firstByteMs` is the monotonic ms of its first
   * byte.
   */
  take(frame: Uint8Array, firstByteMs: number): Verdict;
  nowWallMs(): number;
  ended(session: Session): void;
  failed(error: Error): void;
}

/** One connection at the receiver. */
export class Session {
  readonly #socket: Socket;
  readonly #host: SessionHost;
  readonly #scanner = new Dc09Scanner();
  readonly #timers = new Set<NodeJS.Timeout>();
  #frameBeganMs = 0;
  #frames = 0;

  constructor(socket: Socket, host: SessionHost) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('timeout', () => socket.end());
    // The sender may reset the connection. The receiver reports that to its listeners and goes on.
    socket.on('error', (error) => host.failed(error));
    socket.on('close', () => this.#closed());
  }

  /** Applies the part of the receiver's behaviour that concerns the connection itself. */
  adapt(): void {
    const behaviour = this.#host.behaviour();
    this.#socket.setTimeout(behaviour.type === 'idleClose' ? behaviour.ms : 0);
    if (behaviour.type === 'vanish' || !this.#host.reads(this)) this.#socket.pause();
    else this.#socket.resume();
  }

  reset(): void {
    // Only a TCP connection without TLS can be reset.
    if (this.#socket instanceof TLSSocket) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  #closed(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#host.ended(this);
  }

  #received(bytes: Uint8Array): void {
    const nowMs = Number(process.hrtime.bigint()) / 1e6;
    const behaviour = this.#host.behaviour();
    this.#host.arrived();
    // Bytes after the close are never read.
    if (this.#socket.writableEnded || (behaviour.type === 'firstFrameOnly' && this.#frames > 0)) return;
    if (behaviour.type === 'closeMidFrame') this.reset();
    if (behaviour.type === 'hang' || behaviour.type === 'closeMidFrame') return;
    const begun = this.#scanner.pending > 0;
    const frames = this.#scanner.push(bytes);
    this.#frames += frames.length;
    frames.forEach((frame, index) => {
      this.#answer(this.#host.take(frame, begun && index === 0 ? this.#frameBeganMs : nowMs));
    });
    if (!begun || frames.length > 0) this.#frameBeganMs = nowMs;
  }

  #answer(verdict: Verdict): void {
    const nowWallMs = this.#host.nowWallMs();
    const proper = encodeVerdict(verdict, nowWallMs);
    if (proper === undefined) return;
    const behaviour = this.#host.behaviour();
    const bytes = spoil(behaviour, proper, verdict, nowWallMs);
    if (behaviour.type === 'drip') drip(this.#socket, '\n00000000"ACK"', behaviour.ms);
    else if (behaviour.type === 'delay') this.#later(() => this.#write(bytes), behaviour.ms);
    else if (CLOSING.has(behaviour.type)) this.#socket.end(bytes);
    else this.#write(bytes);
    if (behaviour.type === 'ackTwice') this.#later(() => this.#write(bytes), 1);
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #later(action: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

const CLOSING: ReadonlySet<ReceiverBehaviour['type']> = new Set([
  'halfFrameThenClose',
  'closeBeforeAnswering',
  'closeAfterAck',
]);
