import type { WallMs } from '../../../protocol/clocks.ts';
import type { KeptAlert } from '../alerts/kept-alert.ts';
import type { KeptDelivery } from '../delivery/delivery.ts';
import type { KeyWindows } from '../devices/key-windows.ts';
import type { DrillRecord, Sequences, TroubleRecord } from '../journal-record.ts';
import type { Report } from '../report.ts';

/** What the journal's records add up to. */
export interface RecoveredState {
  readonly session: number;
  /** Not over yet, in the order they were raised. */
  readonly alerts: readonly KeptAlert[];
  /** Reports other than alarms that are not settled. */
  readonly reports: readonly KeptReport[];
  /** Those that stand. */
  readonly troubles: readonly TroubleRecord[];
  /** Troubles, restorals and notices whose report a crash cut off. */
  readonly unreported: readonly TroubleRecord[];
  /**
   * What was heard of each device under each of its keys: of all checkpoints, because one may have
   * been written before older ones were read; and of every alert, also if it is over, because its
   * press is not new.
   */
  readonly windows: ReadonlyMap<string, KeyWindows>;
  /** Last sequence number used on each path. */
  readonly sequences: ReadonlyMap<string, number>;
  /** The last record of each drill that had not ended. */
  readonly drills: readonly DrillRecord[];
  /** Records that another version of the gateway wrote and this one can't read. */
  readonly unreadable: number;
}

export interface KeptReport {
  readonly report: Report;
  readonly sequences: Sequences;
  readonly deliveries: ReadonlyMap<string, KeptDelivery>;
  readonly to: readonly string[] | undefined;
}

/** The bus counts sessions in 32 bits. */
const LAST_SESSION = 0xffff_ffff;

/**
 * The number of this start of the gateway. It rises with every start, and over a lost data
 * directory if the clock is right, because the button bus must never use a (session, counter) twice
 * with one key.
 */
export function nextSession(last: number, wallMs: WallMs): number {
  const seconds = Math.floor(wallMs / 1000);
  // A clock that says 2106 or later is wrong, and would leave no higher number for the next start.
  return Math.max(last + 1, seconds < LAST_SESSION ? seconds : 0);
}
