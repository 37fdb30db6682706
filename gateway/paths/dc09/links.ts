import type { MonoMs } from '../../../protocol/clocks.ts';
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
  overdueTimer: NodeJS.Timeout | undefined;
}

/** A connection and what is under way on it. */
export interface Link {
  readonly connection: Connection;
  exchange: Exchange | undefined;
  /** Monotonic ms of the receiver's last answer on this connection, or of its opening. */
  provenMs: MonoMs;
  answers: number;
  /** Sequence numbers answered on it, the last few. */
  readonly answered: number[];
}

/** The connections to one receiver that are opening or open. */
export class Links {
  /** In the order of their opening. Few, and looked at for every frame and every answer. */
  readonly #links: Link[] = [];

  get size(): number {
    return this.#links.length;
  }

  get openCount(): number {
    let count = 0;
    for (const { connection } of this.#links) if (connection.open) count += 1;
    return count;
  }

  get(connection: Connection): Link | undefined {
    for (const link of this.#links) if (link.connection === connection) return link;
    return undefined;
  }

  /** Those of this moment. They may be dropped meanwhile. */
  all(): readonly Link[] {
    return this.#links.slice();
  }

  add(connection: Connection, nowMs: MonoMs): void {
    this.#links.push({ connection, exchange: undefined, provenMs: nowMs, answers: 0, answered: [] });
  }

  /** Forgets the connection, and ends it if it is still open. */
  drop(connection: Connection): void {
    const at = this.#links.findIndex((link) => link.connection === connection);
    const [link] = at < 0 ? [] : this.#links.splice(at, 1);
    clearTimeout(link?.exchange?.overdueTimer);
    connection.destroy();
  }

  dropAll(): void {
    for (const { connection } of this.all()) this.drop(connection);
  }

  /** Makes room for new connections. */
  dropUsed(): void {
    for (const { connection, exchange, answers } of this.all()) {
      if (exchange === undefined && answers > 0) this.drop(connection);
    }
  }

  /** Another connection is open, and the receiver has answered on it. */
  provenBeside(link: Link): boolean {
    for (const other of this.#links) if (other !== link && other.answers > 0 && other.connection.open) return true;
    return false;
  }

  /**
   * The idle connection that answered last. It is the likeliest to work, and polls keep proving it.
   *
   * @param isAlone one connection may be used at a time
   */
  bestIdle({ fresh, doubt }: Work, isAlone: boolean): Link | undefined {
    let best: Link | undefined;
    for (const link of this.#links) {
      if (isAlone && link.exchange !== undefined) return undefined;
      if (!link.connection.open || link.exchange !== undefined) continue;
      if (best !== undefined && link.provenMs <= best.provenMs) continue;
      if (fresh && link.answers > 0) continue;
      if (doubt === 'secondConnection' && link.answers === 0 && this.provenBeside(link)) continue;
      best = link;
    }
    return best;
  }
}
