import { after, type WallMs } from '../../../protocol/clocks.ts';
import { framesOfDatagram } from '../../../protocol/dc09/scanner.ts';
import type { Attempt, FailureReason, Outcome } from '../../core/report.ts';
import { Addresses } from '../../names/addresses.ts';
import type { Names } from '../../names/names.ts';
import { monoMs } from '../../system/clock.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { SoonOutcomes } from '../soon-outcomes.ts';
import { interpretAnswer } from './answer.ts';
import { AttemptFrames } from './attempt-frame.ts';
import type { Dc09UdpSettings } from './settings.ts';
import { UdpSocket, type UdpSocketListener } from './udp-socket.ts';

interface Dc09UdpServices extends Names {
  /** This machine's wall clock, ms since 1970 UTC. */
  nowWallMs(): WallMs;
}

/** What is under way on a socket. */
interface Exchange {
  readonly attempt: Attempt;
  /** Absent: the socket is not open yet. */
  frame?: Uint8Array;
  /** The time stamp on it, ms since 1970 UTC. */
  stampMs: WallMs;
  timer?: NodeJS.Timeout;
  resent: boolean;
  /** An answer that proves nothing came before the last sending. */
  doubted: 'never' | 'sinceLastSending' | 'before';
}

/** Receivers refuse frames more than 40 s old (DC-09 §5.5.1.9). The transit takes some of that. */
const STAMP_LASTS_MS = 35_000;

/**
 * DC-09 over UDP as premises equipment.
 *
 * One frame is under way on each socket, and each socket has a port of its own. The driver gives
 * the port up when a later answer to an earlier frame could still arrive there. A NAK names no
 * frame (sequence 0000, account A0). With several frames under way from one port it could mean any
 * of them, and a second NAK to a repeated datagram would hit the repeat. So the port where it
 * arrives identifies the frame.
 */
export function createDc09UdpDriver(settings: Dc09UdpSettings, sink: PathSink, services: Dc09UdpServices): PathDriver {
  return new Dc09UdpDriver(settings, sink, services);
}

class Dc09UdpDriver implements PathDriver, UdpSocketListener {
  readonly id: string;
  readonly #settings: Dc09UdpSettings;
  readonly #sink: PathSink;
  readonly #services: Dc09UdpServices;
  readonly #addresses: Addresses;
  readonly #frames: AttemptFrames;
  readonly #soon: SoonOutcomes;
  /** Every socket, the one that answered last at the end; `undefined`: idle. */
  readonly #sockets = new Map<UdpSocket, Exchange | undefined>();
  /** Sequence number of the last answer at each socket. The second of two answers has it too. */
  readonly #answered = new WeakMap<UdpSocket, readonly number[]>();
  #running = false;

  constructor(settings: Dc09UdpSettings, sink: PathSink, services: Dc09UdpServices) {
    this.id = settings.id;
    this.#settings = settings;
    this.#sink = sink;
    this.#services = services;
    this.#frames = new AttemptFrames(settings);
    this.#soon = new SoonOutcomes((attempt, outcome) => sink.outcome(settings.id, attempt, outcome));
    this.#addresses = new Addresses(settings, services, () => this.#replenish());
  }

