import type { MonoMs } from '../../../protocol/clocks.ts';

/**
 * Four digits, the same for every attempt of one report: receivers know a repeat by sender and id.
 */
export function messageId(sequence: number): string {
  return String(sequence).padStart(4, '0');
}

/** Our id as some stations write it: as a number, without its leading zeros or with one more. */
function asOurs(id: string): string {
  const [, digits] = /^0*(\d{1,4})$/.exec(id) ?? [];
  return digits === undefined ? id : digits.padStart(4, '0');
}

/** What a receiver said of a message. */
export type Answer = 'ack' | 'rej';

interface Message {
  /** Whose id it is: ids come round again after 9,999 reports. `undefined`: a poll. */
  readonly report: string | undefined;
  /** Waits for the answer. */
  attempt: number | undefined;
  answer: Answer | undefined;
  lastMs: MonoMs;
}

/**
 * An answer may come long after its attempt was given up: digipeaters and receivers hold frames
 * back while a channel is busy.
 */
const KEEP_MS = 10 * 60_000;
const MESSAGES_MAX = 256;

/**
 * The messages sent lately, by id: an answer to an earlier attempt serves the one under way, or the
 * next.
 */
export class MessageIds {
  readonly #messages = new Map<string, Message>();

  /**
   * What was answered to this very report after its attempt had been given up. A refusal serves one
   * attempt: the next one sends the message again.
   */
  takeAnswer(id: string, report: string): Answer | undefined {
    const message = this.#messages.get(id);
    if (message?.report !== report) return undefined;
    const { answer } = message;
    if (answer === 'rej') message.answer = undefined;
    return answer;
  }

  /** The message has been sent for this attempt. */
  begin(id: string, report: string | undefined, attempt: number, nowMs: MonoMs): void {
    // Behind all others, so that the oldest stands first.
    this.#messages.delete(id);
    this.#messages.set(id, { report, attempt, answer: undefined, lastMs: nowMs });
    for (const [oldest, { lastMs }] of this.#messages) {
      if (this.#messages.size <= MESSAGES_MAX && nowMs - lastMs <= KEEP_MS) break;
      this.#messages.delete(oldest);
    }
  }

  /**
   * @returns the attempt that has waited for it; `undefined` if none does, or the id is not known
   */
  settle(id: string, answer: Answer, nowMs: MonoMs): number | undefined {
    const message = this.#messages.get(asOurs(id));
    if (message === undefined || nowMs - message.lastMs > KEEP_MS) return undefined;
    const { attempt } = message;
    message.attempt = undefined;
    // An acknowledgement stays true whatever is said after it. A refusal that an attempt takes is
    // used up.
    if (answer === 'ack') message.answer = 'ack';
    else if (attempt === undefined) message.answer ??= 'rej';
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
