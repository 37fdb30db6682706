import type { AfterActionDocument } from '../../../protocol/after-action-document.ts';
import { CallpointError } from '../../../protocol/errors.ts';
import { afterActionDocument } from '../../after-action/after-action.ts';
import { afterActionPrintout } from '../../after-action/after-action-printout.ts';
import { type AfterActionRequest, findSubject } from '../../after-action/find-subject.ts';
import { JournalHistory } from '../../after-action/journal-history.ts';
import { LocalTimes } from '../../after-action/local-times.ts';
import { LatinSpelling } from '../../core/latin.ts';
import type { Site } from '../../core/site.ts';
import { person } from '../person.ts';
import { callpointVersion } from '../version.ts';
import { fileTime, fileWord } from './file-name.ts';
import type { OutputOptions } from './output-options.ts';
import { provenPart, readVerified, verifiedJournal } from './verified-journal.ts';
import { writeReport } from './write-report.ts';

interface AfterActionOrder {
  readonly request: AfterActionRequest;
  readonly site: Site | undefined;
  /** Every directory that may hold a part of the journal. */
  readonly directories: readonly string[];
  readonly output: OutputOptions;
}

/** @throws CallpointError JOURNAL_UNREADABLE, JOURNAL_NOT_PROVEN, REPORT_REFUSED */
export async function writeAfterAction(order: AfterActionOrder, out: (line: string) => void): Promise<void> {
  const { site, output } = order;
  const madeAt = new Date();
  const document = await afterAction(order, madeAt);
  const latin = new LatinSpelling(site?.latin ?? new Map());
  const report = {
    document,
    printout: () => afterActionPrintout(document, new LocalTimes()),
    name: nameOf(document),
    madeAt,
    spell: (text: string) => latin.text(text),
  };
  await writeReport(report, output, out);
}

async function afterAction(
  { request, site, directories }: AfterActionOrder,
  madeAt: Date,
): Promise<AfterActionDocument> {
  const verified = await verifiedJournal(directories);
  const found = readVerified(verified, directories, (records) => findSubject(records, request, madeAt.getTime()));
  if (found === undefined) refuseUnknown(request);
  const { about, scope } = found;
  const history = readVerified(verified, directories, (records) => {
    const collected = new JournalHistory(scope);
    for (const record of records) collected.add(record);
    return collected;
  });
  const made = { atMs: madeAt.getTime(), by: person(), version: callpointVersion() };
  return afterActionDocument({ about, scope, history, journal: provenPart(verified), site, made });
}

function refuseUnknown(request: AfterActionRequest): never {
  const what =
    request.kind === 'alert'
      ? `The journal has no alert ${request.alert}. callpoint alerts lists those that it has.`
      : `The journal has no drill${request.kind === 'drill' && request.scope !== undefined ? ` in ${request.scope}` : ''}. callpoint report --since 30d tells of all alerts.`;
  throw new CallpointError('REPORT_REFUSED', what);
}

/** `2026-11-28-0905-drill-building-A` */
function nameOf({ about, from_at, until_at }: AfterActionDocument): string {
  const [from, until] = [fileTime(from_at), fileTime(until_at)];
  switch (about.kind) {
    case 'alert':
      return `${from}-alert-${fileWord(about.alert)}`;
    case 'drill':
      return `${from}-drill-${fileWord(about.scope)}`;
    case 'period':
      return `${from}-to-${until}-report`;
  }
}
