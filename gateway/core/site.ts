import type { PressPattern } from '../../protocol/press-pattern.ts';
import type { WalkTestSettings } from './walk-test-settings.ts';

/**
 * The site as the core knows it: plain data, made and checked by `gateway/config`. All durations
 * are milliseconds.
 */
export interface Site {
  readonly gateway: string;
  readonly name: string;
  readonly deadlines: Deadlines;
  readonly kinds: ReadonlyMap<string, AlertKind>;
  readonly inputs: readonly InputConfig[];
  readonly devices: ReadonlyMap<string, Device>;
  /** Relays and LEDs that show the state of the site. */
  readonly outputs: readonly LocalOutput[];
  /** In order of preference. */
  readonly paths: readonly Path[];
  /**
   * Which paths carry an alert, by kind (id). A kind that is not listed, and everything that is not
   * an alert, uses `plan`.
   */
  readonly plans: ReadonlyMap<string, Plan>;
  readonly plan: Plan;
  readonly doors: readonly Door[];
  /** Presses in these patterns are real even while a drill runs. */
  readonly drillOverride: ReadonlySet<PressPattern>;
  /** Absent: the defaults. */
  readonly walkTest?: WalkTestSettings;
  readonly canary?: Canary;
  /** Subjects of the certificates whose expiry is reported: `path.central.own`. Absent: none. */
  readonly certificates?: readonly string[];
  /** Accounts at the embedded broker. Absent: none. */
  readonly mqttClients?: readonly string[];
  /**
   * Names with letters that printable ASCII can't show, and their Latin spelling, for paths with
   * `latinOnly`. Absent: there are none.
   */
  readonly latin?: ReadonlyMap<string, string>;
}

/** The paths that carry a report, and what completes it. */
export interface Plan {
  /** In the order in which they join. All of those with `afterMs` 0 start at once. Never empty. */
  readonly steps: readonly PlanStep[];
  /**
   * What completes the plan. `handedOver`: a paging terminal or another relay has the report, which
   * proves nothing about its reader.
   */
  readonly done: 'receiverAcknowledged' | 'handedOver';
}

export interface PlanStep {
  readonly path: string;
  /**
   * The delay after the step before, while the plan is not complete. The path joins sooner when
   * every path before it has failed or is down.
   */
  readonly afterMs: number;
}

/** A door with a contact, a bolt or both, as points of devices. */
export interface Door {
  readonly id: string;
  /** "Rm 102 Office" */
  readonly name: string;
  readonly building: string;
  /** Absent: that of the device which watches it. */
  readonly location?: Location;
  readonly zone: number;
  readonly area: number;
  readonly contact?: DoorPoint;
  readonly bolt?: DoorPoint;
  /** A door that is open for longer is held open; absent: it may stand open. */
  readonly heldOpenMs?: number;
}

export interface DoorPoint {
  readonly device: string;
  /** Point number. */
  readonly point: number;
}

/**
 * A press that the gateway makes itself, on a real input, to prove the whole way to the receivers'
 * acknowledgements.
 */
export interface Canary {
  readonly device: string;
  /** Button number. Its presses are tests, no matter what makes them. */
  readonly button: number;
  /**
   * Output that closes the contact; absent: an external device presses it at least once each
   * interval.
   */
  readonly output?: string;
  readonly intervalMs: number;
  /** From the time the press is due to the last path's acknowledgement. */
  readonly withinMs: number;
}

interface Deadlines {
  /** If no receiver has acknowledged after this long, the next path joins. Default 3,000. */
  readonly nextPathMs: number;
  /** If no acknowledgement has come after this long: NOT CONFIRMED. Default 10,000. */
  readonly notConfirmedMs: number;
  /**
   * The gateway resolves an acknowledged alert after this long if nobody else has. Default 24 h.
   */
  readonly autoResolveMs: number;
  /** The clock may be unsynchronised this long. Absent: 24 h. */
  readonly unsynchronisedMs?: number;
}

