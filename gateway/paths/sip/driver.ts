import { randomBytes } from 'node:crypto';
import type { MonoMs, WallMs } from '../../../protocol/clocks.ts';
import { headerValue, type SipRequest, type SipResponse, transactionOf } from '../../../protocol/sip/message.ts';
import type { Attempt, FailureReason } from '../../core/report.ts';
import { Addresses } from '../../names/addresses.ts';
import type { Names } from '../../names/names.ts';
import { monoMs } from '../../system/clock.ts';
import { DigestCredentials, type DigestExchange } from '../digest-credentials.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { Reconnect } from '../reconnect.ts';
import { SoonOutcomes } from '../soon-outcomes.ts';
import { messageOutcome, pollOutcome } from './answer.ts';
import { authenticationInfoOf, challengesOf, noAccount } from './challenges.ts';
import { SipConnection, type SipConnectionListener } from './connection.ts';
import { lineOf, requestOf } from './request.ts';
import type { SipSettings } from './settings.ts';

// No SIP stack on npm serves here. sip.js and jssip are for browsers (WebSocket), drachtio-srf
// needs its own server, and sip 0.0.6 opens listeners, asks DNS for each request and waits a fixed
// 32 s. The gateway needs only the client's half of RFC 3261's non-INVITE transaction over a
// stream, where nothing is sent twice.

export interface SipServices extends Names {
  /** This machine's wall clock, ms since 1970 UTC. */
  nowWallMs(): WallMs;
}

/** What stays the same when a challenge makes the driver send a message again. */
interface Sending {
  readonly attempt: Attempt;
  readonly callId: string;
  /** Absent: no password is configured. */
  readonly exchange?: DigestExchange;
}

/** A request that waits for its final response. */
interface Transaction extends Sending {
  readonly connection: SipConnection;
  readonly method: string;
  readonly sentMs: MonoMs;
}

/** RFC 8876 over TCP or TLS: one connection, kept open, and several transactions on it. */
export function createSipDriver(settings: SipSettings, sink: PathSink, services: SipServices): PathDriver {
  return new SipDriver(settings, sink, services);
}

class SipDriver implements PathDriver, SipConnectionListener {
  readonly id: string;
  readonly #settings: SipSettings;
  readonly #sink: PathSink;
  readonly #services: SipServices;
  readonly #addresses: Addresses;
  readonly #credentials: DigestCredentials | undefined;
  /** By branch. */
  readonly #transactions = new Map<string, Transaction>();
  /** Waiting for the connection, oldest first. */
  readonly #queue: Attempt[] = [];
  readonly #soon: SoonOutcomes;
  #connection: SipConnection | undefined;
  #sequence: number;
  /** Keeps a connection open for the next press. */
  readonly #reconnect = new Reconnect(() => this.#open());
  #running = false;

