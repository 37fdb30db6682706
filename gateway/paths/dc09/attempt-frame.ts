import type { WallMs } from '../../../protocol/clocks.ts';
import { encodeEvent } from '../../../protocol/dc09/event.ts';
import { type Dc09Message, encodeMessage } from '../../../protocol/dc09/message.ts';
import type { Sealer } from '../../../protocol/dc09/sealer.ts';
import type { Attempt } from '../../core/report.ts';
import { monoMs } from '../../system/clock.ts';
import type { Expected } from './answer.ts';
import type { SealedAnswers } from './sealed-answers.ts';
import type { Dc09Account } from './settings.ts';

/**
 * The frame of one attempt, stamped with the time of this sending: receivers refuse frames more
 * than 40 s old, so a report that has waited must not carry its old stamp. The event's own fields
 * say when it happened.
 *
 * @param stampMs this machine's wall clock plus the attempt's clock offset
 * @throws RangeError if the event doesn't fit a frame
 */
export function encodeAttempt(settings: Dc09Account, attempt: Attempt, stampMs: WallMs, sealer?: Sealer): Uint8Array {
  const account = settings.account.toUpperCase();
  const content = contentOf(settings, attempt, account);
  const stamped = settings.timestamp || sealer !== undefined;
  const message: Dc09Message = {
    ...content,
    sequence: attempt.report === undefined ? 0 : attempt.sequence,
    receiver: settings.receiver,
    prefix: settings.prefix,
    account,
    ...(stamped ? { timestampMs: stampMs } : {}),
  };
  return encodeMessage(message, sealer);
}

/**
 * What the answer to that frame must look like.
 *
 * @param accepted the acknowledgements of this receiver that counted
 */
export function expectedAnswer(
  settings: Dc09Account,
  attempt: Attempt,
  stampMs: WallMs,
  sealer: Sealer | undefined,
  accepted: SealedAnswers,
): Expected {
  return {
    sequence: attempt.report === undefined ? 0 : attempt.sequence,
    account: settings.account.toUpperCase(),
    stampMs,
    ...(sealer === undefined ? {} : { sealer }),
    isReplay: (sealed) => accepted.isReplay(sealed, monoMs()),
  };
}

function contentOf(settings: Dc09Account, attempt: Attempt, account: string) {
  if (attempt.report === undefined) return { token: 'NULL', data: '', xdata: [] };
  const format = settings.formats[attempt.format] ?? settings.formats.at(-1) ?? 'SIA-DCS';
  // Our clock also gives the time of the event. The receiver has reported the difference, and
  // should read its own time here.
  const occurredMs = attempt.report.occurredMs + attempt.clockOffsetMs;
  const area = settings.area ?? attempt.report.area;
  return { token: format, ...encodeEvent(format, account, { ...attempt.report, occurredMs, area }) };
}
