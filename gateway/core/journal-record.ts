import type { WallMs } from '../../protocol/clocks.ts';
import type { PressPattern } from '../../protocol/press-pattern.ts';
import type { ProvenRecord, WalkTestRecord } from './proof-record.ts';
import type { EarlierReport, Report } from './report.ts';
import type { TroubleTypeName } from './trouble-types.ts';

/**
 * What the core asks the journal to keep, and gets back at the next start. `at`: wall ms since 1970
 * UTC.
 */
export type JournalRecord =
  /** One start of the gateway; `session` rises with every start. */
  | { readonly t: 'session'; readonly at: WallMs; readonly session: number }
  | FromBackup
  /** The wall clock was set by so much between this record and the one before it. */
  | { readonly t: 'clockSet'; readonly at: WallMs; readonly byMs: number }
  | AlertRaised
  | ReportMade
  | KeptRecord
  /**
   * Where the end of an alert, or an update, must be sent: the paths that the alert itself may have
   * reached.
   */
  | { readonly t: 'routed'; readonly at: WallMs; readonly report: string; readonly to: readonly string[] }
  | DrillRecord
  | WalkTestRecord
  | ProvenRecord
  | {
      readonly t: 'attempt';
      readonly at: WallMs;
      readonly report: string;
      readonly path: string;
      readonly n: number;
      readonly format: number;
    }
  | {
      readonly t: 'outcome';
      readonly at: WallMs;
      readonly report: string;
      readonly path: string;
      readonly n: number;
      readonly outcome: string;
      readonly detail?: string;
      /**
       * From the attempt's start to this outcome, ms by the monotonic clock; absent in journals of
       * earlier versions.
       */
      readonly tookMs?: number;
      /**
       * From the attempt's start until the network had its first byte, ms; absent: it sent none, or
       * an earlier version wrote this.
       */
      readonly sentMs?: number;
      /** This outcome completes the alert's plan (`Plan.done`). Set on a hand-over only. */
      readonly completes?: true;
    }
  /**
   * A device with a counter and no epoch was heard, or it restarted its counter in the next epoch.
   */
  | {
      readonly t: 'heard';
      readonly at: WallMs;
      readonly device: string;
      readonly epoch: number;
      readonly counter: number;
      /** Fingerprint of the device's key; absent in journals of earlier versions. */
      readonly key?: string;
    }
  /** A button said something new on a wire that numbers nothing. `button`: its configuration id. */
  | {
      readonly t: 'button';
      readonly at: WallMs;
      readonly device: string;
      readonly button: string;
      readonly heard: SavedButton;
    }
  /** A press of a device whose wire numbers messages by one byte was heard. */
  | { readonly t: 'packet'; readonly at: WallMs; readonly device: string; readonly packet: SavedPacket }
  | HoldHeard
  /** The hold waits no more: its alert was raised. */
  | { readonly t: 'holdOver'; readonly at: WallMs; readonly hold: string }
  | { readonly t: 'notConfirmed'; readonly at: WallMs; readonly alert: string }
  | {
      readonly t: 'closed';
      readonly at: WallMs;
      readonly alert: string;
      readonly state: 'resolved' | 'cancelled';
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly t: 'trouble';
      readonly at: WallMs;
      readonly id: string;
      readonly type: TroubleTypeName;
      readonly subject: string;
      readonly state: 'standing' | 'restored' | 'notice';
      readonly text: string;
      /** For the administrator; absent in journals of earlier versions, whose text has it all. */
      readonly detail?: string;
      readonly zone: number;
      readonly area: number;
      /**
       * Its report has a record before this one. A standing trouble is written again from time to
       * time.
       */
      readonly reported?: true;
    }
  /**
   * A report other than an alarm is settled: it was acknowledged, or no receiver can process it.
   */
  | { readonly t: 'settled'; readonly at: WallMs; readonly report: string }
  | Checkpoint;

/**
 * Everything before this record came from a backup. What was heard and sent between the backup and
 * this record is not known.
 */
interface FromBackup {
  readonly t: 'fromBackup';
  readonly at: WallMs;
  /** When the backup was made. */
  readonly madeAt: WallMs;
  /** The next start has a higher number, even if its clock is wrong. */
  readonly session: number;
}

/** A trouble stands or is over, or it was a notice. */
export type TroubleRecord = Extract<JournalRecord, { t: 'trouble' }>;

/**
 * What was heard of a device, as the journal keeps it. `key`: fingerprint of the key it was heard
 * under; absent in journals of earlier versions. `floor`: see `FrameWindow.isProven`; `DOUBTED`:
 * newer messages than these may have been heard.
 */
export type SavedWindow = readonly [
  epoch: number,
  highest: number,
  seenHex: string,
  key?: string | null,
  floor?: number,
];

/** In place of a floor. Earlier versions take it for a floor below every counter. */
export const DOUBTED = -1;

/** What tells the next press of a button from a repeat, on a wire that numbers nothing. */
export interface SavedButton {
  readonly marks?: SavedMarks;
  /** The last state of a button whose topic carries states. */
  readonly state?: string;
}

/** The last event of a button whose device marks its events. */
export interface SavedMarks {
  readonly mark: string;
  /** What was said under that mark. */
  readonly values: readonly string[];
  /** A press that the broker had retained and that was reported, and nothing more. */
  readonly retained?: string;
}

