import { LONG_AGO_MS, type MonoMs, NEVER_MS } from '../../../protocol/clocks.ts';
import type { Supervised } from '../../../protocol/states.ts';
import type { Presence, Signal } from '../signal.ts';
import type { Device } from '../site.ts';
import type { Now } from '../time.ts';
import { LastSeen } from './last-seen.ts';

/**
 * Of a device without heartbeats: a message that says that the bridge heard the device longer ago
 * than this was not sent because the device was heard.
 */
const LAST_SEEN_AGO_MS_MAX = 300_000;

interface Evidence {
  /** The device was alive this long ago; `undefined`: the message proves nothing. */
  readonly aliveAgoMs?: number;
  /** The points are now as the message says. */
  readonly isCurrent: boolean;
}

/**
 * What others say of one device's presence, and what its messages prove. A bridge publishes the
 * last known state of each device when it starts, dead ones included. So the device's own messages
 * prove nothing then, unless they carry an event or say when the bridge heard the device.
 */
export class DevicePresence {
  readonly #device: Device;
  readonly #availabilities = new Map<number, Presence>();
  #state: Presence | 'unheard' = 'unheard';
  readonly #lastSeen = new LastSeen();
  #isWithdrawn = false;
  /** Before this time, states may come from the bridge's cache. */
  #cachedUntilMs: MonoMs;

  constructor(device: Device) {
    this.#device = device;
    this.#cachedUntilMs = device.bridge === undefined ? LONG_AGO_MS : NEVER_MS;
  }

  get isSupervised(): boolean {
    return this.#device.heartbeatMs > 0 || this.#device.watched;
  }

  /**
   * A device that gives no sign of life between events is never `ok`: nobody would notice its loss.
   */
  get well(): Supervised {
    return this.isSupervised ? 'ok' : 'unsupervised';
  }

  get atStart(): Supervised {
    return this.isSupervised ? 'unknown' : 'unsupervised';
  }

  /**
   * What a device is that was just heard. One that only its availability supervises is not `ok`
   * before that says so: nobody would notice its loss.
   */
  get whenHeard(): Supervised {
    const isUnwatched = this.dependsOnAvailability && this.state !== 'online';
    // Behind a bridge that is down nothing would report its loss either.
    return isUnwatched || (this.isSupervised && !this.isReachable) ? 'unknown' : this.well;
  }

  /** Nothing but its availability would report its loss. */
  get dependsOnAvailability(): boolean {
    return this.#device.watched && this.#device.heartbeatMs === 0;
  }

  /** One of its availabilities was withdrawn, and has said nothing since. */
  get isWithdrawn(): boolean {
    return this.#isWithdrawn;
  }

  /** The bridge works, or the device has none. */
  get isReachable(): boolean {
    return this.#cachedUntilMs !== NEVER_MS;
  }

  /** `online` only if every availability says so; `unheard`: not all have said something. */
  get state(): Presence | 'unheard' {
    return this.#state;
  }

  /** A bridge that starts says what its file holds: it may not have heard the device since. */
  isSettled({ monoMs }: Now): boolean {
    return monoMs >= this.#cachedUntilMs;
  }

  availability(of: number, says: Presence | 'withdrawn'): void {
    this.#isWithdrawn = says === 'withdrawn';
    if (says === 'withdrawn') this.#availabilities.delete(of);
    else this.#availabilities.set(of, says);
    this.#state = this.#stateOfAll();
  }

  bridgeUp(cachedUntilMs: MonoMs): void {
    this.#cachedUntilMs = cachedUntilMs;
    this.#lastSeen.forget();
  }

  /** What its availabilities said last still counts: a bridge may come back and not repeat them. */
  bridgeLost(): void {
    this.#cachedUntilMs = NEVER_MS;
    this.#lastSeen.forget();
  }

  /** What changes meanwhile is not heard. The broker repeats what it kept. */
  inputLost(): void {
    this.#availabilities.clear();
    this.#state = 'unheard';
    this.#lastSeen.forget();
  }

  /** @param isEvent the message carries a press, which no cache keeps */
  weigh({ kept, lastSeenMs }: Pick<Signal, 'kept' | 'lastSeenMs'>, isEvent: boolean, now: Now): Evidence {
    const { heartbeatMs, missedHeartbeats } = this.#device;
    const age = lastSeenMs === undefined ? undefined : this.#lastSeen.heard(lastSeenMs, kept === true, now);
    const windowMs = heartbeatMs > 0 ? heartbeatMs * missedHeartbeats : LAST_SEEN_AGO_MS_MAX;
    const isAdvanced = age?.isAdvanced === true;
    const isOld = age !== undefined && !isAdvanced && age.agoMs > windowMs;
    const isPresent = this.isReachable && this.state !== 'offline';
    // A bridge that was down meanwhile may have missed what changed since.
    if (kept === true) return { isCurrent: !isOld && isPresent && this.#device.bridge === undefined };
    const isSettled = this.isSettled(now);
    if (isOld && !(isEvent && isSettled)) return { isCurrent: false };
    const isCurrent = isEvent || isAdvanced || (isSettled && isPresent);
    // From now on the bridge's cache holds nothing older than this message.
    if (isCurrent && this.isReachable) this.#cachedUntilMs = LONG_AGO_MS;
    if (!isCurrent && !(age !== undefined && isPresent)) return { isCurrent };
    const aliveAgoMs = isEvent ? 0 : (age?.agoMs ?? 0);
    return aliveAgoMs > windowMs ? { isCurrent } : { aliveAgoMs, isCurrent };
  }
  #stateOfAll(): Presence | 'unheard' {
    const all = [...this.#availabilities.values()];
    if (all.includes('offline')) return 'offline';
    if (all.includes('unclear')) return 'unclear';
    return all.length > 0 && all.length >= (this.#device.availabilities ?? 1) ? 'online' : 'unheard';
  }
}
