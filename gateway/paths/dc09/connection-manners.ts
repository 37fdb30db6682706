import { after, LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';

/**
 * What is learned of a receiver holds for so long; then it is tried again, at the cost of one
 * repeat.
 */
const LEARNED_MS = 30_000;
/** A receiver that refuses one connection more is asked again after so long. */
const REFUSED_MS = 1_000;
/** A receiver that closes after each answer does so within this time of it. */
const CLOSE_AFTER_ANSWER_MS = 1_000;
/**
 * So many closed one after the other, none of which answered twice: it is its manner, no accident.
 */
const CLOSES_IN_A_ROW = 2;
/** Receivers write an alarm to their disk before they answer. */
const OVERDUE_MS_MIN = 250;

/** A connection as far as manners can be read from it. */
interface Conduct {
  /** Answers it has brought. */
  readonly answers: number;
  /** Monotonic ms of the last one, or of its opening. */
  readonly provenMs: MonoMs;
}

/** What an answer that is overdue may be waiting for. */
export type Doubt = 'secondFrame' | 'secondConnection';

/**
 * How a receiver treats connections, from what it was seen to do. DC-09 leaves it open: some keep
 * connections, some close after each answer, some answer the first frame of a connection only, and
 * some read one connection at a time while the kernel accepts more for them.
 *
 * Nothing learned lasts: a receiver that was restarted is not treated for ever as one that closes.
 */
export class ConnectionManners {
  #severalFrames = false;
  #severalConnections = false;
  #oneFrameUntilMs = LONG_AGO_MS;
  #oneConnectionUntilMs = LONG_AGO_MS;
  #refusedUntilMs = LONG_AGO_MS;
  #closesInARow = 0;
  #answerMs: number | undefined;

  /** A connection is to be used for one frame only. */
  oneFrame(nowMs: MonoMs): boolean {
    return nowMs < this.#oneFrameUntilMs;
  }

  /** One connection is to be used at a time. */
  oneConnection(nowMs: MonoMs): boolean {
    return nowMs < this.#oneConnectionUntilMs;
  }

  /** A further connection may be opened beside one that is open. */
  mayOpenMore(nowMs: MonoMs): boolean {
    return nowMs >= this.#refusedUntilMs && !this.oneConnection(nowMs);
  }

  /**
   * What an answer on this connection may be waiting for, when it is overdue; `undefined`: the
   * receiver has answered in such a case before, and is only slow.
   * @param beside another connection is open and has answered
   */
  doubt({ answers }: Conduct, beside: boolean): Doubt | undefined {
    if (answers > 0) return this.#severalFrames ? undefined : 'secondFrame';
    return beside && !this.#severalConnections ? 'secondConnection' : undefined;
  }

  /** After so long an answer in doubt is overdue; `undefined`: it never answered yet. */
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
   * What was sent again because of this doubt was answered. In time: that was it. Otherwise the
   * receiver is only slow.
   */
  answeredAgain(doubt: Doubt, tookMs: number, nowMs: MonoMs): void {
    if (tookMs >= (this.overdueMs ?? 0)) return;
    if (doubt === 'secondFrame') this.#oneFrameUntilMs = after(nowMs, LEARNED_MS);
    else this.#oneConnectionUntilMs = after(nowMs, LEARNED_MS);
  }

  /** What it was seen to answer before it did not answer this time. */
  unanswered({ answers }: Conduct): void {
    if (answers > 0) this.#severalFrames = false;
    else this.#severalConnections = false;
  }

  /** The receiver closed a connection. True: right after its answer, so that it is well. */
  closed({ answers, provenMs }: Conduct, nowMs: MonoMs): boolean {
    if (answers === 0 || nowMs - provenMs >= CLOSE_AFTER_ANSWER_MS) return false;
    if (answers > 1) return true;
    this.#closesInARow += 1;
    if (this.#closesInARow >= CLOSES_IN_A_ROW) this.#oneFrameUntilMs = after(nowMs, LEARNED_MS);
    return true;
  }

  /** The receiver refused a connection beside another one. */
  refused(nowMs: MonoMs): void {
    this.#refusedUntilMs = after(nowMs, REFUSED_MS);
  }
}
