import type { WallMs } from '../../protocol/clocks.ts';
import { CallpointError } from '../../protocol/errors.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { JournalEntry } from '../core/journal-record.ts';
import { recoveredState } from '../core/restart/journal-replay.ts';
import { type KeptReport, nextSession, type RecoveredState } from '../core/restart/recovered-state.ts';
import { openJournal } from './journal.ts';
import { parseEntry } from './recovered-records.ts';

/** What was not over when the backup was made. */
export interface Unfinished {
  /** Id and text of each. */
  readonly alerts: readonly { readonly id: string; readonly text: string }[];
  readonly madeAt: string;
  /** Cancels and other reports about alerts that no receiver had acknowledged. */
  readonly reports: number;
}

/** `keep`: it goes out to the receivers when the gateway starts. `drop`: it is over. */
export type UnfinishedChoice = 'keep' | 'drop';

interface NotedRestore {
  readonly unfinished: Unfinished;
  readonly choice: UnfinishedChoice;
}

interface RestoredJournal {
  readonly directory: string;
  readonly madeAtMs: WallMs;
  readonly nowMs: WallMs;
  /** Entries as JSON lines, in place of the journal. */
  readonly sum?: Buffer;
  /** Asked only if something was unfinished. */
  choose(unfinished: Unfinished): Promise<UnfinishedChoice>;
}

/**
 * Writes into a restored journal what the next start must know: that it came from a backup. Drills
 * are over, because a real press must not be taken for a drill.
 *
 * @throws CallpointError BACKUP_FAILED
 */
export async function noteRestore(restored: RestoredJournal): Promise<NotedRestore> {
  const { directory, sum, nowMs } = restored;
  let durable = 0;
  let fault = '';
  let wake: () => void = () => undefined;
  const sink = {
    durable: (number: number) => {
      durable = number;
      wake();
    },
    health: (state: string, detail: string) => {
      if (state === 'failed') fault = detail;
      wake();
    },
  };
  const nothing = Number.POSITIVE_INFINITY;
  const settings = { directories: [directory], segmentBytes: 8 * 1024 * 1024, retainMs: nothing, retainBytes: nothing };
  const { journal, recovered } = await openJournal(settings, sink);
  try {
    const earlier = sum === undefined ? [] : entriesIn(sum);
    const records = [...recovered.records, ...earlier.map(({ record }) => record)];
    const state = recoveredState(records);
    const unfinished = unfinishedIn(state, restored.madeAtMs);
    const isAny = unfinished.alerts.length + unfinished.reports > 0;
    const choice = isAny ? await restored.choose(unfinished) : 'keep';
    const entries = [...earlier, ...endings(state, choice, nowMs), fromBackup(state, restored)];
    for (const [at, entry] of entries.entries()) journal.append(at + 1, entry);
    while (durable < entries.length && fault === '')
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    if (fault !== '') throw new CallpointError('BACKUP_FAILED', `The journal can't be written: ${fault}`);
    return { unfinished, choice };
  } finally {
    await journal.close();
  }
}

function entriesIn(sum: Buffer): JournalEntry[] {
  return sum
    .toString('utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : (parseEntry(line) ?? [])));
}

function unfinishedIn({ alerts, reports, holds }: RecoveredState, madeAtMs: WallMs): Unfinished {
  const held = holds.map(({ id, device }) => ({ id, text: `a button of ${device} was held` }));
  return {
    alerts: [...alerts.map(({ raised: { id, report } }) => ({ id, text: report.text })), ...held],
    reports: reports.filter(isAboutAlert).length,
    madeAt: isoTime(madeAtMs),
  };
}

/** Troubles are reported as ever: if one is over by now, its restoral follows. */
function isAboutAlert({ report }: KeptReport): boolean {
  return report.alert !== undefined || report.follows !== undefined;
}

function endings(
  { alerts, reports, holds, drills }: RecoveredState,
  choice: UnfinishedChoice,
  at: WallMs,
): JournalEntry[] {
  const by = 'restore';
  const over = drills.map((drill): JournalEntry => {
    const record = { ...drill, at, state: 'ended', leftMs: 0, by, reason: 'a backup was restored' } as const;
    return { record, releases: `drill:${drill.scope}` };
  });
  if (choice === 'keep') return over;
  const reason = 'left open in the backup that was restored';
  return [
    ...over,
    ...alerts.flatMap(({ raised: { id } }): JournalEntry[] => [
      { record: { t: 'closed', at, alert: id, state: 'cancelled', by, reason } },
      { record: { t: 'settled', at, report: id }, releases: `alert:${id}` },
    ]),
    ...reports
      .filter(isAboutAlert)
      .map(
        ({ report: { id } }): JournalEntry => ({ record: { t: 'settled', at, report: id }, releases: `report:${id}` }),
      ),
    ...holds.map(({ id }): JournalEntry => ({ record: { t: 'holdOver', at, hold: id }, releases: `hold:${id}` })),
  ];
}

function fromBackup({ session }: RecoveredState, { nowMs, madeAtMs }: RestoredJournal): JournalEntry {
  return { record: { t: 'fromBackup', at: nowMs, madeAt: madeAtMs, session: nextSession(session, nowMs) } };
}
