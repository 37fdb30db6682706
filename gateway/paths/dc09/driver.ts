import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSealer, type Sealer } from '../../../protocol/dc09/sealer.ts';
import type { Attempt, FailureReason } from '../../core/report.ts';
import { Addresses } from '../../names/addresses.ts';
import type { Names } from '../../names/names.ts';
import { monoMs } from '../../system/clock.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { SoonOutcomes } from '../soon-outcomes.ts';
import { opensslAesCbc } from './aes-cbc.ts';
import { type Expected, judgeAnswer } from './answer.ts';
import { encodeAttempt, expectedAnswer } from './attempt-frame.ts';
import { Connection, type ConnectionListener } from './connection.ts';
import { SealedAnswers } from './sealed-answers.ts';
import type { Dc09Settings } from './settings.ts';

export interface Dc09Services extends Names {
  /** This machine's wall clock, ms since 1970 UTC. */
  nowWallMs(): number;
  /** Default: TCP. */
  readonly dial?: () => Socket;
}

/** A connection and what is under way on it. */
interface Link {
  exchange?: { readonly attempt: number; readonly expected: Expected };
  /** Monotonic ms of the receiver's last answer on this connection, or of its opening. */
  provenMs: number;
  /** The receiver has answered on it. */
  answered: boolean;
}

const RECONNECT_MIN_MS = 1_000;
const RECONNECT_MAX_MS = 30_000;
/** A connection beyond the standing one is closed after so long without traffic: nothing proves it still works. */
const SURPLUS_QUIET_MS = 60_000;
/** A receiver that holds one connection and refuses a further one is not asked for another so soon. */
const SURPLUS_HOLD_MS = 1_000;
/** A receiver that closes after each answer does so within this time of it. */
const CLOSE_AFTER_ANSWER_MS = 1_000;

/** DC-09 over TCP as premises equipment: the gateway connects, the receiver answers each frame. */
export function createDc09Driver(settings: Dc09Settings, sink: PathSink, services: Dc09Services): PathDriver {
  return new Dc09Driver(settings, sink, services);
}

class Dc09Driver implements PathDriver, ConnectionListener {
  readonly id: string;
  readonly #settings: Dc09Settings;
  readonly #sink: PathSink;
  readonly #services: Dc09Services;
  readonly #addresses: Addresses;
  readonly #sealer: Sealer | undefined;
  readonly #links = new Map<Connection, Link>();
  /** Waiting for a connection, oldest first. */
  readonly #queue: Attempt[] = [];
  readonly #believed = new SealedAnswers();
  readonly #soon: SoonOutcomes;
  #reconnectMs = RECONNECT_MIN_MS;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #holdSurplusUntilMs = 0;
  /**
   * The receiver was seen to close right after an answer: what is written before its close arrives is lost, so a connection that has
   * just answered is not used. One that outlives its answer and answers again proves the contrary.
   */
  #closesAfterAnswer = false;
  #running = false;

  constructor(settings: Dc09Settings, sink: PathSink, services: Dc09Services) {
    this.id = settings.id;
    this.#settings = settings;
    this.#sink = sink;
    this.#services = services;
    this.#sealer = settings.key === undefined ? undefined : createSealer(opensslAesCbc, settings.key, randomBytes);
    this.#soon = new SoonOutcomes((attempt, outcome) => sink.outcome(settings.id, attempt, outcome));
    this.#addresses = new Addresses(settings, services, () => this.#open());
  }

