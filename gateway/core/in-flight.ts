import type { Delivery, Probe } from './delivery.ts';
import type { Report } from './report.ts';

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

  /** The one that tells something of the alert or trouble that `report` is about. */
  about(report: Report): InFlight | undefined {
    const subject = subjectOf(report);
    for (const flight of this.#flights.values()) {
      if ('probe' in flight.work) continue;
      const { delivery } = flight.work;
      if ((delivery.members ?? [delivery]).some((each) => subjectOf(each.report) === subject)) return flight;
    }
    return undefined;
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

function subjectOf({ id, alert, follows }: Report): string {
  return alert?.id ?? follows ?? id;
}
