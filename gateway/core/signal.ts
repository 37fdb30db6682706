import type { MonoMs, WallMs } from '../../protocol/clocks.ts';
import type { PressPattern } from '../../protocol/press-pattern.ts';

/**
 * An input driver makes signals from wire bytes or edges. It decides nothing: debounce, pairing,
 * de-duplication and supervision belong to the core.
 */
export interface Signal {
  /** Input (configuration id) that received the signal. */
  readonly input: string;
  /** Device (configuration id) that sent it. */
  readonly device: string;
  /** True if the frame proved, with the device's own key, who sent it. */
  readonly authenticated: boolean;
  /** Monotonic ms at which the last byte or edge of the signal reached this process. */
  readonly capturedMs: MonoMs;
  /**
   * The device's own number for this signal, where its wire format has one; the same on every
   * repeat.
   */
  readonly identity?: Identity;
  /**
   * For wires that number messages by one byte that wraps from 255 to 0 (BTHome packet id); never
   * beside `identity`.
   */
  readonly packetId?: number;
  /**
   * For wires without numbers whose devices repeat one message many times: an equal message within
   * this many ms of the last one is a repeat. Never beside `identity` or `packetId`.
   */
  readonly repeatsWithinMs?: number;
  /**
   * The broker kept it (a retained MQTT message): the last known state, however old. It raises
   * nothing and proves no life.
   */
  readonly kept?: true;
  /**
   * Time at which the device's bridge last heard the device, by the bridge's clock; absent: the
   * message does not say.
   */
  readonly lastSeenMs?: WallMs;
  /** Radio: strength at which this message was received, dBm. */
  readonly rssiDbm?: number;
  readonly body: SignalBody;
}

/**
 * Epoch: how often the device has started. Counter: rises with each frame within an epoch. Both
 * 0…2^32−1. A wire with a counter and no epoch (encrypted BTHome) reports epoch 0, and the core
 * counts the device's enrolments instead.
 */
export interface Identity {
  readonly epoch: number;
  readonly counter: number;
  /**
   * Set by the core: the number of the device's key that the counter belongs to, from 2; absent:
   * the first, or no key.
   */
  readonly generation?: number;
}

export type SignalBody =
  | { readonly type: 'press'; readonly button: number; readonly pattern: PressPattern }
  /** `heldMs`: how long the button was held, as the device measured it. */
  | { readonly type: 'release'; readonly button: number; readonly heldMs: number }
  /**
   * One point changed. `active` is the point's abnormal state: door open, bolt not thrown, tamper
   * switch open.
   */
  | { readonly type: 'point'; readonly point: number; readonly active: boolean }
  | ContactReading
  | Readings
  | Heartbeat
  | Hello
  /** The device answered and has no news. Sent at most once a second. */
  | { readonly type: 'alive' }
  /** The device did not answer a poll; one signal for each poll. */
  | { readonly type: 'noAnswer' }
  /**
   * What one part of the wire that watches the device says of it (an MQTT availability topic).
   * `of`: 0… where several do. `unclear`: a word that is not understood. `withdrawn`: it says
   * nothing any more, as at a bridge that renamed or removed its device.
   */
  | { readonly type: 'availability'; readonly of: number; readonly says: Presence | 'withdrawn' }
  | Fault
  | NotUnderstood;

/**
 * The device has a fault ("answers exception 02: it has no input 12"); `detail` absent: it has none
 * any more. `unread`: contacts that the driver can't read while the fault lasts.
 */
export interface Fault {
  readonly type: 'fault';
  readonly detail?: string;
  readonly unread?: readonly ContactPlace[];
}

/**
 * A message holds a value that the configuration names nowhere. That of a button may be a press.
 * The driver passes it on as it was received: long, and with any character.
 */
export interface NotUnderstood {
  readonly type: 'notUnderstood';
  /** Whose value it is; `payload`: of nothing, because the whole payload cannot be read. */
  readonly of: 'button' | 'counter' | 'point' | 'availability' | 'battery' | 'lastSeen' | 'payload';
  /** The JSON member, inner ones after dots. If the value is the whole payload: the topic. */
  readonly member: string;
  readonly value: string;
}

/** Which contact of a device. */
export interface ContactPlace {
  /** Whether `number` is a button's or a point's. */
  readonly of: 'button' | 'point';
  readonly number: number;
}

/** What is said of the presence of a device or bridge. */
export type Presence = 'online' | 'offline' | 'unclear';

/**
 * What a bridge says of itself, or the broker by the bridge's will. The devices behind it can't be
 * heard while it is offline.
 */
