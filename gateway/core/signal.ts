/**
 * What an input driver makes of wire bytes or edges. A driver decides nothing: debounce, pairing, de-duplication and supervision
 * are the core's.
 */
export interface Signal {
  /** Input (configuration id) the signal came in by. */
  readonly input: string;
  /** Device (configuration id) that spoke. */
  readonly device: string;
  /** True if the frame proved, with the device's own key, who sent it. */
  readonly authenticated: boolean;
  /** Monotonic ms at which the last byte or edge of the signal reached this process. */
  readonly capturedMs: number;
  /** The device's own number for this signal, where its wire format has one; the same on every repeat. */
  readonly identity?: Identity;
  readonly body: SignalBody;
}

/** Epoch: how often the device has started; counter: rises by one with each frame within an epoch. Both 0…2^32−1. */
export interface Identity {
  readonly epoch: number;
  readonly counter: number;
}

export type PressPattern = 'single' | 'long';

export type SignalBody =
  | { readonly type: 'press'; readonly button: number; readonly pattern: PressPattern }
  /** `heldMs`: how long the button was held, as the device measured it. */
  | { readonly type: 'release'; readonly button: number; readonly heldMs: number }
  /** One point changed. `active` is the point's abnormal state: door open, bolt not thrown, tamper switch open. */
  | { readonly type: 'point'; readonly point: number; readonly active: boolean }
  | Heartbeat
  | Hello;

/** Periodic proof of life, with every point's state so that a lost change heals. */
export interface Heartbeat {
  readonly type: 'heartbeat';
  /** Battery in millivolts; absent without a battery. */
  readonly batteryMv?: number;
  /** Supply in millivolts; absent when not measured. */
  readonly supplyMv?: number;
  readonly lowBattery: boolean;
  readonly tamper: boolean;
  readonly silentMode: boolean;
  readonly uptimeSeconds: number;
  /** State of point 0…15, `true` = active; index is the point number. Shorter than 16 if the device has fewer. */
  readonly points: readonly boolean[];
}

/** A node tells who it is, at every start. */
export interface Hello {
  readonly type: 'hello';
  /** Factory serial number, 16 hex digits. */
  readonly serial: string;
  readonly model: number;
  /** `major.minor` */
  readonly firmware: string;
  readonly buttons: number;
  readonly points: number;
}

/**
 * A well-formed frame that proves nothing: from an address that is not enrolled, or authentic under no key. Never an alert by
 * itself, never dropped silently.
 */
export interface UnknownSignal {
  readonly input: string;
  readonly address: number;
  readonly reason: 'notEnrolled' | 'notAuthentic';
  readonly says: SignalBody['type'];
  readonly identity: Identity;
  readonly capturedMs: number;
  /** Serial number, if the frame carried one in the clear. */
  readonly serial?: string;
}

/** What the wall shows for a press: the gateway's authenticated answer. Each step outranks the one before it. */
export type WallStatus = 'heard' | 'sent' | 'accepted' | 'notConfirmed';

/** Health of an input as its driver sees it. */
export interface InputHealth {
  readonly input: string;
  readonly state: 'up' | 'down';
  /** Plain words for a person: "port unplugged", "open failed: permission denied". */
  readonly detail: string;
}

/** Counters of an input since start; monotonic. */
export interface InputCounters {
  readonly framesHeard: number;
  readonly framesRejected: number;
  readonly bytesRead: number;
}
