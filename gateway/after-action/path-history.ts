import type { PathAccount } from '../../protocol/after-action-document.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { EndedAttempt } from './alert-recorder.ts';
import { spreadOf } from './figures.ts';

/** A piece of time by the wall clock, ms since 1970. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

interface Outage {
  readonly from: number;
  /** Absent: it stood at the end of the journal. */
  until?: number;
}

/** One path in the period of a report: its attempts, and when it was down or not proven. */
export class PathHistory {
  readonly #path: string;
  readonly #answersMs: number[] = [];
  #attempts = 0;
  #acknowledged = 0;
  #handedOver = 0;
  #failed = 0;
  #lastAcknowledgedAt: number | undefined;
  /** By the trouble's id. */
  readonly #outages = new Map<string, Outage>();

  constructor(path: string) {
    this.#path = path;
  }

  attempted(): void {
    this.#attempts += 1;
  }

  ended({ ended, begun }: EndedAttempt): void {
    // The record of a hand-over that completes the plan repeats the attempt's own.
    if (ended.completes === true) return;
    if (ended.outcome === 'handedOver') this.#handedOver += 1;
    else if (ended.outcome !== 'receiverAcknowledged') this.#failed += 1;
    else {
      this.#acknowledged += 1;
      this.#lastAcknowledgedAt = ended.at;
      const tookMs = ended.tookMs ?? (begun === undefined ? -1 : ended.at - begun.at);
      if (tookMs >= 0) this.#answersMs.push(tookMs);
    }
  }

  /** A standing trouble is written again from time to time, with the time at which it began. */
  down(trouble: string, at: number): void {
    if (!this.#outages.has(trouble)) this.#outages.set(trouble, { from: at });
  }

  up(trouble: string, at: number): void {
    const outage = this.#outages.get(trouble);
    if (outage !== undefined) outage.until ??= at;
  }

  /** @param observed when the gateway is known to have run, within the period and in order */
  account(period: Span, observed: readonly Span[]): PathAccount {
    const outages = [...this.#outages.values()]
      .map(({ from, until = Number.POSITIVE_INFINITY }) => within({ from, until }, period))
      .filter((span) => span !== undefined);
    const isDown = outages.some(({ until }) => until === period.until);
    const lengths = outages.map((outage) => total(overlaps(outage, observed)));
    const observedMs = total(observed);
    const downMs = Math.min(observedMs, total(merged(outages).flatMap((outage) => overlaps(outage, observed))));
    const last = this.#lastAcknowledgedAt;
    return {
      path: this.#path,
      attempts: this.#attempts,
      acknowledged: this.#acknowledged,
      handed_over: this.#handedOver,
      failed: this.#failed,
      answer_ms: spreadOf(this.#answersMs),
      last_acknowledged_at: last === undefined ? null : isoTime(last),
      outages: outages.length,
      down_ms: downMs,
      longest_ms: Math.max(0, ...lengths),
      is_down: isDown,
      observed_ms: observedMs,
      // Rounded down: 99.9999 % is not 100 %.
      available_percent: observedMs === 0 ? null : Math.floor((1 - downMs / observedMs) * 100_000) / 1000,
    };
  }
}

/** The part of a span within another; `undefined`: there is none. */
export function within({ from, until }: Span, period: Span): Span | undefined {
  const part = { from: Math.max(from, period.from), until: Math.min(until, period.until) };
  return part.from < part.until ? part : undefined;
}

/** The same time as spans that are apart and in order. */
export function merged(spans: readonly Span[]): Span[] {
  const apart: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = apart.at(-1);
    if (last === undefined || span.from > last.until) apart.push(span);
    else apart[apart.length - 1] = { from: last.from, until: Math.max(last.until, span.until) };
  }
  return apart;
}

function overlaps(span: Span, others: readonly Span[]): Span[] {
  return others.map((other) => within(span, other)).filter((part) => part !== undefined);
}

function total(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, until }) => sum + until - from, 0);
}
