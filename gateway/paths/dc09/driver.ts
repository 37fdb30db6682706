import type { Socket } from 'node:net';
import { after, type WallMs } from '../../../protocol/clocks.ts';
import type { Attempt, FailureReason } from '../../core/report.ts';
import { Addresses } from '../../names/addresses.ts';
import type { Names } from '../../names/names.ts';
import { monoMs } from '../../system/clock.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { Reconnect } from '../reconnect.ts';
import { SoonOutcomes } from '../soon-outcomes.ts';
import { interpretAnswer } from './answer.ts';
import { AttemptFrames } from './attempt-frame.ts';
import { Connection, type ConnectionListener } from './connection.ts';
import { ConnectionManners } from './connection-manners.ts';
import { type Exchange, type Link, Links, type Work } from './links.ts';
import type { Dc09Settings } from './settings.ts';

export interface Dc09Services extends Names {
  /** This machine's wall clock, ms since 1970 UTC. */
  nowWallMs(): WallMs;
  /** Default: TCP. */
  readonly dial?: () => Socket;
}

/**
 * A connection beside the standing one is closed after this long without traffic: nothing proves
 * that it still works.
 */
const SURPLUS_QUIET_MS = 60_000;
/**
 * Receivers that answer twice do so at once. This many numbers are enough to recognise the second
 * answer.
 */
