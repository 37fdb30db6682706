import type { Attempt, Outcome } from '../../../gateway/core/report.ts';
import type { Random } from '../../random.ts';
import type { Observation } from '../observation.ts';
import { between } from '../streams.ts';
import type { PathEnd, PathReports } from '../world/path-end.ts';
import type { WorldClock } from '../world-clock.ts';

export interface FarEndDeps {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly observe: (observation: Observation) => void;
}

const UNREACHABLE_MS_MAX = 30;

/** One attempt on its way, until the gateway knows its outcome or has dropped it. */
export interface Flight {
  readonly attempt: Attempt;
  isOver: boolean;
}

/** A receiver and the protocol on the way to it. */
export interface FarEnd {
  /** Brings the attempt there. */
  carry(flight: Flight): void;
  /** Another mood begins. */
  behave?(): void;
  forget?(): void;
}

/**
 * The network to a far end: attempts under way, a link that can be away, and reports that reach
 * only the gateway that sent the attempt.
 */
export class Network implements PathEnd {
  readonly id: string;
  readonly deps: FarEndDeps;
  mood = 'well';
  isCutOff = false;
  readonly #farEnd: FarEnd;
  readonly #flights = new Map<number, Flight>();
  #reports: PathReports | undefined;

  constructor(id: string, deps: FarEndDeps, make: (network: Network) => FarEnd) {
    this.id = id;
    this.deps = deps;
    this.#farEnd = make(this);
  }

  start(reports: PathReports): void {
    this.#reports = reports;
  }

  stop(): void {
    this.#reports = undefined;
    for (const flight of this.#flights.values()) flight.isOver = true;
    this.#flights.clear();
  }

  send(attempt: Attempt): void {
    const flight: Flight = { attempt, isOver: false };
    this.#flights.set(attempt.attempt, flight);
    const { clock, random } = this.deps;
    if (this.isCutOff || this.mood === 'refuse') {
      const detail = this.isCutOff ? 'no route' : 'connection refused';
      clock.after(between(random, 1, UNREACHABLE_MS_MAX), () =>
        this.ends(flight, { type: 'failed', reason: 'unreachable', detail }),
      );
    } else this.#farEnd.carry(flight);
  }

  abandon(attempt: number): void {
    const flight = this.#flights.get(attempt);
    if (flight === undefined) return;
    flight.isOver = true;
    this.#flights.delete(attempt);
  }

  behave(mood: string): void {
    this.mood = mood;
    this.#farEnd.behave?.();
  }

  cutOff(isCut: boolean): void {
    this.isCutOff = isCut;
  }

  forget(): void {
    this.#farEnd.forget?.();
  }

  /** The first byte of the attempt has left. */
  sent({ attempt, isOver }: Flight): void {
    if (!isOver) this.#reports?.sent(attempt.attempt, this.deps.clock.nowMs);
  }

  ends(flight: Flight, outcome: Outcome): void {
    if (flight.isOver) return;
    flight.isOver = true;
    this.#flights.delete(flight.attempt.attempt);
    this.deps.observe({ type: 'answered', path: this.id, how: outcome.type });
    this.#reports?.outcome(flight.attempt.attempt, outcome);
  }
}
