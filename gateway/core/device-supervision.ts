import type { DeviceDocument, Supervised } from '../../protocol/mqtt-documents.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { Context } from './context.ts';
import { FrameWindow } from './frame-window.ts';
import { Points } from './points.ts';
import type { Heartbeat, Identity } from './signal.ts';
import type { Device, Point } from './site.ts';
import type { Troubles } from './troubles.ts';

/** A device that is well is published again this often, so that `last_proven_at` is never much older than the truth. */
const REFRESH_MS = 60_000;

/** One device: what has been heard of it, whether it is proven alive, its points, battery and tamper. */
export class DeviceSupervision {
  readonly device: Device;
  readonly window = new FrameWindow();
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #points: Points;
  #supervised: Supervised = 'unknown';
  #lastProvenWallMs: number | undefined;
  #publishedMs = Number.NEGATIVE_INFINITY;
  #heartbeat: Heartbeat | undefined;
  #heartbeatIdentity: Identity | undefined;
  readonly #pointIdentities = new Map<number, Identity>();
  #inputUp = false;

  constructor(device: Device, context: Context, troubles: Troubles) {
    this.device = device;
    this.#context = context;
    this.#troubles = troubles;
    this.#points = new Points(device, context, (point) => this.#pointChanged(point));
  }

  /**
   * The input this device is on came up or went down. While it is down nothing can be said of the device: that is one trouble, the
   * input's, not one a device.
   */
  inputChanged(up: boolean): void {
    if (up === this.#inputUp) return;
    this.#inputUp = up;
    if (up) {
      this.#await();
      return;
    }
    this.#context.timers.clear(this.#dueKey());
    if (this.#supervised === 'ok') {
      this.#supervised = 'unknown';
      this.publish();
    }
  }

  /** A fresh frame of the device was heard. */
  proven(): void {
    this.#inputUp = true;
    this.#lastProvenWallMs = this.#context.now.wallMs;
    this.#await();
    if (this.#supervised === 'ok') {
      if (this.#context.now.monoMs - this.#publishedMs >= REFRESH_MS) this.publish();
      return;
    }
    const device = this.device.id;
    this.#supervised = 'ok';
    this.#context.log('info', 'device.heard', { device });
    this.#troubles.restore('deviceMissing', device);
    this.publish();
  }

  /** Nothing was heard for the whole window. */
  overdue(): void {
    const device = this.device.id;
    this.#supervised = 'missing';
    this.#context.log('warn', 'device.missing', { device });
    this.#troubles.raise(
      'deviceMissing',
      device,
      `Device missing: ${device}, ${this.device.location.text}`,
      this.device,
    );
    this.publish();
  }

  /** The gateway was deaf for a while: what it has not heard proves nothing against the device before another heartbeat was due. */
  excuse(): void {
    if (!this.#context.timers.isDue(this.#dueKey(), this.#context.now.monoMs)) return;
    const dueMs = this.#context.now.monoMs + this.device.heartbeatMs;
    this.#context.timers.set(this.#dueKey(), dueMs, { type: 'deviceDue', device: this.device.id });
  }

  /** Ends what stands from an earlier run, read late, and is known to be over. */
  restoreTroubles(): void {
    if (this.#supervised === 'ok') this.#troubles.restore('deviceMissing', this.device.id);
    if (this.#heartbeat !== undefined) this.#flags(this.#heartbeat);
    for (const point of this.device.points.values()) this.#tamperPoint(point);
  }

  heartbeat(heartbeat: Heartbeat, identity: Identity): void {
    if (isOlder(identity, this.#heartbeatIdentity)) return;
    this.#heartbeatIdentity = identity;
    const before = this.#heartbeat;
    this.#heartbeat = heartbeat;
    this.#flags(heartbeat);
    this.#setSilence(heartbeat, identity);
    heartbeat.points.forEach((active, number) => {
      this.pointHeard(number, active, identity);
    });
    const changed =
      before?.lowBattery !== heartbeat.lowBattery ||
      before.tamper !== heartbeat.tamper ||
      before.silentMode !== heartbeat.silentMode;
    if (changed) this.publish();
  }

  /** A frame that comes late, repeated after newer ones were heard, must not undo what they said. */
  pointHeard(number: number, active: boolean, identity: Identity): void {
    if (isOlder(identity, this.#pointIdentities.get(number))) return;
    this.#pointIdentities.set(number, identity);
    this.#points.heard(number, active);
  }

  debounced(number: number): void {
    this.#points.debounced(number);
  }

  publish(): void {
    this.#publishedMs = this.#context.now.monoMs;
    const { id, input, location, points } = this.device;
    const heartbeat = this.#heartbeat;
    const document: DeviceDocument = {
      device: id,
      input,
      supervised: this.#supervised,
      last_proven_at: this.#lastProvenWallMs === undefined ? null : isoTime(this.#lastProvenWallMs),
      tamper: heartbeat?.tamper ?? null,
      low_battery: heartbeat?.lowBattery ?? null,
      battery_mv: heartbeat?.batteryMv ?? null,
      supply_mv: heartbeat?.supplyMv ?? null,
      silent_mode: heartbeat?.silentMode ?? null,
      points: Object.fromEntries(
        [...points.values()].map((point) => [point.id, { type: point.type, state: this.#points.state(point) }]),
      ),
      building: location.building,
      floor: location.floor,
      room: location.room,
    };
    this.#context.publish({ kind: 'device', document });
  }

  #pointChanged(point: Point): void {
    const device = this.device.id;
    this.#context.log('info', 'point', { device, point: point.id, state: this.#points.state(point) });
    this.#tamperPoint(point);
    this.publish();
  }

  #tamperPoint(point: Point): void {
    const state = this.#points.state(point);
    const { id, location, area } = this.device;
    const subject = `${id}.${point.id}`;
    const text = `Tamper: ${id} ${point.id}, ${location.text}`;
    if (state === 'tampered') this.#troubles.raise('tamper', subject, text, { zone: point.zone, area });
    else if (state === 'ok') this.#troubles.restore('tamper', subject);
  }

  /** Said again at each heartbeat until the node does as it is told: it forgets at every start. */
  #setSilence(heartbeat: Heartbeat, identity: Identity): void {
    const { id, input, silent } = this.device;
    if (heartbeat.silentMode !== silent) this.#context.emit({ type: 'silence', input, device: id, identity, silent });
  }

  #flags(heartbeat: Heartbeat): void {
    this.#flag('lowBattery', heartbeat.lowBattery, 'Low battery');
    this.#flag('tamper', heartbeat.tamper, 'Tamper: cover open');
  }

  #flag(type: 'lowBattery' | 'tamper', on: boolean, words: string): void {
    const device = this.device.id;
    if (on) this.#troubles.raise(type, device, `${words}: ${device}, ${this.device.location.text}`, this.device);
    else this.#troubles.restore(type, device);
  }

  #await(): void {
    const { heartbeatMs, missedHeartbeats, id } = this.device;
    const dueMs = this.#context.now.monoMs + heartbeatMs * missedHeartbeats;
    this.#context.timers.set(this.#dueKey(), dueMs, { type: 'deviceDue', device: id });
  }

  #dueKey(): string {
    return `device:${this.device.id}`;
  }
}

function isOlder(identity: Identity, than: Identity | undefined): boolean {
  if (than === undefined) return false;
  return identity.epoch < than.epoch || (identity.epoch === than.epoch && identity.counter < than.counter);
}
