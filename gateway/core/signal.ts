import type { MonoMs } from '../../protocol/clocks.ts';
import type { PressPattern } from '../../protocol/press-pattern.ts';

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
  readonly capturedMs: MonoMs;
  /** The device's own number for this signal, where its wire format has one; the same on every repeat. */
  readonly identity?: Identity;
  /** Where the wire numbers messages by one byte that wraps from 255 to 0 (BTHome packet id); never beside `identity`. */
  readonly packetId?: number;
  /**
   * The wire numbers nothing and the device says one thing many times over: what is said again within this many ms of when it was
   * last said is a repeat. Never beside `identity` or `packetId`.
   */
  readonly repeatsWithinMs?: number;
  /** Somebody kept it (a retained MQTT message): how things last stood, however long ago. It raises nothing and proves no life. */
  readonly kept?: true;
  readonly body: SignalBody;
}

/**
 * Epoch: how often the device has started; counter: rises with each frame within an epoch. Both 0…2^32−1. A wire that has a counter
 * and no epoch (encrypted BTHome) says epoch 0: the core counts the device's enrolments instead.
 */
export interface Identity {
  readonly epoch: number;
  readonly counter: number;
  /** Set by the core: which of the device's keys the number belongs to, from 2; absent: the first, or no key. */
  readonly generation?: number;
}

export type SignalBody =
  | { readonly type: 'press'; readonly button: number; readonly pattern: PressPattern }
  /** `heldMs`: how long the button was held, as the device measured it. */
  | { readonly type: 'release'; readonly button: number; readonly heldMs: number }
  /** One point changed. `active` is the point's abnormal state: door open, bolt not thrown, tamper switch open. */
  | { readonly type: 'point'; readonly point: number; readonly active: boolean }
  | ContactReading
  | Readings
  | Heartbeat
  | Hello
  /** The device answered, and has nothing new to say. Sent at most once a second. */
  | { readonly type: 'alive' }
  /** A poll was not answered; one signal a poll. */
  | { readonly type: 'noAnswer' }
  /** Something on the wire that watches the device says that it is away. */
  | { readonly type: 'gone' }
  /** The device answers, but something about it is wrong ("answers exception 02: it has no input 12"); absent: nothing is any more. */
  | { readonly type: 'fault'; readonly detail?: string };

/**
 * State of a wired contact as it is on the wire at this moment: each edge, each change seen by a poll, and again whenever the level is
 * read anew. Not debounced. Said again unchanged it does no harm.
 */
export interface ContactReading {
  readonly type: 'contact';
  /** Whether `number` is a button's or a point's. */
  readonly of: 'button' | 'point';
  readonly number: number;
  readonly state: ContactState;
}

/**
 * What the wire says of a contact, its wiring (normally open or closed) taken into account. `active`: pressed, door open, bolt not
 * thrown. `cut` and `short`: only where an end-of-line resistor tells them apart from the other two.
 */
export type ContactState = 'normal' | 'active' | 'cut' | 'short';

/** What a sensor says in one message. Absent or not listed: not said. */
export interface Readings {
  readonly type: 'readings';
  readonly presses: readonly { readonly button: number; readonly pattern: PressPattern }[];
  readonly points: readonly { readonly point: number; readonly active: boolean }[];
  readonly lowBattery?: boolean;
  /** 0…100. */
  readonly batteryPercent?: number;
  readonly batteryMv?: number;
  readonly tamper?: boolean;
}

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
interface Hello {
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
  /** As the wire names the sender: bus address, Bluetooth address. */
  readonly address: string;
  /** `notEncrypted`: a device that has a key spoke without it. */
  readonly reason: 'notEnrolled' | 'notAuthentic' | 'notEncrypted';
  readonly says: SignalBody['type'];
  readonly identity?: Identity;
  readonly capturedMs: MonoMs;
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

/** How well a radio device is heard, by one input; told about once a minute for each device. */
export interface Reception {
  readonly input: string;
  readonly device: string;
  /** Of the last advertisement, dBm. */
  readonly rssiDbm: number;
  /** Advertisements in the last full minute. */
  readonly perMinute: number;
  /** Against the hour before. */
  readonly trend: 'steady' | 'rising' | 'falling';
}

/** Counters of an input since start; monotonic. */
export interface InputCounters {
  readonly framesHeard: number;
  readonly framesRejected: number;
  readonly bytesRead: number;
}