  constructor(settings: SipSettings, sink: PathSink, services: SipServices) {
    this.id = settings.id;
    this.#settings = settings;
    this.#sink = sink;
    this.#services = services;
    this.#credentials = settings.account && new DigestCredentials(settings.account);
    this.#soon = new SoonOutcomes((attempt, outcome) => sink.outcome(settings.id, attempt, outcome));
    this.#addresses = new Addresses(settings, services, () => this.#open());
    // RFC 3261 §8.1.1.5 counts from the clock, so that a restart does not begin below earlier
    // numbers.
    this.#sequence = Math.floor(services.nowWallMs() / 1000) % 2 ** 30;
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
    for (const { connection } of this.#transactions.values()) connection.destroy();
    this.#connection?.destroy();
    this.#soon.clear();
    this.#transactions.clear();
    this.#queue.length = 0;
    // The sockets' handles are closed in the event loop's next turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  send(attempt: Attempt): void {
    if (!this.#running) return;
    if (this.#connection?.open === true) this.#transmit(this.#connection, attempt);
    else if (this.#addresses.current === undefined) {
      this.#soon.fail(attempt.attempt, 'noAddress', this.#addresses.missing);
    } else {
      this.#queue.push(attempt);
      this.#open();
    }
  }

  abandon(attempt: number): void {
    this.#soon.drop(attempt);
    const waiting = this.#queue.findIndex((queued) => queued.attempt === attempt);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    for (const [branch, transaction] of this.#transactions) {
      if (transaction.attempt.attempt !== attempt) continue;
      this.#transactions.delete(branch);
      this.#suspect(transaction);
    }
  }

  opened(connection: SipConnection): void {
    for (const attempt of this.#queue.splice(0)) this.#transmit(connection, attempt);
  }

  response(connection: SipConnection, response: SipResponse): void {
    const paired = transactionOf(response);
    const transaction = paired && this.#transactions.get(paired.branch);
    // A response to a settled or unknown request is dropped: it was sent twice or came late. If the
    // right one never comes, the core's time-out fires.
    if (transaction === undefined || transaction.connection !== connection) return;
    if (paired?.method !== transaction.method || headerValue(response, 'Call-ID') !== transaction.callId) return;
    this.#reconnect.answered();
    if (response.status < 200) return;
    this.#transactions.delete(paired.branch);
    const unanswered = this.#answerChallenge(transaction, response);
    if (unanswered === 'answered') return;
    transaction.exchange?.ended(authenticationInfoOf(response));
    this.#closeUnused(connection);
    const { attempt } = transaction;
    const outcomeOf = attempt.report === undefined ? pollOutcome : messageOutcome;
    this.#sink.outcome(this.id, attempt.attempt, outcomeOf(response, unanswered));
  }

  closed(connection: SipConnection, reason: FailureReason, detail: string): void {
    const lost: Attempt[] = [];
    for (const [branch, transaction] of this.#transactions) {
      if (transaction.connection !== connection) continue;
      this.#transactions.delete(branch);
      lost.push(transaction.attempt);
    }
    if (connection === this.#connection) {
      this.#connection = undefined;
      if (reason === 'refused' || reason === 'unreachable') this.#addresses.failed(connection.address);
      lost.push(...this.#queue.splice(0));
      if (this.#running) this.#reconnect.later();
    }
    for (const { attempt } of lost) this.#sink.outcome(this.id, attempt, { type: 'failed', reason, detail });
  }

  #transmit(connection: SipConnection, attempt: Attempt): void {
    const callId = `${attempt.report?.id ?? token()}@${this.#settings.places.gateway}`;
    const exchange = this.#credentials?.exchange();
    if (this.#write(connection, { attempt, callId, ...(exchange && { exchange }) })) {
      this.#sink.sent(this.id, attempt.attempt, monoMs());
    }
  }

  /**
   * A repeated request keeps its Call-ID, and has a branch and a CSeq of its own (RFC 3261
   * §8.1.3.5). False: it can't be encoded.
   */
  #write(connection: SipConnection, sending: Sending): boolean {
    const branch = `z9hG4bK${token()}`;
    let request: SipRequest;
    try {
      request = this.#request(connection, sending, branch);
    } catch (error) {
      this.#soon.fail(sending.attempt.attempt, 'protocolError', `the message can't be coded: ${String(error)}`);
      return false;
    }
    const { method } = request;
    this.#transactions.set(branch, { ...sending, connection, method, sentMs: monoMs() });
    connection.write(request);
    return true;
  }

  #request(connection: SipConnection, { attempt, callId, exchange }: Sending, branch: string): SipRequest {
    const { method, uri } = lineOf(this.#settings, attempt);
    this.#sequence += 1;
    return requestOf(this.#settings, attempt, {
      sentBy: connection.sentBy,
      branch,
      tag: token(),
      callId,
      sequence: this.#sequence,
      boundary: `part-${token()}`,
      nowMs: this.#services.nowWallMs(),
      credentials: exchange?.headersFor(method, uri) ?? [],
    });
  }

  /** @returns why a challenge was not answered; `undefined`: there was none */
  #answerChallenge(transaction: Transaction, response: SipResponse): 'answered' | string | undefined {
    if (response.status !== 401 && response.status !== 407) return undefined;
    const challenges = challengesOf(response);
    const { connection, exchange, attempt, callId } = transaction;
    if (exchange === undefined) return noAccount(challenges);
    const unanswered = exchange.challenged(challenges);
    if (unanswered !== undefined) return unanswered;
    this.#write(connection, { attempt, callId, exchange });
    return 'answered';
  }

  /**
   * An attempt was given up. If nothing was heard since it was sent, the far end may have vanished,
   * so the next attempts get a new connection. Those under way keep the old one, which closes with
   * the last of them.
   */
  #suspect({ connection, sentMs }: Transaction): void {
    if (connection === this.#connection && connection.heardMs < sentMs) {
      this.#connection = undefined;
      this.#addresses.failed(connection.address);
      this.#open();
    }
    this.#closeUnused(connection);
  }

  #closeUnused(connection: SipConnection): void {
    if (connection === this.#connection) return;
    for (const transaction of this.#transactions.values()) if (transaction.connection === connection) return;
    connection.destroy();
  }

  #open(): void {
    const address = this.#addresses.current;
    if (!this.#running || this.#connection !== undefined || address === undefined) return;
    this.#reconnect.cancel();
    this.#connection = new SipConnection({ ...this.#settings, address, tap: this.#sink.tap }, this);
  }
}

/** 64 random bits, fit for any SIP token. */
function token(): string {
  return randomBytes(8).toString('hex');
}
