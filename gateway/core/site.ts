import type { PressPattern } from '../../protocol/press-pattern.ts';

/** The site as the core knows it: plain data, made and checked by `gateway/config`. All durations are milliseconds. */
export interface Site {
  readonly gateway: string;
  readonly name: string;
  readonly deadlines: Deadlines;
  readonly kinds: ReadonlyMap<string, AlertKind>;
  readonly inputs: readonly InputConfig[];
  readonly devices: ReadonlyMap<string, Device>;
  /** Relays and LEDs that show how things stand. */
  readonly outputs: readonly LocalOutput[];
  /** In order of preference. */
  readonly paths: readonly Path[];
  /** Which paths carry an alert, by kind (id); a kind that is not listed, and everything that is no alert, goes by `plan`. */
  readonly plans: ReadonlyMap<string, Plan>;
  readonly plan: Plan;
  readonly doors: readonly Door[];
  /** Presses made in these ways are real even while a drill runs. */
  readonly drillOverride: ReadonlySet<PressPattern>;
  readonly canary?: Canary;
  /** Subjects of the certificates whose end is told: `path.central.own`. Absent: none. */
  readonly certificates?: readonly string[];
  /**
   * Names with letters that printable ASCII can't show, and their spelling in Latin letters, for paths with
   * `latinOnly`. Absent: there are none.
   */
  readonly latin?: ReadonlyMap<string, string>;
}

/** On which paths a report goes out, and what ends it. */
export interface Plan {
  /** In the order they join. Those with `afterMs` 0 start at once, all of them; never empty. */
  readonly steps: readonly PlanStep[];
  /** What counts as done. `handedOver`: a pager terminal or the like has it, which proves nothing about its reader. */
  readonly done: 'receiverAcknowledged' | 'handedOver';
}

export interface PlanStep {
  readonly path: string;
  /** So long after the step before, without what counts as done; sooner when every path before it has failed or is down. */
  readonly afterMs: number;
}

/** A door with a contact, a bolt or both, as points of devices. */
export interface Door {
  readonly id: string;
  /** "Rm 102 Office" */
  readonly name: string;
  readonly building: string;
  readonly zone: number;
  readonly area: number;
  readonly contact?: DoorPoint;
  readonly bolt?: DoorPoint;
  /** Open for longer is held open; absent: it may stand open. */
  readonly heldOpenMs?: number;
}

export interface DoorPoint {
  readonly device: string;
  /** Point number. */
  readonly point: number;
}

/** A press the gateway makes itself, on a real input, to prove the whole way to the receivers' acknowledgements. */
export interface Canary {
  readonly device: string;
  /** Button number; its presses are tests, whoever makes them. */
  readonly button: number;
  /** Output that closes the contact; absent: something else presses it at least each interval. */
  readonly output?: string;
  readonly intervalMs: number;
  /** From the press being due to the last path's acknowledgement. */
  readonly withinMs: number;
}

interface Deadlines {
  /** Without a receiver's acknowledgement after this long, the next path joins. Default 3,000. */
  readonly nextPathMs: number;
  /** Without any acknowledgement after this long: NOT CONFIRMED. Default 10,000. */
  readonly notConfirmedMs: number;
  /** An acknowledged alert nobody resolved is resolved by the gateway after this long. Default 24 h. */
  readonly autoResolveMs: number;
}

export interface AlertKind {
  readonly id: string;
  /** Plain language, e.g. "Intruder". */
  readonly name: string;
  readonly sia: string;
  readonly siaRestore: string;
  readonly contactId: string;
  /** Nothing at the wall or in the room may give the press away. */
  readonly silent: boolean;
  readonly category: CapCategory;
  /** What people in the building are to do; with `lockdown` and `secure` the doors that are not secured are told with the alert. */
  readonly action?: KindAction;
}

/** Categories of CAP 1.2 §3.2.2 that a panic alarm can be of. */
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
}

