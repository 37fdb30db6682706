import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { Path } from '../site.ts';

/** After this many polls in a row that proved nothing, a test event is tried as well. */
const FRUITLESS_POLLS_MAX = 3;
/** While polls prove nothing, a test event is tried this often beside them. */
const TEST_GAP_MS_MAX = 60_000;

/**
 * Chooses how to prove a path: by the protocol's own poll (DC-09's NULL message), or by a periodic
 * test event. `auto` begins with polls. It changes to test events once a receiver has refused a
 * poll, or has answered a test event after several polls that proved nothing.
 */
export class PollChoice {
  readonly #path: Path;
  /** The far end can't process polls: test events take their place. */
  #testsOnly: boolean;
  /** Polls in a row that proved nothing. */
  #fruitless = 0;
  #lastTestMs = LONG_AGO_MS;
  /** A poll or test event was accepted in this run. */
  #everAnswered = false;
  /** Polls had failed for a while when a report was accepted, and none has been accepted since. */
  #contradicted = false;
  /** A report was accepted after the last poll that was. */
  #reportAccepted = false;

  constructor(path: Path) {
    this.#path = path;
    this.#testsOnly = path.supervision.mode === 'test';
  }

  /**
   * A failed poll says something about the path, because this far end answers polls when it accepts
   * reports.
   */
  get areCredible(): boolean {
    return this.#everAnswered && !this.#contradicted;
  }

  /**
   * Tests avoid live-only paths, and paths whose site wants polls only: there a test costs money or
   * calls a person.
   */
  get mayTest(): boolean {
    const { liveOnly, supervision } = this.#path;
    return !liveOnly && (supervision.mode === 'auto' || supervision.mode === 'test');
  }

  get intervalMs(): number {
    const { mode, intervalMs, testIntervalMs } = this.#path.supervision;
    return this.#testsOnly && mode !== 'test' ? testIntervalMs : intervalMs;
  }

  get wereAnswered(): boolean {
    return this.#everAnswered;
  }

  get areContradicted(): boolean {
    return this.#fruitless > 0 && !this.areCredible && this.#reportAccepted;
  }

  /** The setting to use where polls are never answered. */
  get hint(): string {
    const { pollHint } = this.#path;
    return this.#testsOnly || pollHint === undefined ? '' : `; ${pollHint}`;
  }

  /**
   * True if the next poll is a test event.
   *
   * @param isDoubted the far end has refused a report, so polls prove nothing
   */
  isTest(nowMs: MonoMs, isDoubted: boolean): boolean {
    if (!this.mayTest) return false;
    if (this.#testsOnly) return true;
    const isWanted = isDoubted || this.#fruitless >= FRUITLESS_POLLS_MAX;
    const gapMs = Math.min(this.#path.supervision.testIntervalMs, TEST_GAP_MS_MAX);
    if (!isWanted || nowMs - this.#lastTestMs < gapMs) return false;
    this.#lastTestMs = nowMs;
    return true;
  }

  /** True if test events take the place of polls from now on. */
  accepted(isTest: boolean): boolean {
    const instead = isTest && !this.#testsOnly && this.#fruitless >= FRUITLESS_POLLS_MAX;
    if (instead) this.#testsOnly = true;
    this.#everAnswered = true;
    this.#contradicted = false;
    this.#reportAccepted = false;
    this.#fruitless = 0;
    return instead;
  }

  reportAccepted(): void {
    this.#reportAccepted = true;
    if (this.#fruitless >= FRUITLESS_POLLS_MAX) this.#contradicted = true;
  }

  /** The poll failed, or proved nothing. */
  unanswered(isTest: boolean): void {
    if (!isTest) this.#fruitless += 1;
  }

  /**
   * The far end refused the poll or test event. `instead`: test events take the place of polls from
   * now on, because they are at least answered. `usual`: the refused message usually proves the
   * path. `once`: the refused message was a test event beside the polls.
   */
  refused(isTest: boolean): 'instead' | 'usual' | 'once' {
    if (this.#testsOnly || this.#path.supervision.mode !== 'auto') return 'usual';
    if (isTest && this.#fruitless < FRUITLESS_POLLS_MAX) return 'once';
    this.#testsOnly = true;
    return 'instead';
  }
}
