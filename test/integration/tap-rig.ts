import type { Attempt, Outcome, Report } from '../../gateway/core/report.ts';
import type { PathDriver, PathSink } from '../../gateway/paths/path-driver.ts';
import type { TapSettings } from '../../gateway/paths/tap/settings.ts';
import { TAP_TIMES, type TapTimes } from '../../protocol/paging/tap-dialogue.ts';

/** Times for terminals that answer: as in TAP 1.8, except the wait between two pages. */
export const PATIENT: TapTimes = { ...TAP_TIMES, gapMs: 5 };
/** Times for terminals that do not answer. */
export const QUICK: TapTimes = { ...TAP_TIMES, knockMs: 60, replyMs: 100, crossingMs: 40, gapMs: 5 };

export const HANDED_OVER = { type: 'handedOver' };
export const PAGE = 'Intruder, Main building, Floor 1, Rm 101 Reception #7';

const report: Report = {
  id: 'wb-101.5.17',
  class: 'alarm',
  sia: 'HA',
  contactId: '122',
  qualifier: 1,
  zone: 101,
  area: 1,
  text: 'Intruder, Main building, Floor 1, Rm 101 Reception',
  occurredMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};

export function attemptOf(attempt: number, extra: Partial<Attempt> = {}): Attempt {
  return { attempt, path: 'pagers', sequence: 7, clockOffsetMs: 0, format: 0, report, ...extra };
}

export function pollOf(attempt: number): Attempt {
  return { attempt, path: 'pagers', sequence: 0, clockOffsetMs: 0, format: 0 };
}

export function tapSettings(line: TapSettings['line'], extra: Partial<TapSettings> = {}): TapSettings {
  const own = { driver: 'tap', id: 'pagers', line, pagers: ['5551212'], characters: 80 } as const;
  return { ...own, oneBlock: false, transactionsPerCall: 100, ...extra };
}

export function onTcp(port: number): TapSettings['line'] {
  return { type: 'tcp', host: '127.0.0.1', port, connectTimeoutMs: 500 };
}

/** A driver under test, whose outcomes can be awaited. */
export class PathRig {
  readonly driver: PathDriver;
  readonly sent: number[] = [];
  /** Outcomes in their order. */
  readonly outcomes: (readonly [attempt: number, Outcome])[] = [];
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();

  constructor(make: (sink: PathSink) => PathDriver) {
    let sending = false;
    const driver = make({
      sent: (_path, attempt) => void this.sent.push(attempt),
      outcome: (_path, attempt, outcome) => {
        if (sending) throw new Error('an outcome from within send');
        this.outcomes.push([attempt, outcome]);
        this.#waiting.get(attempt)?.(outcome);
      },
    });
    this.driver = {
      id: driver.id,
      start: () => driver.start(),
      stop: () => driver.stop(),
      abandon: (attempt) => driver.abandon(attempt),
      send: (attempt) => {
        sending = true;
        driver.send(attempt);
        sending = false;
      },
    };
    this.driver.start();
  }

  outcome(attempt: number): Promise<Outcome> {
    const known = this.outcomes.find(([number]) => number === attempt);
    if (known !== undefined) return Promise.resolve(known[1]);
    return new Promise((resolve) => this.#waiting.set(attempt, resolve));
  }

  send(attempt: Attempt): Promise<Outcome> {
    this.driver.send(attempt);
    return this.outcome(attempt.attempt);
  }
}

/** Everything that a test has opened. It is closed with the newest first. */
export class Cleanups {
  readonly #closing: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.#closing.push(close);
  }

  async close(): Promise<void> {
    while (this.#closing.length > 0) await this.#closing.pop()?.();
  }
}
