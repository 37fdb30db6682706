/** What a receiver said of a message. */
export type Answer = 'ack' | 'rej';

interface Message {
  /** Whose id it is: ids come round again after 9,999 reports. `undefined`: a poll. */
  readonly report: string | undefined;
  /** Waits for the answer. */
  attempt: number | undefined;
  answer: Answer | undefined;
  lastMs: number;
}

/** An answer may come long after its attempt was given up: digipeaters and receivers hold frames back while a channel is busy. */
const KEEP_MS = 10 * 60_000;
const MOST = 256;

/** The messages sent lately, by id: an answer to an earlier attempt serves the one under way, or the next one. */
export class MessageIds {
  readonly #messages = new Map<string, Message>();

  /** What was answered to this very report after its attempt had been given up. */
  answered(id: string, report: string): Answer | undefined {
    const message = this.#messages.get(id);
    return message?.report === report ? message.answer : undefined;
  }

  /** The message has been sent for this attempt. */
  begin(id: string, report: string | undefined, attempt: number, nowMs: number): void {
    // Behind all others, so that the oldest stands first.
    this.#messages.delete(id);
    this.#messages.set(id, { report, attempt, answer: undefined, lastMs: nowMs });
    for (const [oldest, { lastMs }] of this.#messages) {
      if (this.#messages.size <= MOST && nowMs - lastMs <= KEEP_MS) break;
      this.#messages.delete(oldest);
    }
  }

  /** @returns the attempt that has waited for it; `undefined` if none does, or the id is not known */
  settle(id: string, answer: Answer, nowMs: number): number | undefined {
    const message = this.#messages.get(id);
    if (message === undefined || nowMs - message.lastMs > KEEP_MS) return undefined;
    message.answer ??= answer;
    const { attempt } = message;
    message.attempt = undefined;
    return attempt;
  }

  /** Nobody waits for this attempt's answer any more. False if nobody did. */
  abandon(attempt: number): boolean {
    for (const message of this.#messages.values()) {
      if (message.attempt !== attempt) continue;
      message.attempt = undefined;
      return true;
    }
    return false;
  }

  /** The attempts that wait; they do no longer. */
  abandonAll(): number[] {
    const attempts: number[] = [];
    for (const message of this.#messages.values()) {
      if (message.attempt !== undefined) attempts.push(message.attempt);
      message.attempt = undefined;
    }
    return attempts;
  }
}
