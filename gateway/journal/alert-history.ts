import type { AlertRaised } from '../core/journal-record.ts';
import { OpenReport } from '../core/restart/open-report.ts';
import { isReadable } from '../core/restart/record-shape.ts';
import type { StoredEntry } from './read-journal.ts';

/**
 * An alert, open or over, as its records describe it. The rules are those of a start of the
 * gateway.
 */
export interface RecordedAlert {
  readonly raised: AlertRaised;
  readonly progress: OpenReport;
}

/** All alerts in the journal, in the order they were raised. */
export function recordedAlerts(entries: Iterable<Pick<StoredEntry, 'entry'>>): RecordedAlert[] {
  const alerts = new Map<string, RecordedAlert>();
  for (const { entry } of entries) {
    const { record } = entry;
    // Another version of the gateway wrote it.
    if (!isReadable(record)) continue;
    switch (record.t) {
      case 'alert':
        alerts.set(record.id, { raised: record, progress: new OpenReport(record) });
        break;
      case 'attempt':
      case 'outcome':
      case 'routed':
        // Only alarms are alerts.
        alerts.get(record.report)?.progress.apply(record);
        break;
      case 'notConfirmed':
      case 'closed':
        // The record of the alert itself may be damaged, or deleted with an old segment.
        alerts.get(record.alert)?.progress.apply(record);
        break;
    }
  }
  return [...alerts.values()];
}
