import { afterActionDocument } from '../../../gateway/after-action/after-action.ts';
import { type AfterActionRequest, findSubject } from '../../../gateway/after-action/find-subject.ts';
import { JournalHistory } from '../../../gateway/after-action/journal-history.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { Site } from '../../../gateway/core/site.ts';
import type { AfterActionDocument } from '../../../protocol/after-action-document.ts';

const PROVEN = { from_record: 1, to_record: 9, from_beginning: true, first_at: null, last_at: null, chain: 'abc' };

/** The report on these records, made at `atMs`; `undefined`: they have no such alert or drill. */
export function reported(
  records: readonly JournalRecord[],
  request: AfterActionRequest,
  { site, atMs }: { readonly site?: Site; readonly atMs: number },
): AfterActionDocument | undefined {
  const found = findSubject(records, request, atMs);
  if (found === undefined) return undefined;
  const history = new JournalHistory(found.scope);
  for (const record of records) history.add(record);
  const made = { atMs, by: 'maria', version: '1.2.3' };
  return afterActionDocument({ ...found, history, journal: PROVEN, site, made });
}