  start(): void {
    this.#running = true;
    this.#addresses.start();
    this.#open();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#addresses.stop();
    this.#cancelReconnect();
    for (const connection of this.#links.keys()) connection.destroy();
    this.#soon.clear();
    this.#links.clear();
    this.#queue.length = 0;
    // The sockets' handles are closed in the event loop's next turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  send(attempt: Attempt): void {
    if (!this.#running) return;
    const idle = this.#bestIdle();
    if (idle !== undefined) this.#transmit(idle, attempt);
    else if (this.#addresses.current === undefined) {
      this.#soon.fail(attempt.attempt, 'noAddress', this.#addresses.missing);
    } else {
      this.#queue.push(attempt);
      this.#openForQueue();
    }
  }

  abandon(attempt: number): void {
    this.#soon.drop(attempt);
    const waiting = this.#queue.findIndex((queued) => queued.attempt === attempt);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    for (const [connection, link] of this.#links) {
      // A peer that let an attempt time out may be half open, and its late answer must not meet another frame.
      if (link.exchange?.attempt !== attempt) continue;
      // It was accepted and never answered on: another address of the host may do better.
      if (!link.answered) this.#addresses.failed(connection.address);
      this.#drop(connection);
    }
    this.#replenish();
  }

  opened(connection: Connection): void {
    const link = this.#links.get(connection);
    if (link !== undefined) link.provenMs = monoMs();
    this.#serveQueue();
  }

  frame(connection: Connection, frame: Uint8Array): void {
    const link = this.#links.get(connection);
    const exchange = link?.exchange;
    // An answer nobody waits for: the second of two, or one to another frame. Were ours never to come, the core's time-out fires.
    const outcome = exchange === undefined ? undefined : judgeAnswer(frame, exchange.expected);
    if (link === undefined || exchange === undefined || outcome === undefined) return;
    delete link.exchange;
    if (outcome.type !== 'failed') this.#proven(link);
    // A NAK names no frame, and some receivers send it twice: the second must not hit the repeat. A damaged answer means the
    // stream can't be trusted.
    if (outcome.type === 'wrongTime' || outcome.type === 'failed') this.#drop(connection);
    this.#serveQueue();
    this.#replenish();
    this.#sink.outcome(this.id, exchange.attempt, outcome);
  }

  closed(connection: Connection, reason: FailureReason, detail: string): void {
    const link = this.#links.get(connection);
    this.#links.delete(connection);
    if (link !== undefined && hasJustAnswered(link)) this.#closesAfterAnswer = true;
    const attempt = link?.exchange?.attempt ?? this.#attemptLostWith(connection, reason);
    this.#replenish();
    if (attempt !== undefined) this.#sink.outcome(this.id, attempt, { type: 'failed', reason, detail });
  }

  quiet(connection: Connection): void {
    const others = [...this.#links.keys()].some((other) => other !== connection && other.open);
    if (others && this.#links.get(connection)?.exchange === undefined) this.#drop(connection);
  }

  #proven(link: Link): void {
    if (link.answered) this.#closesAfterAnswer = false;
    link.answered = true;
    link.provenMs = monoMs();
    this.#reconnectMs = RECONNECT_MIN_MS;
    this.#cancelReconnect();
  }

  /**
   * A connection that could not be opened takes the oldest waiting attempt with it, unless another connection is there to serve it
   * later: some receivers accept one connection only.
   */
  #attemptLostWith(connection: Connection, reason: FailureReason): number | undefined {
    if (reason !== 'refused' && reason !== 'unreachable') return undefined;
    this.#addresses.failed(connection.address);
    if (this.#openCount() === 0) return this.#queue.shift()?.attempt;
    this.#holdSurplusUntilMs = monoMs() + SURPLUS_HOLD_MS;
    return undefined;
  }

  #transmit(connection: Connection, attempt: Attempt): void {
    const stampMs = this.#services.nowWallMs() + attempt.clockOffsetMs;
    let frame: Uint8Array;
    try {
      frame = encodeAttempt(this.#settings, attempt, stampMs, this.#sealer);
    } catch (error) {
      this.#soon.fail(attempt.attempt, 'protocolError', `the message can't be coded: ${String(error)}`);
      return;
    }
    const link = this.#links.get(connection);
    if (link === undefined) return;
    link.exchange = {
      attempt: attempt.attempt,
      expected: expectedAnswer(this.#settings, attempt, stampMs, this.#sealer, this.#believed),
    };
    connection.write(frame);
    this.#sink.sent(this.id, attempt.attempt, monoMs());
  }

  /** The idle connection that answered last: the likeliest to be alive, and the one that polls keep proving. */
  #bestIdle(): Connection | undefined {
    let best: Connection | undefined;
    let provenMs = Number.NEGATIVE_INFINITY;
    for (const [connection, link] of this.#links) {
      if (!connection.open || link.exchange !== undefined || link.provenMs <= provenMs) continue;
      if (this.#closesAfterAnswer && hasJustAnswered(link)) continue;
      best = connection;
      provenMs = link.provenMs;
    }
    return best;
  }

  #serveQueue(): void {
    while (this.#queue.length > 0) {
      const idle = this.#bestIdle();
      const attempt = idle === undefined ? undefined : this.#queue.shift();
      if (idle === undefined || attempt === undefined) return;
      this.#transmit(idle, attempt);
    }
  }

  /** Connections for those that wait, and one standing connection so that the next press finds it warm. */
  #replenish(): void {
    this.#openForQueue();
    if (!this.#running || this.#links.size > 0 || this.#reconnectTimer !== undefined) return;
    // Spread by a quarter, so that a district's gateways don't return to a restarted receiver at the same instant.
    const delay = this.#reconnectMs * (0.75 + Math.random() / 4);
    this.#reconnectMs = Math.min(2 * this.#reconnectMs, RECONNECT_MAX_MS);
    this.#reconnectTimer = setTimeout(() => {
      this.#reconnectTimer = undefined;
      if (this.#links.size === 0) this.#open();
    }, delay);
  }

  #cancelReconnect(): void {
    clearTimeout(this.#reconnectTimer);
    this.#reconnectTimer = undefined;
  }

  #openForQueue(): void {
    const held = monoMs() < this.#holdSurplusUntilMs && this.#openCount() > 0;
    if (held || this.#queue.length === 0) return;
    this.#dropClosing();
    let opening = this.#links.size - this.#openCount();
    while (opening < this.#queue.length && this.#links.size < Math.max(1, this.#settings.connections)) {
      this.#open();
      opening += 1;
    }
  }

  /** Makes room for new connections where the receiver is about to close the old ones anyway. */
  #dropClosing(): void {
    if (!this.#closesAfterAnswer) return;
    for (const [connection, link] of this.#links) {
      if (link.exchange === undefined && hasJustAnswered(link)) this.#drop(connection);
    }
  }

  #open(): void {
    const address = this.#addresses.current;
    if (!this.#running || address === undefined) return;
    const { dial } = this.#services;
    const endpoint = { ...this.#settings, address, quietMs: SURPLUS_QUIET_MS, ...(dial && { dial }) };
    const connection = new Connection(endpoint, this);
    this.#links.set(connection, { provenMs: monoMs(), answered: false });
  }

  #drop(connection: Connection): void {
    this.#links.delete(connection);
    connection.destroy();
  }

  #openCount(): number {
    let count = 0;
    for (const connection of this.#links.keys()) if (connection.open) count += 1;
    return count;
  }
}

function hasJustAnswered(link: Link): boolean {
  return link.answered && monoMs() - link.provenMs < CLOSE_AFTER_ANSWER_MS;
}
