import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { MonoMs } from '../../protocol/clocks.ts';
import type { BrokerSink } from './broker.ts';
import { type Full, Places, plainAddress, ROOM, sourceOf, type Visitor } from './connection-places.ts';
import { REFUSAL_COST, Refusals } from './login-refusals.ts';
import { RateLimit } from './rate-limit.ts';
import { RepeatedEvent } from './repeated-event.ts';
import type { MqttClient } from './settings.ts';

/** This many wrong passwords, at once and in a minute, are more than mistyping. */
const WRONG_AT_ONCE = 10;
const WRONG_PER_MINUTE_MAX = 10;

interface AdmissionTimes {
  /** The broker waits this long before it refuses a wrong password, ms. */
  readonly refusalMs: number;
  /** A trouble is over when nothing has happened for this long, ms. */
  readonly quietMs: number;
}

/**
 * Decides which connections may stay, from their first byte on. Reports too many connections and
 * too many wrong passwords.
 */
export class Admission {
  readonly #places: Places;
  readonly #refusals: Refusals;
  readonly #full: RepeatedEvent;
  readonly #guessing: RepeatedEvent;
  readonly #wrong: RateLimit;
  readonly #clock: () => MonoMs;
  readonly #sink: BrokerSink;
  readonly #visitors = new WeakMap<Duplex, Visitor>();

  constructor(sink: BrokerSink, times: AdmissionTimes, clock: () => MonoMs) {
    this.#sink = sink;
    this.#clock = clock;
    this.#wrong = new RateLimit(WRONG_PER_MINUTE_MAX / 60, WRONG_AT_ONCE, clock());
    this.#places = new Places(ROOM, (full) => this.#isFull(full));
    this.#refusals = new Refusals({ ...REFUSAL_COST, waitMs: times.refusalMs }, clock);
    this.#full = new RepeatedEvent(times.quietMs, (standing, detail) => sink.strain('full', standing, detail));
    this.#guessing = new RepeatedEvent(times.quietMs, (standing, detail) => sink.strain('guessing', standing, detail));
  }

  get members(): number {
    return this.#places.members;
  }

  /** @param socket as accepted, before any handshake */
  arrive(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    const visitor: Visitor = {
      source: sourceOf(address),
      address,
      heardMs: this.#clock(),
      close: (why) => {
        this.#sink.notice({ level: 'warn', event: 'mqtt_gave_way', detail: `from ${address}: ${why}` });
        socket.destroy();
      },
    };
    this.#visitors.set(socket, visitor);
    socket.once('close', () => this.#places.leave(visitor));
    this.#places.admit(visitor);
  }

  /** Where a connection comes from, also when it is closed already. */
  addressOf(stream: Duplex): string {
    return this.#visitors.get(stream)?.address ?? '';
  }

  /** The handshake is done: from now on the client uses this stream. */
  secured(socket: Socket, stream: Duplex): void {
    const visitor = this.#visitors.get(socket);
    if (visitor !== undefined) this.#visitors.set(stream, visitor);
  }

  heard(stream: Duplex): void {
    const visitor = this.#visitors.get(stream);
    if (visitor !== undefined) visitor.heardMs = this.#clock();
  }

  logIn(stream: Duplex, account: MqttClient): void {
    const visitor = this.#visitors.get(stream);
    if (visitor !== undefined) this.#places.logIn(visitor, account);
  }

  /** @param say sends the answer and closes the connection */
  wrongPassword(stream: Duplex, say: () => void): void {
    const visitor = this.#visitors.get(stream);
    if (visitor !== undefined) this.#places.leave(visitor);
    if (!this.#wrong.allows(this.#clock())) {
      const advice = 'find in the log (mqtt.mqtt_login_refused) who tries, and correct or stop it';
      const last = visitor === undefined ? '' : `, the last from ${visitor.address}`;
      this.#guessing.happened(`many logins with a wrong user name or password${last}; ${advice}`);
    }
    this.#refusals.add(visitor?.source ?? '', say, () => stream.destroy());
  }

  stop(): void {
    this.#refusals.stop();
    this.#full.stop();
    this.#guessing.stop();
  }

  #isFull(full: Full): void {
    const who =
      full.of === 'strangers'
        ? `more than ${ROOM.strangers} connections that have not logged in; the oldest are closed`
        : `too many connections of client ${full.account}; the longest silent are closed`;
    this.#full.happened(`${who}: find in the log (mqtt.mqtt_gave_way) where they come from`);
  }
}
