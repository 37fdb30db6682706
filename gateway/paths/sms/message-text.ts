import { toGsmText } from '../../../protocol/sms/gsm7.ts';
import type { Report } from '../../core/report.ts';
import { reportText } from '../../core/report-text.ts';

/** Of one message in the GSM alphabet (3GPP TS 23.040 §9.2.3.24). */
const MOST_SEPTETS = 160;

/** The report's words, so many as fit into one message. Written in the alphabet first: that may make them longer. */
export function messageText(report: Report): string {
  const { alert } = report;
  const text = toGsmText(report.text);
  if (alert?.doors === undefined) return reportText({ ...report, text }, MOST_SEPTETS);
  const doors = alert.doors.map((door) => ({ ...door, name: toGsmText(door.name) }));
  return reportText({ ...report, text, alert: { ...alert, doors } }, MOST_SEPTETS);
}
