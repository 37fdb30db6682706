import type { MonoMs } from '../../../protocol/clocks.ts';
import type { Sequences } from '../journal-record.ts';

/** DC-09 §5.5.1.7: four digits; 0000 belongs to the supervision poll. */
const LAST_NUMBER = 9999;
/**
 * Numbers skipped at each start. Reports sent in the last moments before a crash may have used
 * numbers that were not durable yet, and a number must not come back with other content (a receiver
 * may take it for a repeat). The amount covers a storm while an SD card stalls for a quarter of a
 * second. More would reuse numbers sooner where a gateway crashes again and again.
 */
const GAP_AT_START = 256;
/**
 * A start that left no durable record must not be followed by one that begins with the same
 * numbers. Their start times distinguish them.
 */
const STEP = 12;
const STEPS = 32;
/** Moves starts that differ by some ms far apart. */
const SPREAD = 6179;
/**
 * A receiver remembers no more numbers than this, and no run assigns this many before a late
 * journal is read.
 */
const REMEMBERED = 2048;

/**
 * Numbers skipped after a backup was restored: half of all. It is not known how many were used
 * since the backup, and a number that a receiver still remembers must not return with other
 * content.
 */
const SKIP_AFTER_BACKUP = 5000;

/** The last used number of a path, as it is taken to be after the restore of a backup. */
export function skippedNumber(last: number): number {
  return ((last + SKIP_AFTER_BACKUP - 1) % LAST_NUMBER) + 1;
}

/**
 * The sequence numbers of every path: 1…9999, then 1 again, but never the number of an open report.
 */
export class SequenceNumbers {
  readonly #last = new Map<string, number>();
  readonly #inUse = new Map<string, Set<number>>();
  /** Paths that a reload removed. They continue from here if they come back. */
  readonly #removed = new Map<string, number>();
  /** Paths for which this run has assigned numbers. */
  readonly #begun = new Set<string>();

  constructor(paths: readonly string[]) {
    for (const path of paths) {
      this.#last.set(path, 0);
      this.#inUse.set(path, new Set());
    }
  }

  /** Last number used on each path, removed ones included. */
  last(): Sequences {
    return Object.fromEntries([...this.#removed, ...this.#last]);
  }

  /** Numbers of an earlier run on paths that the site does not have. */
  rememberRemoved(sequences: ReadonlyMap<string, number>): void {
    for (const [path, last] of sequences) if (!this.#last.has(path)) this.#removed.set(path, last);
  }

  /** A reload adds the path. */
  add(path: string, nowMs: MonoMs): void {
    const last = this.#removed.get(path);
    this.#removed.delete(path);
    this.#inUse.set(path, new Set());
    this.#last.set(path, 0);
    this.recover(path, last, nowMs);
  }

  /** A reload removes the path. */
  remove(path: string): void {
    const last = this.#last.get(path);
    if (last !== undefined) this.#removed.set(path, last);
    this.#last.delete(path);
    this.#inUse.delete(path);
  }

  /**
   * Continues after the last number of an earlier run, even if that becomes known late, and after
   * those of this run.
   *
   * @param last `undefined`: not known. Two such starts in a row must not begin with the same
   * number either: a receiver would take a press for a repeat.
   * @param startedMs on the monotonic clock, which continues over a restart
   */
  recover(path: string, last: number | undefined, startedMs: MonoMs): void {
    const gap = GAP_AT_START + STEP * (Math.floor(startedMs) % STEPS);
    const next = ((last ?? SPREAD * Math.floor(startedMs)) + gap) % LAST_NUMBER;
    const given = this.#last.get(path) ?? 0;
    const isAhead = this.#begun.has(path) && (given - next + LAST_NUMBER) % LAST_NUMBER < REMEMBERED;
    this.#last.set(path, isAhead ? given : next);
  }

  /** Also for a message that is not a report in the queue: a periodic test. */
  next(path: string): number {
    const inUse = this.#inUse.get(path);
    this.#begun.add(path);
    let number = this.#last.get(path) ?? 0;
    // With every number in use, the next one has to serve twice.
    for (let tries = 0; tries < LAST_NUMBER; tries++) {
      number = (number % LAST_NUMBER) + 1;
      if (!inUse?.has(number)) break;
    }
    this.#last.set(path, number);
    return number;
  }

  /** The next number of every path, for one report. */
  reserve(): Sequences {
    const sequences: { [path: string]: number } = {};
    for (const path of this.#last.keys()) sequences[path] = this.next(path);
    return sequences;
  }

  take(sequences: Sequences): void {
    for (const [path, inUse] of this.#inUse) {
      const number = sequences[path];
      if (number !== undefined) inUse.add(number);
    }
  }

  /** The report is settled: its numbers may return after the others have been used. */
  release(sequences: Sequences): void {
    for (const [path, inUse] of this.#inUse) {
      const number = sequences[path];
      if (number !== undefined) inUse.delete(number);
    }
  }
}