/** By configuration id. */
export type SavedButtons = Readonly<Record<string, SavedButton>>;
/**
 * What a restart must know of a device whose wire numbers messages by one byte. `counts`: it has
 * used more than one number. `id`, `says`: its last message, if that was a press.
 */
export type SavedPacket = readonly [counts: boolean, id?: number, says?: string];

/** Marks a device without a key. Records of versions that stored no keys have no mark at all. */
export const NO_KEY = 'none';

/**
 * The window of one device under one of its keys. `generation`: the number of that key, from 1.
 * `null`: nothing was heard.
 */
export type KeptKey = readonly [fingerprint: string, generation: number, heard: SavedWindow | null];

/** What must outlive any retention: how far the counters have run. */
export interface Checkpoint {
  readonly t: 'counters';
  readonly at: WallMs;
  /** The session of the run that wrote it; absent in journals of earlier versions. */
  readonly session?: number;
  /**
   * For all devices or some: the highest (epoch, counter) heard, and the 64 counters up to it as a
   * bit set in hex.
   */
  readonly devices: Readonly<Record<string, SavedWindow>>;
  /**
   * For devices that have had more than one key: each of the last keys, the present one included.
   */
  readonly keys?: Readonly<Record<string, readonly KeptKey[]>>;
  /** By device, for those whose wire numbers nothing. */
  readonly buttons?: Readonly<Record<string, SavedButtons>>;
  /** For devices whose wire numbers messages by one byte. */
  readonly packets?: Readonly<Record<string, SavedPacket>>;
  /** Last sequence number used on each path. */
  readonly sequences: Sequences;
}

/**
 * Written when a drill starts and ends, and every minute between, so that no restart lengthens it.
 */
export interface DrillRecord {
  readonly t: 'drill';
  readonly at: WallMs;
  readonly scope: string;
  readonly state: 'running' | 'ended';
  readonly startedAt: WallMs;
  readonly endsAt: WallMs;
  /** Remaining time when this was written, ms. */
  readonly leftMs: number;
  readonly by: string;
  readonly reason: string;
}

/** A button is held, and the alert waits until the device says what became of it. */
export interface HoldHeard {
  readonly t: 'hold';
  readonly at: WallMs;
  /** That of the alert which it will raise. */
  readonly id: string;
  readonly device: string;
  readonly button: number;
  readonly epoch: number;
  readonly counter: number;
  readonly generation?: number;
  /** Position among the presses of its message. */
  readonly part: number;
  readonly authenticated: boolean;
  /** A drill covered the device. */
  readonly drill?: true;
  /** A walk test did. */
  readonly walkTest?: true;
}

export interface AlertRaised {
  readonly t: 'alert';
  readonly at: WallMs;
  readonly id: string;
  readonly kind: string;
  readonly device: string;
  readonly button: number;
  readonly pattern: PressPattern;
  readonly epoch: number;
  readonly counter: number;
  /** The number of the device's key, from 2; absent: its first. */
  readonly generation?: number;
  /**
   * Fingerprint of the device's key, `none` without one; absent in journals of earlier versions.
   */
  readonly key?: string;
  readonly authenticated: boolean;
  readonly report: Report;
  readonly sequences: Sequences;
}

/** A report other than an alarm was made: trouble, restore, test. */
export interface ReportMade {
  readonly t: 'report';
  readonly at: WallMs;
  readonly report: Report;
  readonly sequences: Sequences;
  /** Each of these paths must have it, whatever the plan says. */
  readonly to?: readonly string[];
}

/** The progress of an alert or a report. */
export type Progress = Extract<JournalRecord, { t: 'attempt' | 'outcome' | 'notConfirmed' | 'closed' | 'routed' }>;

/** The sum of all records of one alert or report, written so that the older ones may be deleted. */
export interface KeptRecord {
  readonly t: 'kept';
  readonly at: WallMs;
  readonly of: AlertRaised | ReportMade;
  /** The records about it that still matter. */
  readonly progress: readonly Progress[];
  /** The last updates sent about the alert, oldest first. */
  readonly earlier?: readonly EarlierReport[];
  readonly lastUpdate?: Report;
  /** The report of the alert's end was made. */
  readonly closingReported?: true;
}

/**
 * The report's sequence number on each path, by path id. The record that makes the report durable
 * assigns them for all paths, so that no crash can separate a report from the number it was, or
 * will be, sent with.
 */
export type Sequences = Readonly<Record<string, number>>;

/**
 * A record and what it keeps alive. A segment is not deleted while it holds the newest record of a
 * key.
 */
export interface JournalEntry {
  readonly record: JournalRecord;
  /** From now on this record must be kept for the key. */
  readonly holds?: string;
  /** Nothing need be kept for the key any more. */
  readonly releases?: string;
  /**
   * Not new: the journal wrote the sum of older records again, from `begin` to `end`. Only the
   * `end` makes it valid: these records then replace everything before the `begin`.
   */
  readonly carry?: 'begin' | 'item' | 'end';
  /** With `end`: the keys that it does not replace. Their records were on a disk that was away. */
  readonly without?: readonly string[];
}
