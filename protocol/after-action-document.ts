import type { PressPattern } from './press-pattern.ts';
import type { AlertState, DoorState } from './states.ts';

/**
 * The after-action report as plain data: what the journal proves about an alert, a drill or a
 * period. Times named `…_at` are ISO 8601 UTC by the gateway's wall clock; `…_ms` are milliseconds.
 * `null` always means "not recorded" or "not known", and never zero or none.
 */
export interface AfterActionDocument {
  readonly document: 'after_action';
  /** Gateway (configuration id) and name of the site; `null`: no configuration was read. */
  readonly gateway: string | null;
  readonly site: string | null;
  readonly version: string;
  readonly made_at: string;
  /** The user who made the report. */
  readonly made_by: string;
  readonly about: AfterActionSubject;
  /** The period that the report covers. */
  readonly from_at: string;
  readonly until_at: string;
  readonly journal: ProvenJournal;
  /** What the site must hold; `null`: no configuration was read. */
  readonly limits: SiteLimits | null;
  /**
   * Of a drill: buttons within its scope that nobody pressed. `null`: it is no drill, or no
   * configuration was read.
   */
  readonly never_pressed: readonly PlacedButton[] | null;
  /** Oldest first. Drills and tests are never among the live ones. */
  readonly alerts: Readonly<Record<AlertMode, readonly AlertAccount[]>>;
  readonly figures: Readonly<Record<AlertMode, AlertFigures>>;
  readonly paths: readonly PathAccount[];
  /** Drills that ran in the period. */
  readonly drills: readonly DrillAccount[];
  /** Troubles that stood or happened in the period: the newest `TROUBLES_MAX`, oldest first. */
  readonly troubles: readonly TroubleAccount[];
  /** All of them. */
  readonly troubles_count: number;
  /** Devices with buttons, and the last press of each that a receiver acknowledged. */
  readonly devices: readonly DeviceProof[];
}

export const TROUBLES_MAX = 200;

export type AlertMode = 'live' | 'drill' | 'test';

export type AfterActionSubject =
  | { readonly kind: 'alert'; readonly alert: string }
  | { readonly kind: 'period' }
  | ({ readonly kind: 'drill' } & DrillAccount);

export interface DrillAccount {
  /** `site`, `building:A`, `floor:A/1`, `room:A/1/101` or `device:wb-101`. */
  readonly scope: string;
  readonly started_at: string;
  readonly started_by: string;
  readonly reason: string;
  /** The time at which it was to end. */
  readonly planned_end_at: string;
  /** `null`: the journal has no end. It may still run. */
  readonly ended: (Step & { readonly by: string; readonly reason: string }) | null;
}

/** The part of the journal that was verified before anything was read from it. */
export interface ProvenJournal {
  readonly from_record: number;
  readonly to_record: number;
  /** `from_record` is the first record that the journal ever had. */
  readonly from_beginning: boolean;
  readonly first_at: string | null;
  readonly last_at: string | null;
  /** Chain value of the last record. Compare it with a later export. */
  readonly chain: string;
}

interface SiteLimits {
  /** Without an acknowledgement by then, the next path joins. */
  readonly next_path_ms: number;
  /** Without an acknowledgement by then, the alert is NOT CONFIRMED. */
  readonly not_confirmed_ms: number;
}

export interface Place {
  readonly building: string;
  readonly floor: string;
  readonly room: string;
  /** "Main building, Floor 1, Rm 101 Reception" */
  readonly text: string;
}

export interface PlacedButton {
  readonly device: string;
  readonly button: string;
  readonly place: Place;
}

/** What happened to one press. `after_ms` counts from the time at which the alert was raised. */
export interface AlertAccount {
  readonly id: string;
  readonly mode: AlertMode;
  readonly kind: string;
  readonly kind_name: string;
  readonly text: string;
  readonly device: string;
  /** Its id in the configuration, or its number if no configuration was read. */
  readonly button: string;
  readonly pattern: PressPattern;
  readonly place: Place;
  readonly authenticated: boolean;
  readonly raised_at: string;
  readonly state: AlertState;
  /** The first attempt on any path. */
  readonly first_attempt: StepOnPath | null;
  /** The first byte on any path. */
  readonly first_byte: StepOnPath | null;
  readonly acknowledged: StepOnPath | null;
  readonly handed_over: StepOnPath | null;
  /** The deadline passed without an acknowledgement. */
  readonly not_confirmed: Step | null;
  readonly paths: readonly AlertOnPath[];
  /** The doors that were not secured, each time the list was reported. `null`: not recorded. */
  readonly doors: readonly DoorsReported[] | null;
  /** When nothing was left to secure, as far as contacts can tell. */
  readonly doors_secured: Step | null;
  /** The answers shown at the wall. The journal does not keep them. */
  readonly walls: null;
  readonly closed: (Step & { readonly by: string; readonly reason: string }) | null;
}

export interface Step {
  readonly at: string;
  /** `null`: the gateway's clock was set in between. */
  readonly after_ms: number | null;
}

export interface StepOnPath extends Step {
  readonly path: string;
}

export interface AlertOnPath {
  readonly path: string;
  readonly attempts: number;
  readonly first_attempt: Step | null;
  readonly first_byte: Step | null;
  readonly acknowledged: Step | null;
  readonly handed_over: Step | null;
  /** How the attempts ended that neither were acknowledged nor handed over, and how often. */
  readonly failures: readonly { readonly outcome: string; readonly count: number; readonly detail: string | null }[];
}

export interface DoorsReported extends Step {
  readonly not_secured: readonly { readonly door: string; readonly name: string; readonly state: DoorState }[];
}

export interface AlertFigures {
  readonly alerts: number;
  readonly acknowledged: number;
  /** Of those, before the deadline; `null`: no configuration was read. */
  readonly in_time: number | null;
  /** Handed over, and not acknowledged. */
  readonly handed_over: number;
  /** Neither acknowledged nor handed over. */
  readonly unanswered: number;
  /** The deadline passed first. */
  readonly not_confirmed: number;
  /** Time to the first acknowledgement; `null`: there is none. */
  readonly first_acknowledgement_ms: Spread | null;
}

export interface Spread {
  readonly fastest: number;
  readonly median: number;
  readonly slowest: number;
}

export interface PathAccount {
  readonly path: string;
  /** Reports of all kinds, not only alerts. */
  readonly attempts: number;
  readonly acknowledged: number;
  readonly handed_over: number;
  readonly failed: number;
  /** From an attempt's start to its acknowledgement. */
  readonly answer_ms: Spread | null;
  readonly last_acknowledged_at: string | null;
  /** How often the path was down or not proven in the period. */
  readonly outages: number;
  readonly down_ms: number;
  readonly longest_ms: number;
  /** It was down at the end of the period. */
  readonly is_down: boolean;
  /** The time in the period during which the journal shows that the gateway ran. */
  readonly observed_ms: number;
  /** Of the observed time; `null`: nothing was observed. */
  readonly available_percent: number | null;
}

export interface TroubleAccount {
  readonly text: string;
  readonly since_at: string;
  /** `null`: it stood at the end of the period, or it only happened (`is_notice`). */
  readonly restored_at: string | null;
  readonly is_notice: boolean;
}

export interface DeviceProof {
  readonly device: string;
  readonly place: Place;
  /** `null`: none in this journal. */
  readonly last_press: { readonly at: string; readonly mode: AlertMode } | null;
  readonly last_acknowledged: (StepOnPath & { readonly mode: AlertMode }) | null;
}
