import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { PointState, Supervised } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { deviceDocument } from '../documents.ts';
import { known } from '../invariant.ts';
import type { ContactPlace, Heartbeat, Identity, Presence, Readings, Reception, Signal } from '../signal.ts';
import type { Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { ButtonMemories } from './button-memories.ts';
import { DeviceCondition } from './device-condition.ts';
import { DeviceDeadline } from './device-deadline.ts';
import { DeviceNumbering } from './device-numbering.ts';
import { DevicePoints, type PointListener } from './device-points.ts';
import { DevicePresence } from './device-presence.ts';
import { LastProof } from './last-proof.ts';
import { MessageOrder } from './message-order.ts';
import { MissingTrouble } from './missing-trouble.ts';

/** It is published this often, so that `last_proven_at` stays close to the truth. */
const REFRESH_MS = 60_000;

/**
 * One device: what was heard of it, whether it is known to be alive, its points, battery and
 * tamper.
 */
export class DeviceSupervision {
  device: Device;
  readonly numbering: DeviceNumbering;
  readonly buttons: ButtonMemories;
  readonly missing: MissingTrouble;
  readonly #context: Context;
  readonly #deadline: DeviceDeadline;
  readonly condition: DeviceCondition;
  readonly #points: DevicePoints;
  readonly #presence: DevicePresence;
  readonly #reception = new Map<string, Reception>();
  #supervised: Supervised;
  readonly lastProof: LastProof;
  #publishedMs = LONG_AGO_MS;
  readonly #order = new MessageOrder();
  /** Messages with a value that the configuration does not name, since the start. */
  #notUnderstood = 0;
  #inputUp = false;
  #isReopening = false;
  /** The driver can read none of its contacts, and its fault says so. */
  #unreadable = false;
  #unanswered = 0;

  constructor(device: Device, context: Context, troubles: Troubles, onPoint: PointListener = () => {}) {
    this.device = device;
    this.#deadline = new DeviceDeadline(device, context);
    this.buttons = new ButtonMemories(device);
    const silentMs = device.heartbeatMs * device.missedHeartbeats;
    this.numbering = new DeviceNumbering(device.counterOnly, device.keyFingerprint, silentMs);
    this.lastProof = new LastProof(device.heartbeatMs);
    this.#context = context;
    this.missing = new MissingTrouble(device, troubles);
    this.condition = new DeviceCondition(device, troubles);
    const deps = { condition: this.condition, onPoint, publish: () => this.publish() };
    this.#points = new DevicePoints(device, context, deps);
    this.#presence = new DevicePresence(device);
    this.#supervised = this.#presence.atStart;
  }

  /** A reload has changed what is said of the device, and nothing of what is heard of it. */
  adopt(device: Device): void {
    this.device = device;
    for (const part of [this.buttons, this.missing, this.condition, this.#points]) part.adopt(device);
    this.publish();
  }

  /** A reload opens its input anew. The deadline stays: reloads must not put off a loss. */
  inputReopened(): void {
    this.#isReopening ||= this.#inputUp;
    this.#inputUp = false;
    this.#points.doubt();
    this.#presence.inputLost();
    this.buttons.lost();
    this.#points.notifyAll();
  }

  /**
   * The device's input came up or went down. While it is down nothing is known of the device. That
   * is one trouble, of the input, not one for each device.
   */
  inputChanged(up: boolean): void {
    if (!up) {
      // This includes points that a broker had kept, heard before the input came up.
      this.#points.doubt();
      this.#presence.inputLost();
    }
    if (up === this.#inputUp && !this.#isReopening) return;
    this.#inputUp = up;
    const isReopened = this.#isReopening;
    this.#isReopening = false;
    if (!isReopened) this.#unanswered = 0;
    if (!up) {
      this.#lost();
      return;
    }
    this.numbering.listening(this.#context.now.monoMs);
    if (!isReopened || !this.#deadline.isSet) this.#found();
    else if (this.#presence.isReachable) this.buttons.found(this.#context.now.monoMs);
  }

  /**
   * Its bridge works. Before `cachedUntilMs` the states that it publishes may be old.
   *
   * @param kept the broker had kept the bridge's state, and has kept availabilities beside it
   */
  bridgeUp(cachedUntilMs: MonoMs, kept: boolean): void {
    const wasUp = this.#presence.isReachable;
    this.#presence.bridgeUp(cachedUntilMs);
    // A bridge that says so again and again must not postpone the loss of a device for ever.
    if (!wasUp) this.#found(this.#context.now.monoMs - cachedUntilMs);
    if (kept) this.weighAvailability();
  }

  /** Its bridge is down: the trouble is the bridge's, and nothing is known of the device. */
  bridgeLost(): void {
    this.#presence.bridgeLost();
    this.#points.doubt();
    this.#lost();
  }

  /** One of its availabilities has said something. */
  availability(of: number, says: Presence | 'withdrawn', kept: boolean): void {
    this.#presence.availability(of, says);
    if (!this.#presence.isReachable) return;
    if (this.#presence.state === 'online' && !kept && this.#presence.isSettled(this.#context.now)) this.proven();
    else this.weighAvailability();
  }

  /** Nothing but its availability would report its loss. */
  get dependsOnAvailability(): boolean {
    return this.#presence.dependsOnAvailability;
  }

  /** Nothing but its availability would report its loss, and that has said nothing. */
  get isUnheard(): boolean {
    return this.dependsOnAvailability && this.#presence.state === 'unheard';
  }

  /** Makes what its availabilities said last count. That is no proof of life. */
  weighAvailability(): void {
    const { state } = this.#presence;
    if (state === 'online') this.#heldOnline();
    else if (state === 'offline') this.overdue();
    else if (this.#supervised === 'ok' && (state === 'unclear' || this.dependsOnAvailability)) {
      this.#become('unknown');
      this.awaitSign();
    }
  }

  /**
   * A message of the device was heard.
   *
   * @param isEvent it carries a press
   * @returns whether the states in it are those of now
   */
  heard(signal: Signal, isEvent: boolean): boolean {
    const { aliveAgoMs, isCurrent } = this.#presence.weigh(signal, isEvent, this.#context.now);
    if (aliveAgoMs !== undefined) this.proven(aliveAgoMs);
    return isCurrent;
  }

  /** The device was alive `agoMs` ago. */
  proven(agoMs = 0): void {
    this.#inputUp = true;
    this.#unanswered = 0;
    this.#deadline.met();
    this.lastProof.alive(agoMs, this.#context.now);
    this.buttons.found(this.#context.now.monoMs);
    if (this.device.heartbeatMs > 0) this.awaitSign(agoMs);
    const state = this.#presence.whenHeard;
    if (state === 'unknown' && this.#presence.isReachable) this.missing.heardUnwatched();
    if (this.#supervised === state) {
      if (this.#context.now.monoMs - this.#publishedMs >= REFRESH_MS) this.publish();
      return;
    }
    this.#context.log('info', 'device.heard', { device: this.device.id });
    if (state !== 'unknown') this.missing.restore();
    this.#become(state);
  }

  /**
   * The broker had kept the availability `online`. That is no proof of life, but no reason to
   * report the device missing. Only the device itself ends a silence.
   */
  #heldOnline(): void {
    const isSilent = this.#supervised === 'missing' && this.device.heartbeatMs > 0;
    if (this.#supervised === 'ok' || isSilent) return;
    this.missing.restore();
    this.#become('ok');
  }

  /** A poll was not answered. */
  noAnswer(): void {
    this.#unanswered += 1;
    if (this.#unanswered === this.device.missedHeartbeats) this.overdue();
  }

  /** The time is over within which something had to be heard of it. */
  due(): void {
    if (this.device.heartbeatMs > 0) this.overdue();
    else this.missing.unwatched(this.#presence, this.lastProof.wallMs !== undefined);
  }

  /** Nothing was heard for the whole window, or the wire reports that the device is away. */
  overdue(): void {
    this.lastProof.lost();
    this.#points.doubt();
    if (!this.#presence.isReachable) this.#lost();
    else if (this.#supervised !== 'missing') {
      this.buttons.lost();
      this.#context.log('warn', 'device.missing', { device: this.device.id });
      this.missing.lost();
      this.#become('missing');
    }
  }

  /** The gateway heard nothing for `deafMs`. */
  excuse(deafMs: number): void {
    this.#deadline.excuse(deafMs);
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    if (this.#supervised === 'ok') this.missing.restore();
    this.condition.restoreTroubles();
    this.#points.restoreTroubles();
  }

  heartbeat(heartbeat: Heartbeat, identity: Identity): void {
    if (!this.#order.accepts('heartbeat', identity)) return;
    const changed = this.condition.heartbeat(heartbeat);
    const { id, input, silent } = this.device;
    // Repeated at each heartbeat until the node obeys: it forgets its mode at every start.
    if (heartbeat.silentMode !== silent) this.#context.emit({ type: 'silence', input, device: id, identity, silent });
    heartbeat.points.forEach((active, number) => {
      this.pointHeard(number, active, identity);
    });
    if (changed) this.publish();
  }

  /** @param isCurrent whether the states are those of now */
  readings(readings: Readings, identity: Identity, isCurrent = true): void {
    const changed = this.condition.readings(readings);
    for (const { point, active } of readings.points) this.pointHeard(point, active, identity, isCurrent);
    if (changed) this.publish();
  }

  pointHeard(number: number, active: boolean, identity: Identity, isCurrent = true): void {
    this.#points.heard(number, active, identity, isCurrent);
  }

  /** The point's wire is cut or shorted. */
  pointLost(number: number): void {
    this.#points.lose(number);
  }

  /**
   * What the driver finds wrong with the device; `undefined` when nothing is wrong any more.
   * @param unread contacts of which nothing is known now
   */
  fault(fault: Parameters<DeviceCondition['fault']>[0], unread: readonly ContactPlace[] = []): void {
    const { buttons, points } = this.device;
    this.condition.fault(fault);
    for (const { of, number } of unread) if (of === 'point') this.pointLost(number);
    this.#setUnreadable(unread.length > 0 && unread.length === buttons.size + points.size);
  }

  /**
   * A device none of whose contacts can be read is neither well nor missing: the fault is the one
   * trouble that says so.
   */
  #setUnreadable(unreadable: boolean): void {
    if (unreadable === this.#unreadable) return;
    this.#unreadable = unreadable;
    if (unreadable) this.#lost();
    else if (this.#inputUp) this.awaitSign();
  }

  /** @param isNew the value was not heard before: the count is published at once */
  notUnderstood(isNew: boolean): void {
    this.#notUnderstood += 1;
    if (isNew) this.publish();
  }

  received(reception: Reception): void {
    this.#reception.set(reception.input, reception);
    this.publish();
  }

  /**
   * The present state of the point, if it is known: the last state before the device or its input
   * was lost is not.
   */
  pointState(number: number): PointState {
    const point = known(this.device.points, number, 'point');
    return this.#supervised === this.#presence.well ? this.#points.certainState(point) : 'unknown';
  }

  debounced(number: number): void {
    this.#points.debounced(number);
  }

  publish(): void {
    this.#publishedMs = this.#context.now.monoMs;
    const document = deviceDocument(this.device, this.#context.site.kinds, {
      supervised: this.#supervised,
      lastProvenWallMs: this.lastProof.wallMs,
      condition: this.condition.values,
      notUnderstood: this.#notUnderstood,
      reception: this.#reception.values(),
      stateOf: (point) => this.#points.state(point),
    });
    this.#context.publish({ kind: 'device', document });
  }

  /** `agoMs`: the window began this long ago; negative: it begins later. */
  awaitSign(agoMs = 0): void {
    if (this.#presence.isSupervised && this.#presence.isReachable && !this.#unreadable) this.#deadline.set(agoMs);
  }

  /** The way to the device works. As in `awaitSign`. */
  #found(agoMs = 0): void {
    this.lastProof.listening(this.#context.now.monoMs);
    if (this.#presence.isReachable) this.buttons.found(this.#context.now.monoMs);
    this.awaitSign(agoMs);
  }

  /** The way to the device is lost. */
  #lost(): void {
    this.buttons.lost();
    this.#deadline.clear();
    if (this.#supervised === 'ok') this.#become('unknown');
    else this.#points.notifyAll();
  }

  #become(state: Supervised): void {
    this.#supervised = state;
    this.publish();
    this.#points.notifyAll();
  }
}
