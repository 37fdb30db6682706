import type { WallMs } from '../../protocol/clocks.ts';
import type { CapCategory, KindAction } from './site.ts';

/**
 * The subject of one message to a receiver. The order of `class` is the order of urgency, most
 * urgent first. `update`: something about a reported alert has changed (its doors); only for paths
 * that take updates.
 */
export type ReportClass = 'alarm' | 'cancel' | 'restore' | 'update' | 'trouble' | 'troubleRestore' | 'test';

/** Not a real alarm. Every text says so first, and every protocol says so in its own terms. */
export type Exercise = 'drill' | 'test';

/**
 * One event for the receivers. Plain data: the core makes it, and each path's driver encodes it for
 * its wire. A retry and a second path carry the same `id`.
 */
export interface Report {
  /**
   * Alert id (`device.epoch.counter`, with a later key `device.k2.epoch.counter`) for alarms;
   * `trouble.…`, `test.…` otherwise. Characters `[A-Za-z0-9._-]`.
   */
  readonly id: string;
  readonly class: ReportClass;
  /** Two-letter SIA DC-03 event code, e.g. `HA`. */
  readonly sia: string;
  /** Contact ID event code (SIA DC-05), three digits, e.g. `122`. */
  readonly contactId: string;
  /** Contact ID qualifier: 1 new event, 3 restore. */
  readonly qualifier: 1 | 3;
  /** Zone, user or device number, 0…999; 0 where none applies. */
  readonly zone: number;
  /** Area / partition 0…99; 0 = none. */
  readonly area: number;
  /**
   * Plain language, most important first: "Intruder, Main building, Floor 1, Rm 101 Reception";
   * "DRILL: …", "TEST: …".
   */
  readonly text: string;
  /** Absent: real. */
  readonly exercise?: Exercise;
  /**
   * The alert it is about, for links that carry more than a text; absent for troubles and tests of
   * paths.
   */
  readonly alert?: ReportedAlert;
  /** Wall time of occurrence, ms since 1970 UTC. */
  readonly occurredMs: WallMs;
  /**
   * Id of the report that this one takes back. This one waits until that one is settled: a desk
   * must not hear of an end before the beginning.
   */
  readonly follows?: string;
}

/** An alert as separate fields, for structured links. */
export interface ReportedAlert {
  /** `device.epoch.counter`; the same in its alarm, updates, cancel and restore. */
  readonly id: string;
  readonly kind: string;
  /** Plain language, e.g. "Intruder". */
  readonly kindName: string;
  readonly category: CapCategory;
  readonly action?: KindAction;
  readonly device: string;
  /**
   * Ids of building, floor and room as in the configuration; the room's is the number on its door.
   */
  readonly building: string;
  readonly floor: string;
  readonly room: string;
  /** "Main building, Floor 1, Rm 101 Reception" */
  readonly place: string;
  readonly authenticated: boolean;
  /** The press may have waited for so long; absent: it is fresh. */
  readonly ageSecondsMax?: number;
  /**
   * Doors of the building not known to be secured when the report was made; absent: the kind of
   * alert does not ask for doors.
   */
  readonly doors?: readonly UnsecuredDoor[];
  /**
   * Earlier reports about the same alert, oldest first. CAP's `references` are made from them.
   * Empty for the alarm itself.
   */
  readonly earlier: readonly EarlierReport[];
  /** Why it was resolved or cancelled, and by whom; in closing reports only. */
  readonly reason?: string;
  readonly by?: string;
}

export interface EarlierReport {
  readonly id: string;
  /** Its `occurredMs`. */
  readonly occurredMs: WallMs;
}

export interface UnsecuredDoor {
  readonly id: string;
  /** "Rm 102 Office" */
  readonly name: string;
  /** `closed`: no contact reports whether it is locked. */
  readonly state: 'closed' | 'closedUnlocked' | 'open' | 'forced' | 'heldOpen' | 'unknown';
}

/** One attempt to deliver one report (or one supervision poll) over one path. */
export interface Attempt {
  /** Unique in this run of the gateway; outcomes name it. */
  readonly attempt: number;
  readonly path: string;
  /** 1…9999; the same for every attempt of one report over one path. Polls: 0. */
  readonly sequence: number;
  /**
   * Added to this machine's wall clock when stamping, because the receiver has reported a different
   * time (DC-09 NAK).
   */
  readonly clockOffsetMs: number;
  /** `undefined` = supervision poll (DC-09 NULL). */
  readonly report?: Report;
  /** Index into the path's configured formats; raised by one after a DUH. */
  readonly format: number;
}

/**
 * How an attempt ended. A driver reports each attempt at most once, and nothing after the attempt
 * was abandoned.
 */
export type Outcome =
  | { readonly type: 'receiverAcknowledged' }
  /** A paging terminal or broker has it. No receiver has confirmed it. */
  | { readonly type: 'handedOver' }
  /**
   * DC-09 NAK: the receiver rejects our time stamp. `receiverTimeMs` is its own clock, if its
   * answer has one.
   */
  | { readonly type: 'wrongTime'; readonly receiverTimeMs?: number }
  /**
   * The message arrived whole (DC-09 DUH, SIP 425, TAP RS), but the receiver can't process it. Do
   * not repeat it unchanged.
   */
  | { readonly type: 'notUnderstood'; readonly detail?: string }
  /**
   * Of a poll only: something answered, but the answer proves neither that reports would be
   * accepted nor that they would not (HTTP 404 to HEAD).
   */
  | { readonly type: 'unproven'; readonly detail: string }
  /**
   * `retryAfterMs`: the far end asks for no attempt sooner (HTTP and SIP Retry-After). The core
   * bounds it.
   */
  | {
      readonly type: 'failed';
      readonly reason: FailureReason;
      readonly detail: string;
      readonly retryAfterMs?: number;
    };

/**
 * `refused`, `protocolError`: a far end answered and did not accept the message. Only an accepted
 * report ends that state. The others: nobody answered, which includes a refused connection
 * (`unreachable`). Reports go again as soon as any answer shows that the link is back.
 */
export type FailureReason = 'unreachable' | 'refused' | 'closed' | 'protocolError' | 'noAddress';
