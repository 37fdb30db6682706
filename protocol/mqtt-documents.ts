import type { PressPattern } from './press-pattern.ts';
import type { AlertState, DoorState, LinkState, PointState, Supervised, TroubleSeverity } from './states.ts';
import type { WalkTestSummary } from './walk-test-document.ts';

/**
 * The payloads that Callpoint publishes over MQTT, as plain data. `mqtt-topics.ts` has their
 * topics, retention and encoding. Times named `…_at` are ISO 8601 UTC by the gateway's wall clock;
 * `…_ms` are milliseconds.
 */
export type Publication =
  | { readonly kind: 'alert'; readonly document: AlertDocument }
  | { readonly kind: 'event'; readonly document: EventDocument }
  | { readonly kind: 'device'; readonly document: DeviceDocument }
  | { readonly kind: 'path'; readonly document: PathDocument }
  | { readonly kind: 'input'; readonly document: InputDocument }
  | { readonly kind: 'trouble'; readonly document: TroubleDocument }
  | { readonly kind: 'door'; readonly document: DoorDocument }
  | { readonly kind: 'drill'; readonly document: DrillDocument }
  | { readonly kind: 'walkTest'; readonly document: WalkTestSummary }
  | { readonly kind: 'gone'; readonly document: GoneDocument };

/**
 * A reload of the configuration has removed this. It is not published: the retained document of the
 * thing is removed.
 */
interface GoneDocument {
  readonly of: 'device' | 'path' | 'input' | 'door';
  /** Its configuration id. */
  readonly id: string;
}

/**
 * For a person, beside the configuration ids: `Main building`, `First floor`, `Rm 101 Reception`.
 */
interface PlaceNames {
  readonly building_name: string;
  readonly floor_name: string;
  readonly room_name: string;
}

/** `alert/<id>`: retained until the alert is resolved or cancelled. */
export interface AlertDocument extends PlaceNames {
  readonly id: string;
  readonly state: AlertState;
  /** True from the deadline on until a receiver acknowledges. */
  readonly not_confirmed: boolean;
  readonly kind: string;
  readonly kind_name: string;
  readonly silent: boolean;
  /** `drill` and `test` are not real alarms. */
  readonly mode: 'live' | 'drill' | 'test';
  readonly device: string;
  readonly button: string;
  readonly pattern: PressPattern;
  readonly building: string;
  readonly floor: string;
  readonly room: string;
  readonly text: string;
  readonly authenticated: boolean;
  readonly raised_at: string;
  /**
   * The press may have waited for so long before the gateway heard it, because its device or line
   * was away. Absent: it is fresh.
   */
  readonly age_seconds_max?: number;
  readonly timeline: Timeline;
  /** Deliveries by path id. */
  readonly paths: Readonly<Record<string, AlertPathState>>;
  /**
   * Doors of the building that are not known to be secured now. Absent if this kind of alert does
   * not list doors.
   */
  readonly doors_not_secured?: readonly { readonly door: string; readonly name: string; readonly state: DoorState }[];
  /** Who resolved or cancelled it, and why. Only the last document of an alert has them. */
  readonly closed_by?: string;
  readonly closed_reason?: string;
}

export interface AlertPathState {
  readonly state: 'waiting' | 'queued' | 'sending' | 'acknowledged' | 'handedOver' | 'refused' | 'withdrawn';
  readonly attempts: number;
  readonly sequence?: number;
}

/**
 * Milliseconds from the capture of the press (the last of its bytes read from the wire) to each
 * step. A step is absent until it has happened.
 */
export interface Timeline {
  /** The origin, always 0. */
  readonly captured: 0;
  /** The first byte went to the network on any path. */
  readonly sent?: number;
  /** A receiver acknowledged. */
  readonly acknowledged?: number;
  /** The alert is durable in the journal. */
  readonly journalled?: number;
  /** The broker has the first publication of the alert. */
  readonly published?: number;
}

/** `dev/<id>/event`: never retained. */
export interface EventDocument {
  /** `device.epoch.counter`. Duplicates carry the same id. */
  readonly event_id: string;
  readonly device: string;
  readonly type: 'press' | 'release';
  readonly button: string;
  readonly pattern?: PressPattern;
  /** The alert that the press raised, what kind it is of, and its text. Not at a canary's press. */
  readonly alert?: string;
  readonly kind?: string;
  readonly kind_name?: string;
  readonly mode?: AlertDocument['mode'];
  readonly text?: string;
  readonly at: string;
  readonly mono_ms: number;
}

/** `dev/<id>/state`: retained. `null` means not known. */
export interface DeviceDocument extends PlaceNames {
  readonly device: string;
  readonly input: string;
  /** Its buttons by configuration id, and the kind of alert that a press of each raises. */
  readonly buttons: Readonly<Record<string, { readonly kind: string; readonly kind_name: string }>>;
  readonly supervised: Supervised;
  /** Time of the last proof of life. It is never assumed. */
  readonly last_proven_at: string | null;
  readonly tamper: boolean | null;
  readonly low_battery: boolean | null;
  readonly battery_mv: number | null;
  readonly battery_percent: number | null;
  readonly supply_mv: number | null;
  readonly silent_mode: boolean | null;
  /**
   * False if a cut cable looks like an open contact and would not be detected. `null` if the device
   * is not wired by contacts.
   */
  readonly wires_supervised: boolean | null;
  /** Messages since the start with a value that the configuration does not name. */
  readonly not_understood: number;
  /** Reception of a radio device by input; empty for wired devices. */
  readonly reception: Readonly<Record<string, DeviceReception>>;
  /** States by point id. */
  readonly points: Readonly<Record<string, { readonly type: string; readonly state: PointState }>>;
  readonly building: string;
  readonly floor: string;
  readonly room: string;
}

