import { after, earlier, LONG_AGO_MS, type WallMs } from '../../../protocol/clocks.ts';
import type { PointState, Supervised } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { deviceDocument } from '../documents.ts';
import { known } from '../invariant.ts';
import type { ContactPlace, Heartbeat, Identity, Readings, Reception } from '../signal.ts';
import type { Device, Point } from '../site.ts';
import type { Timer } from '../timers.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { ButtonMemories } from './button-memories.ts';
import { DeviceCondition } from './device-condition.ts';
import { DeviceNumbering } from './device-numbering.ts';
import { Points } from './points.ts';

/**
 * The document of a supervised device is published this often, so that `last_proven_at` stays close
 * to the truth.
 */
const REFRESH_MS = 60_000;

/**
 * Called when what is known of a point may have changed: it was heard, or its wire or device was
 * lost or came back.
 */
type PointListener = (device: string, point: number) => void;

/**
 * One device: what was heard of it, whether it is known to be alive, its points, battery and
 * tamper.
 */
export class DeviceSupervision {
  readonly device: Device;
  readonly numbering: DeviceNumbering;
  readonly buttons: ButtonMemories;
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #points: Points;
  readonly #onPoint: PointListener;
  readonly #condition: DeviceCondition;
  readonly #reception = new Map<string, Reception>();
  #supervised: Supervised;
  #lastProvenWallMs: WallMs | undefined;
  #publishedMs = LONG_AGO_MS;
  #heartbeatIdentity: Identity | undefined;
  readonly #pointIdentities = new Map<number, Identity>();
  /** Messages with a value that the configuration does not name, since the start. */
  #notUnderstood = 0;
  #inputUp = false;
  /** The driver has said that nothing is wrong with it. */
  #faultless = false;
  /** The driver can read none of its contacts, and its fault says so. */
  #unreadable = false;
  #unanswered = 0;
  /** The gateway has stalled since the device was last heard. */
  #excused = false;
  readonly #due: Timer;

  constructor(device: Device, context: Context, troubles: Troubles, onPoint: PointListener = () => {}) {
    this.device = device;
    this.#due = { type: 'deviceDue', device: device.id };
    this.buttons = new ButtonMemories(device);
    const silentMs = device.heartbeatMs * device.missedHeartbeats;
    this.numbering = new DeviceNumbering(device.counterOnly, device.keyFingerprint, silentMs);
    this.#context = context;
    this.#troubles = troubles;
    this.#points = new Points(device, context, (point) => this.#pointChanged(point));
    this.#onPoint = onPoint;
    this.#condition = new DeviceCondition(device, troubles);
    this.#supervised = this.#unheard();
  }