export interface AlertKind {
  readonly id: string;
  /** Plain language, e.g. "Intruder". */
  readonly name: string;
  readonly sia: string;
  readonly siaRestore: string;
  readonly contactId: string;
  /** Nothing at the wall or in the room may reveal the press. */
  readonly silent: boolean;
  readonly category: CapCategory;
  /**
   * What people in the building should do. With `lockdown` and `secure`, the alert lists the doors
   * that are not secured.
   */
  readonly action?: KindAction;
}

/** Categories of CAP 1.2 §3.2.2 that fit a panic alarm. */
export type CapCategory = 'Safety' | 'Security' | 'Rescue' | 'Fire' | 'Health' | 'Other';
export type KindAction = 'lockdown' | 'secure' | 'evacuate';

export interface InputConfig {
  readonly id: string;
}

export interface Location {
  readonly building: string;
  readonly floor: string;
  readonly room: string;
  /** One line for a person: "Main building, Floor 1, Rm 101 Reception". */
  readonly text: string;
  /** The parts of that line. */
  readonly names: PlaceNames;
}

interface PlaceNames {
  readonly building: string;
  readonly floor: string;
  /** "Rm 101 Reception" */
  readonly room: string;
}

export interface Device {
  readonly id: string;
  readonly input: string;
  readonly location: Location;
  /** Zone for the device's own troubles (tamper, battery, missing). */
  readonly zone: number;
  readonly area: number;
  /**
   * Longest time between two signs of life of a working device; 0: it gives none between events,
   * and is not supervised.
   */
  readonly heartbeatMs: number;
  /** Heartbeats missed, or polls not answered, before the device is reported missing. Default 3. */
  readonly missedHeartbeats: number;
  /**
   * Its wire has a counter and no epoch (encrypted BTHome). The core counts its enrolments, and
   * accepts only higher counters.
   */
  readonly counterOnly: boolean;
  /**
   * Distinguishes the device's keys and reveals nothing else about them; absent: it has none. The
   * journal remembers what was heard for each key.
   */
  readonly keyFingerprint?: string;
  /**
   * The text of an alert says that nothing proves who pressed. Absent: if the device has a key and
   * did not prove itself.
   */
  readonly marksUnauthenticated?: boolean;
  /**
   * A part of the wire reports when the device is away (an MQTT availability topic), so it is
   * supervised without heartbeats.
   */
  readonly watched: boolean;
  /** How many such parts there are, all of which must report it present; absent: one. */
  readonly availabilities?: number;
  /**
   * The bridge behind which the device is, as its topic; absent: none that reports its own state.
   */
  readonly bridge?: string;
  /**
   * True if end-of-line resistors supervise its contacts' wires. `null`: it has no wired contacts.
   */
  readonly wiresSupervised: boolean | null;
  /**
   * It may send `hold` first, and afterwards what the press was (BTHome). Absent: `hold` is all
   * that it says of a press.
   */
  readonly saysHowHoldEnds?: boolean;
  /** The wall shows and sounds nothing, whatever happens to a press. */
  readonly silent: boolean;
  /** By button number. */
  readonly buttons: ReadonlyMap<number, Button>;
  /** By point number. */
  readonly points: ReadonlyMap<number, Point>;
}

export interface Button {
  readonly id: string;
  readonly number: number;
  readonly zone: number;
  /** Alert kind (id) that a press raises. */
  readonly kind: string;
  /** Alert kinds (ids) of other press patterns. A pattern that is not listed raises `kind`. */
  readonly patternKinds?: ReadonlyMap<PressPattern, string>;
  /** For a button that is a wired contact. */
  readonly contact?: ContactTiming;
}

/** How edges of a wired button become presses. */
export interface ContactTiming {
  /**
   * A contact active for at least this long is a press; 0: any edge is, for wires that sample and
   * have filtered already.
   */
  readonly minimumMs: number;
  /**
   * After a press the contact must have been normal for this long before the next one counts.
   * Default 50.
   */
  readonly rearmMs: number;
  /** A contact active for longer is reported as stuck. Default 60,000. */
  readonly stuckMs: number;
}

