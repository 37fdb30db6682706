import type { Context } from '../context.ts';
import type { Report } from '../report.ts';
import type { Dispatcher } from './dispatcher.ts';

/**
 * Sends a report other than an alarm, and keeps it durable until it is settled. `to`: each of these
 * paths must have it, whatever the plan says.
 */
export function submitReport(context: Context, dispatcher: Dispatcher, report: Report, to?: readonly string[]): void {
  const sequences = dispatcher.reserve();
  const at = context.now.wallMs;
  const record = { t: 'report', at, report, sequences, ...(to === undefined ? {} : { to }) } as const;
  context.journal(record, { holds: `report:${report.id}` });
  dispatcher.submit(report, sequences, { to });
}

/** No receiver is owed anything more of it. */
export function settleReport(context: Context, report: Report): void {
  context.journal({ t: 'settled', at: context.now.wallMs, report: report.id }, { releases: `report:${report.id}` });
}