  /**
   * The device's input came up or went down. While it is down nothing is known of the device. That
   * is one trouble, of the input, not one for each device.
   */
  inputChanged(up: boolean): void {
    // This includes points that a broker had kept, heard before the input came up.
    if (!up) this.#points.doubt();
    if (up === this.#inputUp) return;
    this.#inputUp = up;
    this.#unanswered = 0;
    if (up) {
      this.buttons.found(this.#context.now.monoMs);
      this.numbering.listening(this.#context.now.monoMs);
      this.#await();
      return;
    }
    this.buttons.lost();
    this.#context.timers.clear(this.#due);
    if (this.#supervised === 'ok') {
      this.#supervised = this.#unheard();
      this.publish();
    }
    this.#notifyPoints();
  }

  /** A new frame of the device was heard. */
  proven(): void {
    this.#inputUp = true;
    this.#unanswered = 0;
    this.#excused = false;
    this.#lastProvenWallMs = this.#context.now.wallMs;
    this.buttons.found(this.#context.now.monoMs);
    this.#await();
    if (this.#supervised === this.#well()) {
      if (this.#context.now.monoMs - this.#publishedMs >= REFRESH_MS) this.publish();
      return;
    }
    const device = this.device.id;
    this.#supervised = this.#well();
    this.#context.log('info', 'device.heard', { device });
    this.#troubles.restore('deviceMissing', device);
    this.publish();
    this.#notifyPoints();
  }

  /**
   * A retained availability message says that the device is online. That is no proof of life, but
   * no reason to report it missing.
   */
  heldOnline(): void {
    const { watched, id } = this.device;
    if (!watched || this.#supervised === 'ok') return;
    this.#supervised = 'ok';
    this.#troubles.restore('deviceMissing', id);
    this.publish();
    this.#notifyPoints();
  }

  /** A poll was not answered. */
  noAnswer(): void {
    this.#unanswered += 1;
    if (this.#unanswered === this.device.missedHeartbeats) this.overdue();
  }

  /** Nothing was heard for the whole window, or the wire reports that the device is away. */
  overdue(): void {
    this.#points.doubt();
    if (this.#supervised === 'missing') return;
    const device = this.device.id;
    this.#supervised = 'missing';
    this.buttons.lost();
    this.#context.log('warn', 'device.missing', { device });
    this.#troubles.raise(
      'deviceMissing',
      device,
      `Device missing: ${device}, ${this.device.location.text}`,
      this.device,
    );
    this.publish();
    this.#notifyPoints();
  }

  /**
   * The gateway heard nothing for `deafMs`. The device is not judged before another heartbeat is
   * due. If the gateway stalls again before it hears the device, the deadline moves by that time
   * only: a gateway that often stalls would otherwise never report a loss.
   */
  excuse(deafMs: number): void {
    const { timers, now } = this.#context;
    const dueMs = timers.dueMs(this.#due);
    const nextMs = after(now.monoMs, this.device.heartbeatMs);
    if (dueMs === undefined || dueMs >= nextMs) return;
    const untilMs = this.#excused ? earlier(nextMs, after(dueMs, deafMs)) : nextMs;
    this.#excused = true;
    timers.set(this.#due, untilMs);
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    if (this.#supervised === 'ok') this.#troubles.restore('deviceMissing', this.device.id);
    if (this.#faultless) this.#troubles.restore('deviceFault', this.device.id);
    this.#condition.restoreTroubles();
    for (const point of this.device.points.values()) this.#tamperPoint(point);
  }

  heartbeat(heartbeat: Heartbeat, identity: Identity): void {
    if (isOlder(identity, this.#heartbeatIdentity)) return;
    this.#heartbeatIdentity = identity;
    const changed = this.#condition.heartbeat(heartbeat);
    this.#setSilence(heartbeat, identity);
    heartbeat.points.forEach((active, number) => {
      this.pointHeard(number, active, identity);
    });
    if (changed) this.publish();
  }

  readings(readings: Readings, identity: Identity): void {
    const changed = this.#condition.readings(readings);
    for (const { point, active } of readings.points) this.pointHeard(point, active, identity);
    if (changed) this.publish();
  }

  /** A frame that arrives late, after newer ones were heard, does not undo them. */
  pointHeard(number: number, active: boolean, identity: Identity): void {
    if (isOlder(identity, this.#pointIdentities.get(number))) return;
    this.#pointIdentities.set(number, identity);
    if (this.#points.heard(number, active)) this.#onPoint(this.device.id, number);
  }

  /** The point's wire is cut or shorted. */
  pointLost(number: number): void {
    this.#points.lose(number);
  }

  /**
   * What the driver finds wrong with the device; `undefined` when nothing is wrong any more.
   * @param unread contacts of which nothing is known now
   */
  fault(detail: string | undefined, unread: readonly ContactPlace[] = []): void {
    const { id, location, buttons, points } = this.device;
    this.#faultless = detail === undefined;
    if (detail === undefined) this.#troubles.restore('deviceFault', id);
    else {
      const text = `Device fault: ${id}, ${location.text}: ${detail}`;
      this.#troubles.raise('deviceFault', id, text, this.device);
      // The trouble may stand already, for fewer or other contacts.
      this.#troubles.reword('deviceFault', id, text);
    }
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
    if (!unreadable) {
      if (this.#inputUp) this.#await();
      return;
    }
    this.#context.timers.clear(this.#due);
    if (this.#supervised !== 'ok') return;
    this.#supervised = this.#unheard();
    this.publish();
    this.#notifyPoints();
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
    if (this.#supervised !== this.#well()) return 'unknown';
    return this.#points.certainState(point);
  }

  debounced(number: number): void {
    this.#points.debounced(number);
  }

  publish(): void {
    this.#publishedMs = this.#context.now.monoMs;
    const document = deviceDocument(this.device, {
      supervised: this.#supervised,
      lastProvenWallMs: this.#lastProvenWallMs,
      condition: this.#condition.values,
      notUnderstood: this.#notUnderstood,
      reception: this.#reception.values(),
      stateOf: (point) => this.#points.state(point),
    });
    this.#context.publish({ kind: 'device', document });
  }

  #pointChanged(point: Point): void {
    const device = this.device.id;
    this.#context.log('info', 'point', { device, point: point.id, state: this.#points.state(point) });
    this.#tamperPoint(point);
    this.publish();
    this.#onPoint(device, point.number);
  }

  #notifyPoints(): void {
    for (const number of this.device.points.keys()) this.#onPoint(this.device.id, number);
  }

  #tamperPoint(point: Point): void {
    const state = this.#points.state(point);
    const { id, location, area } = this.device;
    const subject = `${id}.${point.id}`;
    const text = `Tamper: ${id} ${point.id}, ${location.text}`;
    if (state === 'tampered') this.#troubles.raise('tamper', subject, text, { zone: point.zone, area });
    else if (state === 'ok') this.#troubles.restore('tamper', subject);
  }

  /** Repeated at each heartbeat until the node obeys: it forgets its mode at every start. */
  #setSilence(heartbeat: Heartbeat, identity: Identity): void {
    const { id, input, silent } = this.device;
    if (heartbeat.silentMode !== silent) this.#context.emit({ type: 'silence', input, device: id, identity, silent });
  }

  #await(): void {
    const { heartbeatMs, missedHeartbeats } = this.device;
    if (heartbeatMs === 0 || this.#unreadable) return;
    const dueMs = after(this.#context.now.monoMs, heartbeatMs * missedHeartbeats);
    this.#context.timers.set(this.#due, dueMs);
  }

  /**
   * A device that gives no sign of life between events is never `ok`: nobody would notice its loss.
   */
  #well(): Supervised {
    return this.#isSupervised() ? 'ok' : 'unsupervised';
  }

  #unheard(): Supervised {
    return this.#isSupervised() ? 'unknown' : 'unsupervised';
  }

  #isSupervised(): boolean {
    return this.device.heartbeatMs > 0 || this.device.watched;
  }
}

function isOlder(identity: Identity, than: Identity | undefined): boolean {
  if (than === undefined) return false;
  return identity.epoch < than.epoch || (identity.epoch === than.epoch && identity.counter < than.counter);
}
