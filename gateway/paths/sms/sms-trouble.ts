import { type ErrorCause, explain } from '../../../protocol/sms/at-errors.ts';
import type { AtError } from '../../../protocol/sms/at-lines.ts';
import type { FailureReason } from '../../core/report.ts';
import type { AtAnswer } from './at-dialogue.ts';

/** Why something did not succeed. */
export interface SmsTrouble {
  readonly reason: FailureReason;
  /** Plain text that says what a person can do. */
  readonly words: string;
  /** `silence`: of the modem or the port. Nothing further will succeed now. */
  readonly cause: ErrorCause | 'silence';
}

export function silent(answer: AtAnswer, words: string): SmsTrouble {
  return { reason: 'unreachable', words: answer.type === 'gone' ? answer.detail : words, cause: 'silence' };
}

export function failed(cause: ErrorCause, words: string): SmsTrouble {
  const reason = cause === 'network' ? 'unreachable' : cause === 'modem' ? 'protocolError' : 'refused';
  return { reason, words, cause };
}

export function refusal(command: string, error: AtError): SmsTrouble {
  const { cause, words } = explain(error);
  return failed(cause, `the modem refuses ${command}: ${words}`);
}
