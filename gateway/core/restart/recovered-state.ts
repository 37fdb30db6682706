import type { WallMs } from '../../../protocol/clocks.ts';
import type { KeptAlert } from '../alerts/kept-alert.ts';
import type { KeptDelivery } from '../delivery/delivery.ts';
import type { KeyWindows } from '../devices/key-windows.ts';
import type { DrillRecord, HoldHeard, SavedButton, SavedPacket, Sequences, TroubleRecord } from '../journal-record.ts';
import type { ProvenRecord, WalkTestRecord } from '../proof-record.ts';
import type { Report } from '../report.ts';

/** The sum of the journal's records. */
export interface RecoveredState {
  readonly session: number;
  /** Open alerts, in the order they were raised. */
  readonly alerts: readonly KeptAlert[];
  /** Unsettled reports other than alarms. */
  readonly reports: readonly KeptReport[];
  /** Standing troubles. */
  readonly troubles: readonly TroubleRecord[];
  /** Troubles, restorals and notices whose report was lost in a crash. */
  readonly unreported: readonly TroubleRecord[];
  /**
   * What was heard of each device under each of its keys. It is the sum of all checkpoints, because
   * a checkpoint may have been written before older ones were read. It includes every alert, even
   * one that is over, because its press is not new.
   */
  readonly windows: ReadonlyMap<string, KeyWindows>;
  /** What the buttons of each device said last on a wire that numbers nothing, by their ids. */
  readonly buttons: ReadonlyMap<string, ReadonlyMap<string, SavedButton>>;
  /** The last press of each device whose wire numbers messages by one byte. */
  readonly packets: ReadonlyMap<string, SavedPacket>;
  /** Last sequence number used on each path. */
  readonly sequences: ReadonlyMap<string, number>;
  /** The last record of each drill that had not ended. */
  readonly drills: readonly DrillRecord[];
  /** Of each button that was held, and whose alert had not been raised. */
  readonly holds: readonly HoldHeard[];
  /** The last record of the last walk test; `undefined`: there has been none. */
  readonly walkTest: WalkTestRecord | undefined;
  /** The last proofs of each item. */
  readonly proven: readonly ProvenRecord[];
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
 * The number of this start of the gateway. It rises with every start, and even after the loss of a
 * data directory if the clock is right, because the button bus must never use a (session, counter)
 * twice with one key.
 */
export function nextSession(last: number, wallMs: WallMs): number {
  const seconds = Math.floor(wallMs / 1000);
  // A clock in 2106 or later is wrong, and would leave no higher number for the next start.
  return Math.max(last + 1, seconds < LAST_SESSION ? seconds : 0);
}
