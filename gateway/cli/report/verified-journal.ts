import { setTimeout as sleep } from 'node:timers/promises';
import type { ProvenJournal } from '../../../protocol/after-action-document.ts';
import { CallpointError } from '../../../protocol/errors.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import type { JournalRecord } from '../../core/journal-record.ts';
import { provenRecords } from '../../journal/proven-records.ts';
import { type VerifyResult, verifyJournal } from '../../journal/verify-journal.ts';
import { giveWay } from '../give-way.ts';
import { readAgain } from '../journal-place.ts';
import { percent, startProgress } from '../progress.ts';

/** A gateway that runs may be in the middle of a write. */
const VERIFIED_AGAIN_MS = 300;
const VERIFY_TRIES_MAX = 3;

/**
 * Nothing is reported from a journal that is damaged or was altered.
 *
 * @throws CallpointError JOURNAL_UNREADABLE, JOURNAL_NOT_PROVEN
 */
export async function verifiedJournal(directories: readonly string[]): Promise<VerifyResult> {
  // A year's journal takes minutes on a Pi.
  giveWay();
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

/** As many records as are read between two signs of progress. */
const SHOWN_EVERY = 4096;

/**
 * Reads what was verified, and shows how far it is.
 *
 * @throws CallpointError JOURNAL_UNREADABLE
 */
export function readVerified<T>(
  { proven: { from, to } }: VerifyResult,
  directories: readonly string[],
  read: (records: Iterable<JournalRecord>) => T,
): T {
  const progress = startProgress();
  function* shown(there: readonly string[]): Generator<JournalRecord> {
    let count = 0;
    for (const record of provenRecords(there, to)) {
      if (count % SHOWN_EVERY === 0) progress.show(`Reading the journal: ${percent(count, to - from)}`);
      count += 1;
      yield record;
    }
  }
  try {
    return readAgain(directories, (there) => read(shown(there)));
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

export function provenPart({ proven, firstAt, lastAt }: VerifyResult): ProvenJournal {
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
