import type { Context } from '../context.ts';
import type { Alert } from './alert.ts';
import type { OpenAlerts } from './open-alerts.ts';
import { AlertPacker } from './packed-alert.ts';

/** Alerts that are packed for each one that is retired. */
const PACKED_EACH = 4;

/**
 * The alerts of the book, by id, in the order they were raised. A settled alert stays for a day,
 * and thousands may: beyond the newest of them, each is kept packed until somebody asks for it.
 */
export class AlertStore {
  readonly #context: Pick<Context, 'site'>;
  readonly #counts: OpenAlerts;
  readonly #fullMax: number;
  readonly #alerts = new Map<string, Alert | string>();
  readonly #packer = new AlertPacker();
  /** Alerts that could be packed, the longest retired first. */
  readonly #retired = new Set<Alert>();

  /** @param fullMax so many that could be packed stay as they are: late answers concern them */
  constructor(context: Pick<Context, 'site'>, counts: OpenAlerts, fullMax: number) {
    this.#context = context;
    this.#counts = counts;
    this.#fullMax = fullMax;
  }

  get size(): number {
    return this.#alerts.size;
  }

  has(id: string): boolean {
    return this.#alerts.has(id);
  }

  get(id: string): Alert | undefined {
    const kept = this.#alerts.get(id);
    return typeof kept === 'string' ? this.#read(id, kept) : kept;
  }

  /** Those that are not packed. */
  *full(): Iterable<Alert> {
    for (const kept of this.#alerts.values()) if (typeof kept !== 'string') yield kept;
  }

  /**
   * Every alert. Those that are packed stay so, and are copies here. Those added meanwhile follow.
   */
  *copies(): Generator<Alert> {
    for (const [id, kept] of this.#alerts) yield typeof kept === 'string' ? this.#unpack(id, kept) : kept;
  }

  add(alert: Alert): void {
    this.#alerts.set(alert.id, alert);
    this.#counts.note(alert);
  }

  delete(alert: Alert): void {
    this.#alerts.delete(alert.id);
    this.#retired.delete(alert);
  }

  /**
   * Nothing more is expected of the alert until it is closed. To be called when nobody holds an
   * alert that it has got here: what is packed is not changed with it.
   */
  retire(alert: Alert): void {
    this.#retired.add(alert);
    let left = PACKED_EACH;
    for (const oldest of this.#retired) {
      if (left === 0 || this.#retired.size <= this.#fullMax) return;
      left -= 1;
      this.#retired.delete(oldest);
      if (oldest.durable === undefined || oldest.isGathered) {
        this.#retired.add(oldest);
        continue;
      }
      const packed = this.#packer.pack(oldest, this.#context.site);
      if (packed !== undefined) this.#alerts.set(oldest.id, packed);
    }
  }

  /**
   * The site is about to change. Alerts that refer to what changes are kept whole from now on: the
   * receivers know them as they were.
   */
  readAll(isConcerned: (id: string) => boolean): void {
    for (const [id, kept] of this.#alerts) if (typeof kept === 'string' && isConcerned(id)) this.#read(id, kept);
  }

  #read(id: string, packed: string): Alert {
    const alert = this.#unpack(id, packed);
    this.#alerts.set(id, alert);
    this.#retired.add(alert);
    return alert;
  }

  #unpack(id: string, packed: string): Alert {
    return this.#packer.unpack(id, packed, this.#context.site, this.#counts);
  }
}