const ANSWERED_KEPT = 8;

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
  readonly #frames: AttemptFrames;
  readonly #links = new Links();
  /** Waiting for a connection, oldest attempt first. */
  readonly #queue: Work[] = [];
  readonly #manners = new ConnectionManners();
  readonly #soon: SoonOutcomes;
  readonly #reconnect: Reconnect;
  #running = false;

  constructor(settings: Dc09Settings, sink: PathSink, services: Dc09Services) {
    this.id = settings.id;
    this.#settings = settings;
    this.#sink = sink;
    this.#services = services;
    this.#frames = new AttemptFrames(settings);
    this.#soon = new SoonOutcomes((attempt, outcome) => sink.outcome(settings.id, attempt, outcome));
    this.#addresses = new Addresses(settings, services, () => this.#open());
    this.#reconnect = new Reconnect(() => {
      if (this.#links.size === 0) this.#open();
    });
  }

  start(): void {
    this.#running = true;
    this.#addresses.start();
    this.#open();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#addresses.stop();
    this.#reconnect.cancel();
    this.#links.dropAll();
    this.#soon.clear();
    this.#queue.length = 0;
    // The sockets' handles are closed in the event loop's next turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  send(attempt: Attempt): void {
    if (!this.#running) return;
    const work = { attempt, again: false };
    const idle = this.#links.bestIdle(work, this.#manners.oneConnection(monoMs()));
    if (idle !== undefined) this.#transmit(idle, work);
    else if (this.#addresses.current === undefined) {
      this.#soon.fail(attempt.attempt, 'noAddress', this.#addresses.missing);
    } else {
      this.#queue.push(work);
      this.#openForQueue();
    }
  }

  abandon(attempt: number): void {
    this.#soon.drop(attempt);
    const waiting = this.#queue.findIndex((queued) => queued.attempt.attempt === attempt);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    for (const link of this.#links.all()) {
      const { connection } = link;
      // A peer that let an attempt time out may be half open, and its late answer must not be
      // matched with another frame.
      if (link.exchange?.work.attempt.attempt !== attempt) continue;
      // The connection was accepted and never answered on: another address of the host may be
      // better.
      if (link.answers === 0) this.#addresses.failed(connection.address);
      this.#manners.unanswered(link);
      this.#links.drop(connection);
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
    // No frame waits for this answer: it is the second of two. If ours never comes, the core's
    // time-out fires.
    const outcome = exchange === undefined ? undefined : interpretAnswer(frame, exchange.expected);
    if (link === undefined || exchange === undefined || outcome === undefined) return;
    clearTimeout(exchange.overdueTimer);
    link.exchange = undefined;
    if (outcome.type !== 'failed') this.#proven(link, exchange);
    // A NAK names no frame, and some receivers send it twice. The second one must not be taken for
    // the answer to the repeat. A damaged answer means that the stream can't be trusted.
    const over = outcome.type === 'wrongTime' || outcome.type === 'failed' || this.#manners.oneFrame(link.provenMs);
    if (over) this.#links.drop(connection);
    this.#serveQueue();
    this.#replenish(outcome.type !== 'failed');
    this.#watchOverdue();
    this.#sink.outcome(this.id, exchange.work.attempt.attempt, outcome);
  }

  closed(connection: Connection, reason: FailureReason, detail: string): void {
    const link = this.#links.get(connection);
    const exchange = link?.exchange;
    this.#links.drop(connection);
    const isWell = link !== undefined && reason === 'closed' && this.#manners.closed(link, monoMs());
    let lost: Work | undefined = exchange?.work;
    if (lost === undefined) lost = this.#workLostWith(connection, reason);
    else if (reason === 'closed' && link !== undefined && link.answers > 0 && !lost.again) {
      // The receiver closed the connection before our frame reached it. The gateway could not know
      // that the last answer was the last.
      this.#queueAgain({ attempt: lost.attempt, again: true, fresh: true });
      lost = undefined;
    }
    this.#serveQueue();
    this.#replenish(isWell);
    if (lost !== undefined) this.#sink.outcome(this.id, lost.attempt.attempt, { type: 'failed', reason, detail });
  }

  quiet(connection: Connection): void {
    if (this.#links.openCount > 1 && this.#links.get(connection)?.exchange === undefined) this.#links.drop(connection);
  }

  #proven(link: Link, { work, sentMs, expected }: Exchange): void {
    const nowMs = monoMs();
    link.answers += 1;
    link.provenMs = nowMs;
    if (link.answered.push(expected.sequence) > ANSWERED_KEPT) link.answered.shift();
    if (work.doubt !== undefined) this.#manners.answeredAgain(work.doubt, nowMs - sentMs, nowMs);
    this.#manners.answered(link.answers, this.#links.provenBeside(link), nowMs - sentMs);
    this.#reconnect.answered();
    this.#reconnect.cancel();
  }

  /**
   * When a connection can't be opened, the oldest waiting attempt fails with it, unless another
   * connection can serve that attempt later: some receivers accept one connection only.
   */
  #workLostWith(connection: Connection, reason: FailureReason): Work | undefined {
    if (reason !== 'refused' && reason !== 'unreachable') return undefined;
    this.#addresses.failed(connection.address);
    if (this.#links.openCount === 0) return this.#queue.shift();
    this.#manners.refused(monoMs());
    return undefined;
  }

  #transmit(link: Link, work: Work): void {
    const { attempt } = work;
    const stampMs = after(this.#services.nowWallMs(), attempt.clockOffsetMs);
    let frame: Uint8Array;
    try {
      frame = this.#frames.encode(attempt, stampMs);
    } catch (error) {
      this.#soon.fail(attempt.attempt, 'protocolError', `the message can't be coded: ${String(error)}`);
      return;
    }
    const sentMs = monoMs();
    const expected = this.#frames.expected(attempt, stampMs, link.answered);
    link.exchange = { work, expected, sentMs, overdueTimer: undefined };
    link.connection.write(frame);
    if (!work.again) this.#sink.sent(this.id, attempt.attempt, sentMs);
    this.#watchOverdue();
  }

  /**
   * Sets a timer for each answer that may never come, because of how the receiver treats
   * connections.
   */
  #watchOverdue(): void {
    const { overdueMs } = this.#manners;
    if (overdueMs === undefined || this.#manners.isProven) return;
    for (const link of this.#links.all()) {
      const { connection, exchange } = link;
      if (exchange === undefined || exchange.work.again || exchange.overdueTimer !== undefined) continue;
      if (this.#manners.doubt(link, this.#links.provenBeside(link)) === undefined) continue;
      const waitMs = Math.max(0, exchange.sentMs + overdueMs - monoMs());
      // Data that has arrived meanwhile is read before the answer counts as overdue.
      exchange.overdueTimer = setTimeout(() => setImmediate(() => this.#overdue(connection, exchange)), waitMs);
    }
  }

  /**
   * Sends the frame once more, on a connection where the receiver is known to answer. The receiver
   * recognises the repeat by its number.
   */
  #overdue(connection: Connection, exchange: Exchange): void {
    const link = this.#links.get(connection);
    if (link === undefined || link.exchange !== exchange) return;
    const doubt = this.#manners.doubt(link, this.#links.provenBeside(link));
    if (doubt === undefined) return;
    this.#manners.overdue(doubt, monoMs());
    this.#links.drop(connection);
    this.#queueAgain({ attempt: exchange.work.attempt, again: true, fresh: doubt === 'secondFrame', doubt });
    this.#serveQueue();
    this.#replenish();
  }

  /**
   * Inserts it among the waiting attempts in the core's order: what was raised first leaves first.
   */
  #queueAgain(work: Work): void {
    const behind = this.#queue.findIndex((queued) => queued.attempt.attempt > work.attempt.attempt);
    this.#queue.splice(behind < 0 ? this.#queue.length : behind, 0, work);
  }

  #serveQueue(): void {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const idle = this.#links.bestIdle(first, this.#manners.oneConnection(monoMs()));
      if (idle === undefined) return;
      this.#queue.shift();
      this.#transmit(idle, first);
    }
  }

  /**
   * Opens connections for the waiting attempts, and one standing connection so that the next press
   * finds it ready.
   *
   * @param isWell the receiver has just answered, so it can take another connection
   */
  #replenish(isWell = false): void {
    this.#openForQueue();
    if (!this.#running || this.#links.size > 0) return;
    if (isWell) this.#open();
    else this.#reconnect.later();
  }

  #openForQueue(): void {
    const [first] = this.#queue;
    if (first === undefined) return;
    const places = Math.max(1, this.#settings.connections);
    const mayOpenMore = this.#manners.mayOpenMore(monoMs());
    if (first.fresh && (!mayOpenMore || this.#links.size >= places)) this.#links.dropUsed();
    if (!mayOpenMore && this.#links.openCount > 0) return;
    let opening = this.#links.size - this.#links.openCount;
    while (opening < this.#queue.length && this.#links.size < places) {
      this.#open();
      opening += 1;
    }
  }

  #open(): void {
    const address = this.#addresses.current;
    if (!this.#running || address === undefined) return;
    const { dial } = this.#services;
    const { tap } = this.#sink;
    const endpoint = { ...this.#settings, address, quietMs: SURPLUS_QUIET_MS, ...(dial && { dial }), tap };
    this.#links.add(new Connection(endpoint, this), monoMs());
  }
}
