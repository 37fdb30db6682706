import { after, LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';

/**
 * How long a lesson about a receiver holds. Then the driver tries again, at the cost of one repeat.
 */
const LEARNED_MS = 30_000;
/** A receiver that refuses one more connection is asked again after this long. */
const REFUSED_MS = 1_000;
/** A receiver that closes after each answer does so within this time of the answer. */
const CLOSE_AFTER_ANSWER_MS = 1_000;
/**
 * After this many closed connections in a row, none of which answered twice, the closing is the
 * receiver's habit and no accident.
 */
const CLOSES_IN_A_ROW = 2;
/** Receivers write an alarm to their disk before they answer. */
const OVERDUE_MS_MIN = 250;

/** A connection, as far as it shows a receiver's habits. */
interface Conduct {
  /** Number of answers on it. */
  readonly answers: number;
  /** Monotonic ms of the last answer, or of its opening. */
  readonly provenMs: MonoMs;
}

/** Why an overdue answer may not come. */
export type Doubt = 'secondFrame' | 'secondConnection';

/**
 * How a receiver treats connections, as observed. DC-09 leaves this open. Some receivers keep
 * connections, some close after each answer, and some answer only the first frame of a connection.
 * Some read one connection at a time, while the kernel accepts more for them.
 *
 * No lesson lasts: a receiver that was restarted is not treated for ever as one that closes.
 */
export class ConnectionManners {
  #severalFrames = false;
  #severalConnections = false;
  #oneFrameUntilMs = LONG_AGO_MS;
  #oneConnectionUntilMs = LONG_AGO_MS;
  #refusedUntilMs = LONG_AGO_MS;
  #closesInARow = 0;
  #answerMs: number | undefined;

  /** A connection may be used for one frame only. */
  oneFrame(nowMs: MonoMs): boolean {
    return nowMs < this.#oneFrameUntilMs;
  }

  /** One connection may be used at a time. */
  oneConnection(nowMs: MonoMs): boolean {
    return nowMs < this.#oneConnectionUntilMs;
  }

  /** A further connection may be opened beside an open one. */
  mayOpenMore(nowMs: MonoMs): boolean {
    return nowMs >= this.#refusedUntilMs && !this.oneConnection(nowMs);
  }

  /** The receiver has answered in every case in which others do not: no answer is in doubt. */
  get isProven(): boolean {
    return this.#severalFrames && this.#severalConnections;
  }

  /**
   * Why an overdue answer on this connection may not come; `undefined`: the receiver has answered
   * in such a case before, and is only slow.
   *
   * @param beside another connection is open and has answered
   */
  doubt({ answers }: Conduct, beside: boolean): Doubt | undefined {
    if (answers > 0) return this.#severalFrames ? undefined : 'secondFrame';
    return beside && !this.#severalConnections ? 'secondConnection' : undefined;
  }

  /** When an answer in doubt is overdue; `undefined`: the receiver never answered yet. */
  get overdueMs(): number | undefined {
    return this.#answerMs === undefined ? undefined : Math.max(2 * this.#answerMs, OVERDUE_MS_MIN);
  }

  /**
   * @param answers of the connection, this one included
   * @param beside another connection is open and has answered
   * @param tookMs from the frame to its answer
   */
  answered(answers: number, beside: boolean, tookMs: number): void {
    this.#answerMs = tookMs;
    if (beside) this.#severalConnections = true;
    if (answers < 2) return;
    this.#severalFrames = true;
    this.#closesInARow = 0;
  }

  /** The frame is sent again because of this doubt. */
  overdue(doubt: Doubt, nowMs: MonoMs): void {
    if (doubt === 'secondConnection') this.#oneConnectionUntilMs = after(nowMs, REFUSED_MS);
  }

  /**
   * The frame sent again because of this doubt was answered. If the answer came in time, the doubt
   * was right. Otherwise the receiver is only slow.
   */
  answeredAgain(doubt: Doubt, tookMs: number, nowMs: MonoMs): void {
    if (tookMs >= (this.overdueMs ?? 0)) return;
    if (doubt === 'secondFrame') this.#oneFrameUntilMs = after(nowMs, LEARNED_MS);
    else this.#oneConnectionUntilMs = after(nowMs, LEARNED_MS);
  }

  /** What the receiver answered before it failed to answer this time. */
  unanswered({ answers }: Conduct): void {
    if (answers > 0) this.#severalFrames = false;
    else this.#severalConnections = false;
  }

  /** The receiver closed a connection. True: right after its answer, so the receiver works. */
  closed({ answers, provenMs }: Conduct, nowMs: MonoMs): boolean {
    if (answers === 0 || nowMs - provenMs >= CLOSE_AFTER_ANSWER_MS) return false;
    if (answers > 1) return true;
    this.#closesInARow += 1;
    if (this.#closesInARow >= CLOSES_IN_A_ROW) this.#oneFrameUntilMs = after(nowMs, LEARNED_MS);
    return true;
  }

  /** The receiver refused a second connection. */
  refused(nowMs: MonoMs): void {
    this.#refusedUntilMs = after(nowMs, REFUSED_MS);
  }
}
