import { randomUUID } from 'node:crypto';
import type { WallMs } from '../../protocol/clocks.ts';
import { CallpointError } from '../../protocol/errors.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { JournalEntry } from '../core/journal-record.ts';
import { recoveredState } from '../core/restart/journal-replay.ts';
import { type KeptReport, nextSession, type RecoveredState } from '../core/restart/recovered-state.ts';
import { monoMs, wallMs } from '../system/clock.ts';
import { JournalEngine } from './journal-engine.ts';
import { nodeJournalFiles } from './journal-files.ts';
import { processOwner } from './process-owner.ts';
import type { PendingRecord } from './record-batch.ts';
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
  const { sum, nowMs } = restored;
  const fault = { text: '' };
  const engine = engineOn(restored.directory, fault);
  try {
    // Without the thread of a running gateway: however long a slow card takes, all of it is read.
    const { texts, unread } = engine.open();
    if (unread.length > 0) throw failed('read', unread.join('; '));
    const earlier = sum === undefined ? [] : entriesIn(sum);
    const state = recoveredState([...entriesIn(Buffer.concat(texts)), ...earlier].map(({ record }) => record));
    const unfinished = unfinishedIn(state, restored.madeAtMs);
    const isAny = unfinished.alerts.length + unfinished.reports > 0;
    const choice = isAny ? await restored.choose(unfinished) : 'keep';
    const entries = [...earlier, ...endings(state, choice, nowMs), fromBackup(state, restored)];
    engine.commit(entries.map((entry, at) => pending(at + 1, entry)));
    if (engine.isWaiting) throw failed('written', fault.text);
    return { unfinished, choice };
  } finally {
    engine.close();
  }
}

function engineOn(directory: string, fault: { text: string }): JournalEngine {
  const nothing = Number.POSITIVE_INFINITY;
  const settings = { directories: [directory], segmentBytes: 8 * 1024 * 1024, retainMs: nothing, retainBytes: nothing };
  return new JournalEngine(settings, {
    files: nodeJournalFiles(),
    owner: processOwner(randomUUID()),
    monoMs,
    wallMs,
    durable: () => undefined,
    health: (_state, detail) => {
      fault.text = detail;
    },
  });
}

function pending(number: number, entry: JournalEntry): PendingRecord {
  const { holds, releases } = entry;
  return { number, json: JSON.stringify(entry), ...(holds && { holds }), ...(releases && { releases }) };
}

function failed(what: 'read' | 'written', why: string): CallpointError {
  return new CallpointError('BACKUP_FAILED', `The restored journal can't be ${what}: ${why}`);
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