interface DeviceReception {
  readonly rssi_dbm: number;
  /** Number of advertisements in the last full minute. */
  readonly per_minute: number;
  /** Change against the hour before. */
  readonly trend: 'steady' | 'rising' | 'falling';
}

/** `door/<id>/state`: retained. */
export interface DoorDocument {
  readonly door: string;
  readonly name: string;
  readonly building: string;
  readonly state: DoorState;
  /** Time since which it is in this state, as far as this run of the gateway knows. */
  readonly since_at: string;
}

/** `drill/<scope>`: retained while the drill runs, then removed. */
export interface DrillDocument {
  /** `site`, `building:A`, `floor:A/1`, `room:A/1/101` or `device:wb-101`. */
  readonly scope: string;
  readonly state: 'running' | 'ended';
  readonly started_at: string;
  /** Time at which it ends or ended. */
  readonly ends_at: string;
  readonly by: string;
  readonly reason: string;
}

/**
 * `overview`: retained. The whole site in one document, for a display or an automation that wants
 * no more: made from the other documents, at most four times a second.
 */
export interface OverviewDocument {
  /** Open alerts. Only `live` are real alarms. */
  readonly alerts: {
    readonly live: number;
    readonly drill: number;
    readonly test: number;
    /** Live ones that no receiver has acknowledged by the deadline. */
    readonly not_confirmed: number;
  };
  /** The newest open live alert. */
  readonly alert: AlertHead | null;
  /** The newest open alert of a drill or test. */
  readonly exercise: AlertHead | null;
  /** The drill that began last, of those that run. */
  readonly drill: Pick<DrillDocument, 'scope' | 'started_at' | 'ends_at' | 'by' | 'reason'> | null;
  readonly drills: number;
  readonly troubles: {
    readonly count: number;
    /** The worst one, and of these the newest. */
    readonly worst: (Pick<TroubleDocument, 'id' | 'type' | 'text' | 'since_at'> & TroubleSubject) | null;
  };
  /** `secured`: true if all are, false if one is not, `null` if of some it is not known. */
  readonly doors: {
    readonly count: number;
    readonly secured: boolean | null;
    readonly not_secured: readonly string[];
    readonly unknown: readonly string[];
  };
  /** Devices with a low battery, by room and id. */
  readonly low_batteries: readonly string[];
  readonly canary: {
    /** When a canary came through last, on any path; `null`: never in this run. */
    readonly last_at: string | null;
    readonly failed: boolean;
  };
}

/** What a display shows of an alert. */
export type AlertHead = Pick<
  AlertDocument,
  | 'id'
  | 'state'
  | 'not_confirmed'
  | 'kind'
  | 'kind_name'
  | 'silent'
  | 'mode'
  | 'device'
  | 'building'
  | 'floor'
  | 'room'
  | 'building_name'
  | 'floor_name'
  | 'room_name'
  | 'text'
  | 'raised_at'
>;

/** `link/<id>/status`: retained. */
export interface PathDocument {
  readonly path: string;
  readonly state: LinkState;
  /** Time of the receiver's last answer of any kind. */
  readonly last_proven_at: string | null;
  /** Time of the last canary press that this path's receiver acknowledged. */
  readonly last_canary_at: string | null;
  readonly rtt_ms: number | null;
  readonly queued: number;
  readonly detail: string;
}

/** `input/<id>/status`: retained. */
export interface InputDocument {
  readonly input: string;
  readonly state: LinkState;
  readonly detail: string;
  readonly frames_heard: number;
  readonly frames_rejected: number;
  /** What each bridge of its devices says of itself, by topic; absent: it has none. */
  readonly bridges?: Readonly<Record<string, LinkState>>;
}

/** `trouble/<id>`: retained while it stands, then removed. */
export interface TroubleDocument extends TroubleSubject {
  readonly id: string;
  readonly type: string;
  readonly state: 'standing' | 'restored';
  /** For everybody, as the receivers get it: short and plain. */
  readonly text: string;
  /** For the administrator: what a driver, a disk or a far end said, and what to do. */
  readonly detail?: string;
  readonly since_at: string;
  readonly restored_at?: string;
}

/** How bad a trouble is and what it is about: configuration ids, as far as they are known. */
export interface TroubleSubject extends Partial<PlaceNames> {
  readonly severity: TroubleSeverity;
  readonly device?: string;
  readonly door?: string;
  readonly input?: string;
  readonly output?: string;
  readonly path?: string;
  readonly building?: string;
  readonly floor?: string;
  readonly room?: string;
}
