import { setTimeout as sleep } from 'node:timers/promises';
import type { AfterActionDocument } from '../../../protocol/after-action-document.ts';
import { CallpointError } from '../../../protocol/errors.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import { afterActionDocument } from '../../after-action/after-action.ts';
import { afterActionPrintout } from '../../after-action/after-action-printout.ts';
import { type AfterActionRequest, findSubject } from '../../after-action/find-subject.ts';
import { JournalHistory } from '../../after-action/journal-history.ts';
import { LocalTimes } from '../../after-action/local-times.ts';
import { LatinSpelling } from '../../core/latin.ts';
import type { Site } from '../../core/site.ts';
import { provenRecords } from '../../journal/proven-records.ts';
import { type VerifyResult, verifyJournal } from '../../journal/verify-journal.ts';
import { readAgain } from '../journal-place.ts';
import { person } from '../person.ts';
import { percent, startProgress } from '../progress.ts';
import { callpointVersion } from '../version.ts';
import type { OutputOptions } from './output-options.ts';
import { writeReport } from './write-report.ts';

interface AfterActionOrder {
  readonly request: AfterActionRequest;
  readonly site: Site | undefined;
  /** Every directory that may hold a part of the journal. */
  readonly directories: readonly string[];
  readonly output: OutputOptions;
}

/** A gateway that runs may be in the middle of a write. */
const VERIFIED_AGAIN_MS = 300;
const VERIFY_TRIES_MAX = 3;

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
  const toRecord = verified.proven.to;
  const found = readAgain(directories, (there) =>
    findSubject(provenRecords(there, toRecord), request, madeAt.getTime()),
  );
  if (found === undefined) refuseUnknown(request);
  const { about, scope } = found;
  const history = readAgain(directories, (there) => {
    const collected = new JournalHistory(scope);
    for (const record of provenRecords(there, toRecord)) collected.add(record);
    return collected;
  });
  const made = { atMs: madeAt.getTime(), by: person(), version: callpointVersion() };
  return afterActionDocument({ about, scope, history, journal: provenPart(verified), site, made });
}

/** @throws CallpointError JOURNAL_NOT_PROVEN */
async function verifiedJournal(directories: readonly string[]): Promise<VerifyResult> {
  for (let tries = 1; ; tries += 1) {
    const result = verifiedOnce(directories);
    if (result.ok) return result;
    if (tries < VERIFY_TRIES_MAX && result.problems.length === 1) await sleep(VERIFIED_AGAIN_MS);
    else refuseUnproven(result, directories);
  }
}

function verifiedOnce(directories: readonly string[]): VerifyResult {
  const progress = startProgress();
  const showPart = (done: number, all: number) => progress.show(`Verifying the journal: ${percent(done, all)}`);
  try {
    return readAgain(directories, (there) => verifyJournal(there, showPart));
  } finally {
    progress.end();
  }
}

function refuseUnproven({ problems }: VerifyResult, directories: readonly string[]): never {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const what = first === undefined ? '' : `\n  ${first.file}:${first.lineNumber}: ${first.text}${more}`;
  const next = `Look with: callpoint verify ${directories.map(shellWord).join(' ')}\nIf there is a copy from before the damage, report from that with --journal.`;
  throw new CallpointError(
    'JOURNAL_NOT_PROVEN',
    `The journal does not verify, so nothing is reported from it:${what}\n${next}`,
  );
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function refuseUnknown(request: AfterActionRequest): never {
  const what =
    request.kind === 'alert'
      ? `The journal has no alert ${request.alert}. callpoint alerts lists those that it has.`
      : `The journal has no drill${request.kind === 'drill' && request.scope !== undefined ? ` in ${request.scope}` : ''}. callpoint report --since 30d tells of all alerts.`;
  throw new CallpointError('REPORT_REFUSED', what);
}

function provenPart({ proven, firstAt, lastAt }: VerifyResult): AfterActionDocument['journal'] {
  const { from, to, fromBeginning, chain } = proven;
  return {
    from_record: from,
    to_record: to,
    from_beginning: fromBeginning,
    first_at: firstAt === undefined ? null : isoTime(firstAt),
    last_at: lastAt === undefined ? null : isoTime(lastAt),
    chain,
  };
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

/** In local time, as on the paper. */
function fileTime(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}`;
}

/** Without what a file's name must not have. A scope may hold letters of any script. */
function fileWord(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}._]+/gu, '-');
}
