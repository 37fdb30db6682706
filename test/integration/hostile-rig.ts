import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Attempt, Outcome } from '../../gateway/core/report.ts';
import type { PathDriver, PathSink } from '../../gateway/paths/path-driver.ts';
import type { TlsSettings } from '../../gateway/paths/tls-settings.ts';
import type { Answers, Subject } from './hostile-subjects.ts';
import { Waiting } from './support/waiting.ts';

/** A driver's connection at the far end. */
interface Peer {
  readonly socket: Socket;
  /** The genuine answers to the received bytes. */
  readonly answers: Answers;
}

/** The far end's action on each connection. */
export type Attack = (peer: Peer) => void;

/** Longest wait for an outcome that need not come. */
const OUTCOME_MS = 150;
const GONE_WITHIN_MS = 1_000;

/** A driver and its far end, which can misbehave in any way. */
export class Battle {
  readonly outcomes: (readonly [attempt: number, Outcome])[] = [];
  readonly sent: number[] = [];
  readonly sockets = new Set<Socket>();
  readonly #waiting = new Waiting();
  readonly #server: Server;
  readonly #driver: PathDriver;
  #sending = false;

  private constructor(subject: Subject, server: Server, tls?: TlsSettings) {
    this.#server = server;
    const sink: PathSink = {
      sent: (_path, attempt) => {
        this.sent.push(attempt);
        this.#waiting.check();
      },
      outcome: (_path, attempt, outcome) => {
        if (this.#sending) throw new Error('an outcome from within send');
        this.outcomes.push([attempt, outcome]);
        this.#waiting.check();
      },
    };
    this.#driver = subject.make((server.address() as AddressInfo).port, sink, tls);
  }

  static async begin(subject: Subject, attack: Attack, tls?: TlsSettings): Promise<Battle> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const battle = new Battle(subject, server, tls);
    server.on('connection', (socket) => {
      battle.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        battle.sockets.delete(socket);
        battle.#waiting.check();
      });
      socket.setNoDelay(true);
      attack({ socket, answers: subject.answers() });
      if (!socket.destroyed && subject.greeting !== undefined) socket.write(subject.greeting);
    });
    battle.#driver.start();
    // A driver that keeps a connection open has it now.
    await quiet();
    return battle;
  }

  send(attempt: Attempt): void {
    this.#sending = true;
    this.#driver.send(attempt);
    this.#sending = false;
  }

  abandon(attempt: number): void {
    this.#driver.abandon(attempt);
  }

  outcomesOf(attempt: number): Outcome[] {
    return this.outcomes.flatMap(([number, outcome]) => (number === attempt ? [outcome] : []));
  }

  /** Waits for an outcome. If none comes, it gives the attempt up as the core does. */
  async fight(sent: Attempt, patienceMs = OUTCOME_MS): Promise<Outcome[]> {
    const { attempt } = sent;
    this.send(sent);
    const decided = () => this.outcomesOf(attempt).length > 0;
    const inTime = await this.#waiting.until('an outcome', decided, undefined, patienceMs).then(
      () => true,
      () => false,
    );
    if (!inTime) this.abandon(attempt);
    await quiet();
    const outcomes = this.outcomesOf(attempt);
    if (!inTime && outcomes.length > 0) throw new Error('an outcome of an attempt that was given up');
    return outcomes;
  }

  async untilSent(attempt: number): Promise<void> {
    await this.#waiting.until(`the first byte of attempt ${attempt}`, () => this.sent.includes(attempt));
  }

  /** Stops the driver. It reports nothing afterwards and closes every connection. */
  async end(): Promise<void> {
    const before = this.outcomes.length;
    await this.#driver.stop();
    // A side that does not read does not see the end either.
    for (const socket of this.sockets) socket.resume();
    await this.#waiting.until('the end of all connections', () => this.sockets.size === 0, undefined, GONE_WITHIN_MS);
    this.#server.close();
    await quiet();
    if (this.outcomes.length !== before) throw new Error('an outcome after stop');
  }
}

/** Waits until bytes between two sockets of this process have arrived. */
export async function quiet(): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, 20));
}

/**
 * Writes `chunk` repeatedly, as fast as it is read.
 * @returns bytes written when the connection ends or `most` are reached
 */
export function pour(socket: Socket, chunk: Uint8Array, most: number): Promise<number> {
  return new Promise((resolve) => {
    let written = 0;
    const more = (): void => {
      while (!socket.destroyed && written < most) {
        written += chunk.length;
        if (!socket.write(chunk)) {
          socket.once('drain', more);
          return;
        }
      }
      resolve(written);
    };
    socket.once('close', () => resolve(written));
    more();
  });
}

/** Returns at least 64 KiB of whole repeats. */
export function repeated(unit: Uint8Array): Uint8Array {
  return Buffer.concat(Array.from({ length: Math.ceil(65_536 / unit.length) }, () => unit));
}
