import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { Attempt } from '../../core/report.ts';
import type { Expected } from './answer.ts';
import type { Connection } from './connection.ts';
import type { Doubt } from './connection-manners.ts';

/** An attempt, and whether its frame has been written before. */
export interface Work {
  readonly attempt: Attempt;
  /**
   * The frame was lost with a connection that the receiver closed, or its answer was overdue. Once
   * for each attempt.
   */
  readonly again: boolean;
  /** Only an unused connection will do. */
  readonly fresh?: boolean;
  /** Why its answer was overdue. */
  readonly doubt?: Doubt;
}

export interface Exchange {
  readonly work: Work;
  readonly expected: Expected;
  readonly sentMs: MonoMs;
  overdueTimer?: NodeJS.Timeout;
}

/** A connection and what is under way on it. */
export interface Link {
  exchange?: Exchange;
  /** Monotonic ms of the receiver's last answer on this connection, or of its opening. */
  provenMs: MonoMs;
  answers: number;
  /** Sequence numbers answered on it, the last few. */
  answered: readonly number[];
}

/** The connections to one receiver that are opening or open. */
export class Links {
  readonly #links = new Map<Connection, Link>();

  get size(): number {
    return this.#links.size;
  }

  get openCount(): number {
    let count = 0;
    for (const connection of this.#links.keys()) if (connection.open) count += 1;
    return count;
  }

  get(connection: Connection): Link | undefined {
    return this.#links.get(connection);
  }

  entries(): IterableIterator<[Connection, Link]> {
    return this.#links.entries();
  }

  add(connection: Connection, nowMs: MonoMs): void {
    this.#links.set(connection, { provenMs: nowMs, answers: 0, answered: [] });
  }

  /** Forgets the connection, and ends it if it is still open. */
  drop(connection: Connection): void {
    clearTimeout(this.#links.get(connection)?.exchange?.overdueTimer);
    this.#links.delete(connection);
    connection.destroy();
  }

  dropAll(): void {
    for (const connection of this.#links.keys()) this.drop(connection);
  }

  /** Makes room for new connections. */
  dropUsed(): void {
    for (const [connection, link] of this.#links) {
      if (link.exchange === undefined && link.answers > 0) this.drop(connection);
    }
  }

  /** Another connection is open, and the receiver has answered on it. */
  provenBeside(link: Link): boolean {
    for (const [connection, other] of this.#links) {
      if (other !== link && connection.open && other.answers > 0) return true;
    }
    return false;
  }

  /**
   * The idle connection that answered last. It is the likeliest to work, and polls keep proving it.
   *
   * @param isAlone one connection may be used at a time
   */
  bestIdle({ fresh, doubt }: Work, isAlone: boolean): Connection | undefined {
    let best: Connection | undefined;
    let provenMs = LONG_AGO_MS;
    for (const [connection, link] of this.#links) {
      if (isAlone && link.exchange !== undefined) return undefined;
      if (!connection.open || link.exchange !== undefined || link.provenMs <= provenMs) continue;
      if (fresh && link.answers > 0) continue;
      if (doubt === 'secondConnection' && link.answers === 0 && this.provenBeside(link)) continue;
      best = connection;
      provenMs = link.provenMs;
    }
    return best;
  }
}
