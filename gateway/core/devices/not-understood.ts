import type { NotUnderstood } from '../signal.ts';
import type { LimitedNotices } from '../troubles/limited-notices.ts';
import { notUnderstood } from '../troubles/notices.ts';
import type { DeviceSupervision } from './device-supervision.ts';

/** Values of one device that are reported one by one. */
const VALUES_MAX = 16;
/** Of a longer value, the start is remembered. */
const REMEMBERED_LENGTH = 128;

/**
 * What devices say and the configuration does not name. Each value of a device is one notice, and
 * then only counted: a device says it again and again. A value of a button is reported each time,
 * because each may be a press of a person in danger.
 */
export class NotUnderstoodValues {
  readonly #notices: LimitedNotices;
  /** By device. */
  readonly #known = new Map<string, Set<string>>();

  constructor(notices: LimitedNotices) {
    this.#notices = notices;
  }

  heard(device: DeviceSupervision, said: NotUnderstood): void {
    const isNew = this.#remember(device.device.id, said);
    device.notUnderstood(isNew);
    if (isNew || said.of === 'button') this.#notices.tell(notUnderstood(device.device, said));
  }

  /** A reload removes the device, or begins it anew. */
  forget(device: string): void {
    this.#known.delete(device);
  }

  /** @returns false for a value that is known, or one too many */
  #remember(device: string, { of, member, value }: NotUnderstood): boolean {
    const known = this.#known.get(device) ?? new Set();
    this.#known.set(device, known);
    const key = `${of} ${member} ${value.slice(0, REMEMBERED_LENGTH)}`;
    if (known.has(key) || known.size >= VALUES_MAX) return false;
    known.add(key);
    return true;
  }
}