export interface BridgeState {
  readonly input: string;
  /** As its devices name it: the topic that speaks of it. */
  readonly bridge: string;
  readonly says: Presence;
  /** The word itself. */
  readonly word: string;
  /** As in a signal. */
  readonly kept?: true;
}

/**
 * Present state of a wired contact. Sent at each edge, at each change that a poll finds, and
 * whenever the level is read anew. Not debounced. Repeating an unchanged state does no harm.
 */
export interface ContactReading extends ContactPlace {
  readonly type: 'contact';
  readonly state: ContactState;
  /** The line that would show a cut is not read: `normal` may be a cut wire. */
  readonly mayBeCut?: true;
}

/**
 * State of a contact, with its wiring (normally open or closed) already applied. `active`: pressed,
 * door open, bolt not thrown. `cut` and `short` exist only where an end-of-line resistor
 * distinguishes them from the other two.
 */
export type ContactState = 'normal' | 'active' | 'cut' | 'short';

/** What a sensor reports in one message. Absent or not listed: not reported. */
export interface Readings {
  readonly type: 'readings';
  readonly presses: readonly { readonly button: number; readonly pattern: PressPattern }[];
  readonly points: readonly { readonly point: number; readonly active: boolean }[];
  /** What buttons said on a wire that numbers nothing. The core finds the presses among it. */
  readonly buttons?: readonly ButtonReading[];
  readonly lowBattery?: boolean;
  /** 0…100. */
  readonly batteryPercent?: number;
  readonly batteryMv?: number;
  readonly tamper?: boolean;
}

/** One event or the present state of one button, as a message without a number reports it. */
export interface ButtonReading {
  readonly button: number;
  /** `notUnderstood`: the configuration does not name the value. It may be a press. */
  readonly means: PressPattern | 'release' | 'notUnderstood';
  /** As it was received: long, and with any character. */
  readonly value: string;
  /** The JSON member of the value. If the value is the whole payload: the topic. */
  readonly member: string;
  readonly repeats: RepeatRule;
}

/** How a button's new press is told from a repeat. */
type RepeatRule =
  /** By the device's own mark of the event, the same on each repeat: a counter, a time. */
  | { readonly by: 'mark'; readonly mark: string }
  /**
   * By the time since the last equal one. `markMissing`: the member that should have had the mark.
   */
  | { readonly by: 'time'; readonly withinMs: number; readonly markMissing?: string }
  /** It is the present state, which the device publishes again and again. */
  | { readonly by: 'state' };

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
  /**
   * State of point 0…15, `true` = active; index is the point number. Shorter than 16 if the device
   * has fewer.
   */
  readonly points: readonly boolean[];
}

/** A node introduces itself, at every start. */
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
 * A well-formed frame that proves nothing: its address is not enrolled, or no key authenticates it.
 * Never an alert by itself, never dropped silently.
 */
export interface UnknownSignal {
  readonly input: string;
  /** The sender as the wire names it: bus address, Bluetooth address. */
  readonly address: string;
  /** The device (configuration id) that has this address. */
  readonly device?: string;
  /** `notEncrypted`: a device that has a key sent an unencrypted frame. */
  readonly reason: 'notEnrolled' | 'notAuthentic' | 'notEncrypted';
  readonly says: SignalBody['type'];
  readonly identity?: Identity;
  readonly capturedMs: MonoMs;
  /**
   * Encrypted with a key that nobody here has, by a device that is silent between events: it may be
   * a press.
   */
  readonly isSealedEvent?: true;
  /** Serial number, if the frame carried one in the clear. */
  readonly serial?: string;
}

/**
 * The press's status at the wall: the gateway's authenticated answer. Each step outranks the one
 * before it.
 */
export type WallStatus = 'heard' | 'sent' | 'accepted' | 'notConfirmed';

/** Health of an input as its driver sees it. */
export interface InputHealth {
  readonly input: string;
  readonly state: 'up' | 'down';
  /** Plain text for a person: "port unplugged", "open failed: permission denied". */
  readonly detail: string;
  /**
   * Of an input that is up: all outputs (configuration ids) that can't be switched, and why.
   * Absent: none.
   */
  readonly outputFaults?: readonly { readonly output: string; readonly detail: string }[];
}

/** How well one input hears a radio device; reported about once a minute for each device. */
export interface Reception {
  readonly input: string;
  readonly device: string;
  /** Of the latest advertisement, dBm. */
  readonly rssiDbm: number;
  /** Advertisements in the last full minute. */
  readonly perMinute: number;
  /** Compared with the hour before. */
  readonly trend: 'steady' | 'rising' | 'falling';
}

/** Counters of an input since start; monotonic. */
export interface InputCounters {
  readonly framesHeard: number;
  readonly framesRejected: number;
  readonly bytesRead: number;
}
