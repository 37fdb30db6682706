import type { FarEnd } from '../../device-sim/site/far-end.ts';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';

/** One press and its outcome, in monotonic ms. */
export interface Press {
  readonly device: string;
  readonly pressedMs: number;
  /** True if its wire and a path were well at the press. Its time then counts. */
  readonly isFair: boolean;
  readonly isOfStorm: boolean;
  /** Id of its alert; absent if the device numbers nothing and no receiver has shown it yet. */
  alert?: string;
  /** First byte at the first receiver that displayed it. */
  firstMs?: number;
  /** Number of receivers that displayed it. */
  shown: number;
  acknowledged: boolean;
  closed: boolean;
}

/**
 * Id of the alarm itself, not of a report that follows it: `device.epoch.counter`, with the place
 * of the press in its message after it if there is one.
 */
const ALARM_ID = /^([a-z]+-\d+)\.\d+\.\d+(\.\d+)?$/;

/** Compares every press with every alert that a receiver displayed or MQTT reported. */
export class Ledger {
  readonly presses: Press[] = [];
  readonly #byAlert = new Map<string, Press>();
  /** Presses of devices that number nothing and have no alert yet, oldest first. */
  readonly #unnumbered = new Map<string, Press[]>();
  readonly #devices: ReadonlySet<string>;
  /** Number of displays, by receiver, then by alert. */
  readonly #shown = new Map<string, Map<string, number>>();
  /** Alerts without a press. */
  readonly phantoms = new Set<string>();
  /** Repeated reports that their receiver did not display. */
  repeats = 0;
  #unsettled = new Set<Press>();
  #latencies: number[] = [];

  constructor(devices: readonly string[]) {
    this.#devices = new Set(devices);
  }

  /** @param alert absent if the device numbers nothing */
  pressed(made: Pick<Press, 'device' | 'pressedMs' | 'isFair' | 'isOfStorm'>, alert?: string): Press {
    const press: Press = { ...made, shown: 0, acknowledged: false, closed: false };
    this.presses.push(press);
    this.#unsettled.add(press);
    if (alert === undefined) this.#unnumbered.set(made.device, [...(this.#unnumbered.get(made.device) ?? []), press]);
    else this.#name(press, alert);
    return press;
  }

  /** Removes a press that could not be made. No alert is expected of it. */
  withdraw(press: Press): void {
    this.presses.splice(this.presses.indexOf(press), 1);
    this.#unsettled.delete(press);
    const waiting = this.#unnumbered.get(press.device) ?? [];
    this.#unnumbered.set(
      press.device,
      waiting.filter((each) => each !== press),
    );
  }

  watch(end: FarEnd): void {
    end.on((shown) => {
      if (shown.type === 'repeated') this.repeats += 1;
      if (shown.type !== 'displayed') return;
      const { id = '', firstMs } = shown.displayed;
      this.#displayed(end.path, id, firstMs);
    });
  }

  published({ id, state }: AlertDocument): void {
    const press = this.#pressOf(id);
    if (press === undefined) return;
    if (state !== 'raised' && state !== 'sent') press.acknowledged = true;
    if (state === 'resolved' || state === 'cancelled') press.closed = true;
    this.#settle(press);
  }

  /** Returns alerts that are acknowledged but not yet closed by the operator. */
  open(): Press[] {
    return this.presses.filter(({ acknowledged, closed }) => acknowledged && !closed);
  }

  /** Returns presses that no receiver has displayed or acknowledged. */
  get unsettled(): readonly Press[] {
    return [...this.#unsettled];
  }

  get lost(): readonly Press[] {
    return this.presses.filter(({ shown }) => shown === 0);
  }

  /** Counts the repeated displays of alerts at one receiver. */
  get doubled(): number {
    const times = [...this.#shown.values()].flatMap((alerts) => [...alerts.values()]);
    return times.reduce((sum, each) => sum + each - 1, 0);
  }

  /**
   * Returns the times from the press to its first byte at a receiver, ms, of fair presses outside
   * storms since the last call.
   */
  takeLatencies(): number[] {
    return this.#latencies.splice(0);
  }

  #displayed(path: string, id: string, firstMs: number): void {
    const press = this.#pressOf(id);
    if (press === undefined) return;
    const ofPath = this.#shown.get(path) ?? new Map<string, number>();
    const times = (ofPath.get(id) ?? 0) + 1;
    this.#shown.set(path, ofPath.set(id, times));
    if (times > 1) return;
    press.shown += 1;
    if (press.firstMs === undefined) {
      press.firstMs = firstMs;
      if (press.isFair && !press.isOfStorm) this.#latencies.push(firstMs - press.pressedMs);
    }
    this.#settle(press);
  }

  #pressOf(id: string): Press | undefined {
    const device = ALARM_ID.exec(id)?.[1];
    if (device === undefined || !this.#devices.has(device)) return undefined;
    const known = this.#byAlert.get(id);
    if (known !== undefined) return known;
    const press = this.#unnumbered.get(device)?.shift();
    if (press === undefined) this.phantoms.add(id);
    else this.#name(press, id);
    return press;
  }

  #name(press: Press, alert: string): void {
    press.alert = alert;
    this.#byAlert.set(alert, press);
  }

  #settle(press: Press): void {
    if (press.shown > 0 && press.acknowledged) this.#unsettled.delete(press);
  }
}