export interface Device {
  readonly id: string;
  readonly input: string;
  readonly location: Location;
  /** Zone for the device's own troubles (tamper, battery, missing). */
  readonly zone: number;
  readonly area: number;
  /** Longest time between two signs of life of a device that is well; 0: it gives none between events, and is not supervised. */
  readonly heartbeatMs: number;
  /** Heartbeats missed, or polls not answered, before the device is reported missing. Default 3. */
  readonly missedHeartbeats: number;
  /** Its wire has a counter and no epoch (encrypted BTHome): the core counts its enrolments, and takes only higher counters. */
  readonly counterOnly: boolean;
  /** Tells the device's keys apart, and nothing else of them; absent: it has none. What was heard is remembered per key. */
  readonly keyFingerprint?: string;
  /** Something on the wire tells when the device is away (an MQTT availability topic), so that it is supervised without heartbeats. */
  readonly watched: boolean;
  /** Are its contacts' wires supervised by end-of-line resistors? `null`: it has no wired contacts. */
  readonly wiresSupervised: boolean | null;
  /** The wall shows and sounds nothing, whatever becomes of a press. */
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
  /** Alert kind (id) of a press. */
  readonly kind: string;
  /** Alert kinds (ids) of presses made in other ways; what is not listed raises `kind`. */
  readonly patternKinds?: ReadonlyMap<PressPattern, string>;
  /** Of a button that is a wired contact. */
  readonly contact?: ContactTiming;
}

/** How edges of a wired button become presses. */
export interface ContactTiming {
  /** Active for at least this long is a press; 0: any edge, for wires that sample and have filtered already. */
  readonly minimumMs: number;
  /** After a press the contact must have been normal for this long before the next one counts. Default 50. */
  readonly rearmMs: number;
  /** Pressed for longer, it is reported stuck. Default 60,000. */
  readonly stuckMs: number;
}

/** A relay or LED. What it shows, it shows until it is over. */
export interface LocalOutput {
  readonly id: string;
  readonly input: string;
  /**
   * `trouble`: any trouble stands. `alarm`: an alert is open. `notConfirmed`: an open alert is NOT CONFIRMED. `lockdown`: an alert is open
   * whose kind locks doors. `drill`: a drill runs. `canary`: never, but for the moment of a canary press.
   */
  readonly shows: 'trouble' | 'alarm' | 'notConfirmed' | 'lockdown' | 'drill' | 'canary';
  /** Only alerts of this building (id) count; absent: of all. */
  readonly building?: string;
  /** Alerts of drills count as well. */
  readonly drills: boolean;
  /** On while there is nothing to show, so that a loss of power shows as well: the trouble relay. */
  readonly normallyEnergised: boolean;
  /** Alerts of silent kinds count too: only for what can't be seen or heard in the rooms. */
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
  /** Longest wait for the answer to a first attempt; doubles up to `attemptTimeoutMsMax`. Default 4,000. */
  readonly attemptTimeoutMs: number;
  /** Default 20,000 (DC-09 §5.6.1.1). */
  readonly attemptTimeoutMsMax: number;
  /** First wait between attempts; doubles up to `retryMsMax`. Defaults 500 and 30,000. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  readonly supervision: SupervisionSettings;
  /** Drills and tests never go here. */
  readonly liveOnly: boolean;
  /** Takes reports of class `update`. */
  readonly takesUpdates: boolean;
  /** An attempt under way may be broken off for an alarm that finds no slot free. */
  readonly yields: boolean;
  /** What to set where its polls are never answered; absent: the outcomes say it. */
  readonly pollHint?: string;
  /** It carries Latin letters only: names are sent in their Latin spelling. Default false. */
  readonly latinOnly?: boolean;
  /** A slow link: alerts beyond the first of their kind and building go together. Absent: each goes by itself. */
  readonly digest?: Digest;
  /** A shared channel: how much of the time may be spent sending. */
  readonly airTime?: AirTime;
}

export interface Digest {
  /** Longest text of one message. */
  readonly characters: number;
}

export interface AirTime {
  /** What one message costs: key-up, headers, tail; and each character of its text. */
  readonly messageMs: number;
  readonly characterMs: number;
  /** At most `budgetMs` of sending within any `windowMs`; a first alarm may go beyond it by one message. */
  readonly budgetMs: number;
  readonly windowMs: number;
  /** Sends of one message in a row without an acknowledgement, then it rests for `restMs` (a licence may bound repeats: 47 CFR 90.235). */
  readonly repeatsMax: number;
  readonly restMs: number;
}

interface SupervisionSettings {
  /** `null`: the protocol's own poll, such as DC-09's NULL message. `test`: periodic test event (SIA RP). `auto`: NULL until the receiver refuses one, then test. */
  readonly mode: 'null' | 'test' | 'auto' | 'off';
  readonly intervalMs: number;
  /** Interval of test events once `auto` has fallen back to them. */
  readonly testIntervalMs: number;
  /** Failures in a row before the path is down. Default 2. */
  readonly downAfter: number;
  /** Successes in a row before a path that was down is up. Default 2. */
  readonly upAfter: number;
}
