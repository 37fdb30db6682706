import { after, type MonoMs, type WallMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import type { Attempt, Report } from '../report.ts';
import { type Delivery, type Probe, partsOf } from './delivery.ts';
import { attemptRecords } from './delivery-records.ts';

export interface InFlight {
  readonly attempt: number;
  readonly startedMs: MonoMs;
  /** The wall clock at that moment: it may be set before the answer comes. */
  readonly startedWallMs: WallMs;
  /** When the network had its first byte; `undefined`: it has none yet. */
  sentMs: MonoMs | undefined;
  /** The correction that the message's time stamp includes. */
  readonly clockOffsetMs: number;
  readonly work: { readonly delivery: Delivery } | { readonly probe: Probe };
}

/** The attempts under way on one path, each with its time-out. */
export class Flights {
  readonly #path: string;
  readonly #context: Context;
  readonly #flights = new Map<number, InFlight>();
  /**
   * Deliveries that each wait for an attempt that carries earlier news of the same alert: on
   * another connection they might overtake it.
   */
  #behind: { readonly delivery: Delivery; readonly attempt: number }[] = [];

  constructor(path: string, context: Context) {
    this.#path = path;
    this.#context = context;
  }

  get size(): number {
    return this.#flights.size;
  }

  get(attempt: number): InFlight | undefined {
    return this.#flights.get(attempt);
  }

  /**
   * Returns the attempt's number.
   *
   * @param timeoutMs longest wait for the answer
   */
  begin(work: InFlight['work'], clockOffsetMs: number, timeoutMs: number): number {
    const { now, timers } = this.#context;
    const path = this.#path;
    const attempt = this.#context.nextAttempt();
    // Field by field: spreading them costs as much as the rest of an attempt.
    this.#flights.set(attempt, {
      attempt,
      startedMs: now.monoMs,
      startedWallMs: now.wallMs,
      sentMs: undefined,
      clockOffsetMs,
      work,
    });
    this.#context.emit({ type: 'send', attempt: attemptOf(work, { attempt, path, clockOffsetMs }) });
    timers.set({ type: 'attemptTimeout', path, attempt }, after(now.monoMs, timeoutMs));
    if ('delivery' in work) {
      for (const record of attemptRecords(work.delivery, path, now.wallMs)) this.#context.journal(record);
    }
    return attempt;
  }

  /** The attempt has ended; `undefined`: it is not under way. */
  land(attempt: number): InFlight | undefined {
    const flight = this.#flights.get(attempt);
    this.#flights.delete(attempt);
    this.#context.timers.clear({ type: 'attemptTimeout', path: this.#path, attempt });
    return flight;
  }

  /** The queue waits for it no longer. */
  abandon(attempt: number): InFlight | undefined {
    const flight = this.land(attempt);
    if (flight !== undefined) this.#context.emit({ type: 'abandon', path: this.#path, attempt });
    return flight;
  }

  /** The path's driver is replaced or removed: it ends all attempts and reports none of them. */
  dropAll(): readonly InFlight[] {
    const all = [...this.#flights.values()];
    for (const { attempt } of all) this.land(attempt);
    this.#behind = [];
    return all;
  }

  /** True if the delivery has to wait for an attempt under way. `follow` returns it later. */
  holdsBack(delivery: Delivery): boolean {
    const before = delivery.report.follows === undefined ? undefined : this.#about(delivery.report);
    if (before === undefined) return false;
    this.#behind.push({ delivery, attempt: before.attempt });
    return true;
  }

  /** The deliveries that waited for this attempt, which has ended. */
  follow(landed: number): readonly Delivery[] {
    if (this.#behind.length === 0) return NONE;
    const released = this.#behind.filter(({ attempt }) => attempt === landed);
    this.#behind = this.#behind.filter(({ attempt }) => attempt !== landed);
    return released.map(({ delivery }) => delivery);
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

  /** The attempt that carries news of the same alert or trouble as `report`. */
  #about(report: Report): InFlight | undefined {
    const subject = subjectOf(report);
    for (const flight of this.#flights.values()) {
      if ('probe' in flight.work) continue;
      const { delivery } = flight.work;
      if (partsOf(delivery).some((each) => subjectOf(each.report) === subject)) return flight;
    }
    return undefined;
  }
}

const NONE: readonly Delivery[] = [];

function attemptOf(
  work: InFlight['work'],
  { attempt, path, clockOffsetMs }: Pick<Attempt, 'attempt' | 'path' | 'clockOffsetMs'>,
): Attempt {
  if ('delivery' in work) {
    const { sequence, format, report } = work.delivery;
    return { attempt, path, sequence, clockOffsetMs, format, report };
  }
  const { sequence, report } = work.probe;
  const probe = { attempt, path, sequence, clockOffsetMs, format: 0 };
  return report === undefined ? probe : { ...probe, report };
}

function subjectOf({ id, alert, follows }: Report): string {
  return alert?.id ?? follows ?? id;
}
