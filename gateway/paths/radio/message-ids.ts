import type { MonoMs } from '../../../protocol/clocks.ts';

/**
 * Four digits, the same for every attempt of one report: receivers recognise a repeat by sender and
 * id.
 */
export function messageId(sequence: number): string {
  return String(sequence).padStart(4, '0');
}

/** Our id as some stations write it: as a number, without its leading zeros or with one more. */
function asOurs(id: string): string {
  const [, digits] = /^0*(\d{1,4})$/.exec(id) ?? [];
  return digits === undefined ? id : digits.padStart(4, '0');
}

/** A receiver's answer to a message. */
export type Answer = 'ack' | 'rej';

interface Message {
  /** The report that has the id. Ids return after 9,999 reports. `undefined`: a poll. */
  readonly report: string | undefined;
  /** The attempt that waits for the answer. */
  attempt: number | undefined;
  answer: Answer | undefined;
  lastMs: MonoMs;
}

/**
 * An answer may come long after its attempt was given up: digipeaters and receivers hold frames
 * while a channel is busy.
 */
const KEEP_MS = 10 * 60_000;
const MESSAGES_MAX = 256;

/**
 * Recently sent messages, by id. An answer to an earlier attempt serves the present one, or the
 * next.
 */
export class MessageIds {
  readonly #messages = new Map<string, Message>();

  /**
   * The answer to this report that came after its attempt was given up. A refusal serves one
   * attempt: the next attempt sends the message again.
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
    // Moves it behind all others, so that the oldest comes first.
    this.#messages.delete(id);
    this.#messages.set(id, { report, attempt, answer: undefined, lastMs: nowMs });
    for (const [oldest, { lastMs }] of this.#messages) {
      if (this.#messages.size <= MESSAGES_MAX && nowMs - lastMs <= KEEP_MS) break;
      this.#messages.delete(oldest);
    }
  }

  /** @returns the attempt that waited for it; `undefined` if none does, or the id is unknown */
  settle(id: string, answer: Answer, nowMs: MonoMs): number | undefined {
    const message = this.#messages.get(asOurs(id));
    if (message === undefined || nowMs - message.lastMs > KEEP_MS) return undefined;
    const { attempt } = message;
    message.attempt = undefined;
    // An acknowledgement stays true whatever follows it. A refusal that an attempt takes is used
    // up.
    if (answer === 'ack') message.answer = 'ack';
    else if (attempt === undefined) message.answer ??= 'rej';
    return attempt;
  }

  /** Stops waiting for this attempt's answer. False if nothing waited. */
  abandon(attempt: number): boolean {
    for (const message of this.#messages.values()) {
      if (message.attempt !== attempt) continue;
      message.attempt = undefined;
      return true;
    }
    return false;
  }

  /** The waiting attempts. They stop waiting. */
  abandonAll(): number[] {
    const attempts: number[] = [];
    for (const message of this.#messages.values()) {
      if (message.attempt !== undefined) attempts.push(message.attempt);
      message.attempt = undefined;
    }
    return attempts;
  }
}
