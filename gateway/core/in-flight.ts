import type { Delivery, Probe } from './delivery.ts';

export interface InFlight {
  readonly attempt: number;
  readonly startedMs: number;
  readonly work: { readonly delivery: Delivery } | { readonly probe: Probe };
}

/** The attempts under way on one path. */
export class Flights {
  readonly #flights = new Map<number, InFlight>();

  get size(): number {
    return this.#flights.size;
  }

  get(attempt: number): InFlight | undefined {
    return this.#flights.get(attempt);
  }

  add(flight: InFlight): void {
    this.#flights.set(flight.attempt, flight);
  }

  take(attempt: number): InFlight | undefined {
    const flight = this.#flights.get(attempt);
    this.#flights.delete(attempt);
    return flight;
  }

  /** A poll if there is one, else the oldest attempt that is not an alarm's first. */
  leastUrgent(): InFlight | undefined {
    let oldest: InFlight | undefined;
    for (const flight of this.#flights.values()) {
      if ('probe' in flight.work) return flight;
      const { report, attempts, members } = flight.work.delivery;
      if (report.class !== 'alarm' || attempts > 1 || members !== undefined) oldest ??= flight;
    }
    return oldest;
  }
}