  start(): void {
    this.#running = true;
    this.#addresses.start();
    this.#replenish();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#addresses.stop();
    this.#soon.clear();
    for (const socket of this.#sockets.keys()) this.#drop(socket);
    // The sockets' handles are closed in the event loop's next turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  send(attempt: Attempt): void {
    if (!this.#running) return;
    const address = this.#addresses.current;
    if (address === undefined) {
      this.#soon.fail(attempt.attempt, 'noAddress', this.#addresses.missing);
      return;
    }
    const exchange: Exchange = { attempt, stampMs: this.#services.nowWallMs(), resent: false, doubted: 'never' };
    const socket = this.#idle(address) ?? this.#open(address);
    this.#sockets.set(socket, exchange);
    if (socket.open) this.#transmit(socket, exchange);
    if (this.#sockets.size < this.#settings.inFlight) this.#replenish();
  }

  abandon(attempt: number): void {
    this.#soon.drop(attempt);
    for (const [socket, exchange] of this.#sockets) {
      if (exchange?.attempt.attempt !== attempt) continue;
      this.#drop(socket);
      if (exchange.resent) this.#suspect(socket);
    }
    this.#replenish();
  }

  opened(socket: UdpSocket): void {
    const exchange = this.#sockets.get(socket);
    if (exchange !== undefined) this.#transmit(socket, exchange);
  }

  datagram(socket: UdpSocket, datagram: Uint8Array): void {
    for (const frame of framesOfDatagram(datagram)) {
      const exchange = this.#sockets.get(socket);
      // No frame waits for this answer: it is the second of two.
      if (exchange?.frame === undefined) return;
      const { attempt, stampMs } = exchange;
      const expected = this.#frames.expected(attempt, stampMs, this.#answered.get(socket) ?? []);
      const outcome = interpretAnswer(frame, expected);
      if (outcome?.type === 'failed') this.#doubt(socket, exchange, outcome);
      else if (outcome !== undefined) this.#settle(socket, exchange, outcome);
    }
  }

  failed(socket: UdpSocket, reason: FailureReason, detail: string): void {
    const exchange = this.#sockets.get(socket);
    this.#drop(socket);
    this.#suspect(socket);
    // No socket replaces it: if this one could not be opened, neither could the next. The next
    // attempt opens one, which takes no time.
    if (exchange !== undefined)
      this.#sink.outcome(this.id, exchange.attempt.attempt, { type: 'failed', reason, detail });
  }

  /**
   * Anyone can send a datagram that looks like the receiver's, so an answer without proof ends
   * nothing: the true answer may follow. If the repeat gets no better answer, the receiver itself
   * answers that way, and the reason is worth reporting.
   */
  #doubt(socket: UdpSocket, exchange: Exchange, outcome: Outcome): void {
    if (exchange.doubted === 'before') this.#settle(socket, exchange, outcome);
    else exchange.doubted = 'sinceLastSending';
  }

  #settle(socket: UdpSocket, exchange: Exchange, outcome: Outcome): void {
    clearInterval(exchange.timer);
    this.#sockets.delete(socket);
    // A frame that was sent once and answered is over. A frame that was sent twice, or refused with
    // a NAK, which some receivers send twice, may get more answers.
    const over = !exchange.resent && outcome.type !== 'wrongTime' && outcome.type !== 'failed';
    if (over && this.#sockets.size < this.#settings.inFlight) {
      this.#sockets.set(socket, undefined);
      this.#answered.set(socket, [exchange.attempt.report === undefined ? 0 : exchange.attempt.sequence]);
    } else socket.close();
    this.#replenish();
    this.#sink.outcome(this.id, exchange.attempt.attempt, outcome);
  }

  #transmit(socket: UdpSocket, exchange: Exchange): void {
    const { attempt } = exchange;
    let frame: Uint8Array;
    try {
      frame = this.#stamped(exchange);
    } catch (error) {
      this.#sockets.set(socket, undefined);
      this.#soon.fail(attempt.attempt, 'protocolError', `the message can't be coded: ${String(error)}`);
      return;
    }
    const atMs = monoMs();
    socket.write(frame, () => {
      if (this.#sockets.get(socket) === exchange) this.#sink.sent(this.id, attempt.attempt, atMs);
    });
    exchange.timer = setInterval(() => this.#resend(socket, exchange), this.#settings.resendMs);
  }

  /**
   * Sends the same frame again, because either the frame or its answer may be lost. The receiver
   * recognises it by its sequence number.
   */
  #resend(socket: UdpSocket, exchange: Exchange): void {
    exchange.resent = true;
    if (exchange.doubted === 'sinceLastSending') exchange.doubted = 'before';
    socket.write(this.#stamped(exchange));
  }

  /** Its frame, encoded again once its time stamp is too old. */
  #stamped(exchange: Exchange): Uint8Array {
    const stampMs = after(this.#services.nowWallMs(), exchange.attempt.clockOffsetMs);
    if (exchange.frame !== undefined && Math.abs(stampMs - exchange.stampMs) <= STAMP_LASTS_MS) return exchange.frame;
    exchange.stampMs = stampMs;
    exchange.frame = this.#frames.encode(exchange.attempt, stampMs);
    return exchange.frame;
  }

  /**
   * An idle socket to that address. Routers on the way are likeliest to let the one through that
   * answered last.
   */
  #idle(address: string): UdpSocket | undefined {
    let best: UdpSocket | undefined;
    for (const [socket, exchange] of this.#sockets) {
      if (exchange !== undefined) continue;
      // The host's address has changed.
      if (socket.address !== address) this.#drop(socket);
      else if (socket.open || best === undefined) best = socket;
    }
    return best;
  }

  #open(address: string): UdpSocket {
    const socket = new UdpSocket({ ...this.#settings, address, tap: this.#sink.tap }, this);
    this.#sockets.set(socket, undefined);
    return socket;
  }

  /** Keeps one socket ready for the next press. */
  #replenish(): void {
    const address = this.#addresses.current;
    if (this.#running && address !== undefined && this.#idle(address) === undefined) this.#open(address);
  }

  #drop(socket: UdpSocket): void {
    clearInterval(this.#sockets.get(socket)?.timer);
    this.#sockets.delete(socket);
    socket.close();
  }

  /**
   * No answer came from there. The host may have moved. A socket keeps the route it was opened
   * with, as a router on the way keeps the port it assigned, so the ready socket is in doubt as
   * well.
   */
  #suspect(socket: UdpSocket): void {
    this.#addresses.failed(socket.address);
    for (const [other, exchange] of this.#sockets) if (exchange === undefined) this.#drop(other);
  }
}