/** A relay or LED. It shows a state until that state ends. */
export interface LocalOutput {
  readonly id: string;
  readonly input: string;
  /**
   * `trouble`: any trouble stands. `alarm`: an alert is open. `notConfirmed`: an open alert is NOT
   * CONFIRMED. `lockdown`: an open alert's kind locks doors. `drill`: a drill runs. `canary`:
   * nothing, except at the moment of a canary press.
   */
  readonly shows: 'trouble' | 'alarm' | 'notConfirmed' | 'lockdown' | 'drill' | 'canary';
  /** Only alerts of this building (id) count; absent: alerts of all buildings do. */
  readonly building?: string;
  /** Alerts of drills count too. */
  readonly drills: boolean;
  /**
   * On while there is nothing to show, so that it also shows a loss of power: the trouble relay.
   */
  readonly normallyEnergised: boolean;
  /**
   * Alerts of silent kinds count too: only for outputs that nobody in the rooms can see or hear.
   */
  readonly silentKinds: boolean;
}

export type PointType = 'doorContact' | 'bolt' | 'tamper';

export interface Point {
  readonly id: string;
  readonly number: number;
  readonly type: PointType;
  readonly zone: number;
  /** A change must hold this long before it counts. Default 50. */
  readonly debounceMs: number;
}

export interface Path {
  readonly id: string;
  /** Attempts under way at once: the number of parallel connections. Default 4. */
  readonly parallel: number;
  /** Number of message formats the path can fall back through after a DUH, at least 1. */
  readonly formats: number;
  /**
   * Longest wait for the answer to a first attempt; doubles up to `attemptTimeoutMsMax`. Default
   * 4,000.
   */
  readonly attemptTimeoutMs: number;
  /** Default 20,000 (DC-09 §5.6.1.1). */
  readonly attemptTimeoutMsMax: number;
  /** First wait between attempts; doubles up to `retryMsMax`. Defaults 500 and 30,000. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  readonly supervision: SupervisionSettings;
  /** Drills and tests never use this path. */
  readonly liveOnly: boolean;
  /** Takes reports of class `update`. */
  readonly takesUpdates: boolean;
  /** An attempt under way may be abandoned for an alarm that finds no free slot. */
  readonly yields: boolean;
  readonly pollHint?: string;
  /** The path carries Latin letters only: names are sent in their Latin spelling. Default false. */
  readonly latinOnly?: boolean;
  /**
   * A slow link: alerts beyond the first of their kind and building are sent together. Absent: each
   * is sent by itself.
   */
  readonly digest?: Digest;
  /** A shared channel: how much of the time the gateway may spend sending. */
  readonly airTime?: AirTime;
}

export interface Digest {
  /** Longest text of one message. */
  readonly characters: number;
}

export interface AirTime {
  /** The cost of one message (key-up, headers, tail), and of each character of its text. */
  readonly messageMs: number;
  readonly characterMs: number;
  /**
   * At most `budgetMs` of sending within any `windowMs`; a first alarm may go beyond it by one
   * message.
   */
  readonly budgetMs: number;
  readonly windowMs: number;
  /**
   * After this many sends of one message in a row without an acknowledgement, the message rests for
   * `restMs` (a licence may limit repeats: 47 CFR 90.235).
   */
  readonly repeatsMax: number;
  readonly restMs: number;
}

interface SupervisionSettings {
  /**
   * `null`: the protocol's own poll, such as DC-09's NULL message. `test`: periodic test event (SIA
   * RP). `auto`: NULL until the receiver refuses one, then test.
   */
  readonly mode: 'null' | 'test' | 'auto' | 'off';
  readonly intervalMs: number;
  /** Interval of test events once `auto` has fallen back to them. */
  readonly testIntervalMs: number;
  /** Failures in a row before the path is down. Default 2. */
  readonly downAfter: number;
  /** Successes in a row before a path that was down is up. Default 2. */
  readonly upAfter: number;
}
