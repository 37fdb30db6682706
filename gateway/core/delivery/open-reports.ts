import { type Delivery, isAlarm } from './delivery.ts';

/** The unsettled reports of one path, in the order they were submitted. */
export class OpenReports {
  readonly #all = new Map<string, Delivery>();
  #alarms = 0;

  get size(): number {
    return this.#all.size;
  }

  get alarms(): number {
    return this.#alarms;
  }

  /** The far end refused the last attempt of one of them, or did not answer it. */
  get hasFailed(): boolean {
    for (const each of this.#all.values()) if (hasFailed(each)) return true;
    return false;
  }

  /** The same, of alarms. */
  get hasFailedAlarm(): boolean {
    for (const each of this.#all.values()) if (isAlarm(each) && hasFailed(each)) return true;
    return false;
  }

  all(): Iterable<Delivery> {
    return this.#all.values();
  }

  get(report: string): Delivery | undefined {
    return this.#all.get(report);
  }

  has({ report }: Delivery): boolean {
    return this.#all.has(report.id);
  }

  add(delivery: Delivery): void {
    this.#all.set(delivery.report.id, delivery);
    if (isAlarm(delivery)) this.#alarms += 1;
  }

  close(delivery: Delivery): void {
    if (this.#all.delete(delivery.report.id) && isAlarm(delivery)) this.#alarms -= 1;
  }

  /** The alarms of a digest that are still open. */
  membersOf({ members = [] }: Delivery): readonly Delivery[] {
    return members.filter((member) => this.has(member));
  }

  /** The oldest alarm raised before `next` that waits because the far end could not be reached. */
  oldestUnreachedBefore(next: Delivery): Delivery | undefined {
    for (const delivery of this.#all.values()) {
      if (delivery.order >= next.order) return undefined;
      if (isAlarm(delivery) && delivery.state === 'waiting' && delivery.lastEnd === 'unreached') return delivery;
    }
    return undefined;
  }
}

function hasFailed({ lastEnd }: Delivery): boolean {
  return lastEnd !== undefined && lastEnd !== 'unreached';
}
