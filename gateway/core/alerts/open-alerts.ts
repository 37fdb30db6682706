import { type AlertProgress, isNotConfirmed } from '../alert-progress.ts';
import type { Exercise } from '../report.ts';
import type { AlertKind, Button, Device } from '../site.ts';

/** What all alerts of a group have in common: as much of them as an output may show. */
export interface AlertGroup {
  readonly building: string;
  readonly silent: boolean;
  readonly exercise: Exercise | undefined;
  /** Its kind locks doors. */
  readonly locks: boolean;
  readonly notConfirmed: boolean;
}

/** An alert as it is counted. */
interface CountedAlert extends AlertProgress {
  readonly device: Device;
  readonly button: Button;
  readonly kind: AlertKind;
  readonly exercise: Exercise | undefined;
  group: AlertGroup | undefined;
}

/**
 * Counts the alerts that are not closed, because each input asks about them and thousands may be
 * open.
 */
export class OpenAlerts {
  readonly #groups = new Map<string, { readonly group: AlertGroup; count: number }>();
  /** By `buttonKey`. */
  readonly #ofButtons = new Map<string, number>();

  /** To be called after each change of an alert that may change its group. */
  note(alert: CountedAlert): void {
    const before = alert.group;
    const after = alert.closed === undefined ? groupOf(alert) : undefined;
    if (before !== undefined && after !== undefined && keyOf(before) === keyOf(after)) return;
    alert.group = after;
    if (before !== undefined) this.#count(before, -1);
    if (after !== undefined) this.#count(after, 1);
    const change = Number(after !== undefined) - Number(before !== undefined);
    if (change !== 0) add(this.#ofButtons, buttonKey(alert.device, alert.button), change);
  }

  some(is: (group: AlertGroup) => boolean): boolean {
    for (const { group } of this.#groups.values()) if (is(group)) return true;
    return false;
  }

  ofButton(device: Device, button: Button): boolean {
    return this.#ofButtons.has(buttonKey(device, button));
  }

  #count(group: AlertGroup, change: 1 | -1): void {
    const key = keyOf(group);
    const counted = this.#groups.get(key);
    if (counted === undefined) this.#groups.set(key, { group, count: change });
    else {
      counted.count += change;
      if (counted.count === 0) this.#groups.delete(key);
    }
  }
}

/** Of an alert that is not closed. */
export function groupOf(alert: Omit<CountedAlert, 'group'>): AlertGroup {
  const { device, kind, exercise } = alert;
  return {
    building: device.location.building,
    silent: kind.silent,
    exercise,
    locks: kind.action === 'lockdown' || kind.action === 'secure',
    notConfirmed: isNotConfirmed(alert),
  };
}

function keyOf({ building, silent, exercise, locks, notConfirmed }: AlertGroup): string {
  return `${Number(silent)}${exercise ?? 'real'}${Number(locks)}${Number(notConfirmed)}${building}`;
}

/** Not the objects themselves: a reload replaces them. */
function buttonKey({ id }: Device, { number }: Button): string {
  return `${id}/${number}`;
}

function add(counts: Map<string, number>, button: string, change: number): void {
  const count = (counts.get(button) ?? 0) + change;
  if (count === 0) counts.delete(button);
  else counts.set(button, count);
}
