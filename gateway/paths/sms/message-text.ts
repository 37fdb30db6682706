import { gsmBytes, losesGsmLetters, toGsmText } from '../../../protocol/sms/gsm7.ts';
import { encodeSubmits, ucs2Parts } from '../../../protocol/sms/sms-submit.ts';
import type { Report } from '../../core/report.ts';
import { reportText } from '../../core/report-text.ts';
import type { MessagePart } from './modem.ts';

/** Of one message in the GSM alphabet (3GPP TS 23.040 §9.2.3.24). */
const SEPTETS_MAX = 160;
/** Three parts of 67, less a unit for each cut that would split a character. */
const UCS2_UNITS_MAX = 199;

/** One report, in the form that each number gets. */
export interface SmsText {
  readonly text: string;
  /** @param reference the same for each part and each sending */
  parts(number: string, reference: number): readonly MessagePart[];
}

/**
 * One message in the GSM alphabet; in UCS-2, as up to three parts, where that would lose letters.
 */
export function smsText(report: Report): SmsText {
  const whole = reportText(report, UCS2_UNITS_MAX);
  if (losesGsmLetters(whole)) {
    const parts = ucs2Parts(whole);
    return {
      text: whole,
      parts: (number, reference) =>
        encodeSubmits(number, parts, reference).map((submit) => ({ type: 'pdu', ...submit })),
    };
  }
  const text = gsmText(report);
  return { text, parts: () => [{ type: 'text', text: gsmBytes(text) }] };
}

/**
 * As much as fits into one message. It is converted to the alphabet first, which may make it
 * longer.
 */
function gsmText(report: Report): string {
  const { alert } = report;
  const text = toGsmText(report.text);
  if (alert?.doors === undefined) return reportText({ ...report, text }, SEPTETS_MAX);
  const doors = alert.doors.map((door) => ({ ...door, name: toGsmText(door.name) }));
  return reportText({ ...report, text, alert: { ...alert, doors } }, SEPTETS_MAX);
}
