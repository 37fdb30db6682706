import { type AlertProgress, isNotConfirmed } from '../alert-progress.ts';
import { invariant } from '../invariant.ts';
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

interface Counted {
  readonly group: AlertGroup;
  count: number;
}

/**
 * Counts the alerts that are not closed, because each input asks about them and thousands may be
 * open.
 */
export class OpenAlerts {
  readonly #groups: Counted[] = [];
  /** By device and number of the button. */
  readonly #ofButtons = new Map<string, Map<number, number>>();

  /** To be called after each change of an alert that may change its group. */
  note(alert: CountedAlert): void {
    const before = alert.group;
    const counted = alert.closed === undefined ? this.#of(alert) : undefined;
    if (before === counted?.group) return;
    alert.group = counted?.group;
    if (before !== undefined) this.#leave(before);
    if (counted !== undefined) counted.count += 1;
    const change = Number(counted !== undefined) - Number(before !== undefined);
    if (change !== 0) this.#countButton(alert, change);
  }

  /** The group of an alert that is counted. */
  groupOf(alert: CountedAlert): AlertGroup {
    return this.#of(alert).group;
  }

  some(is: (group: AlertGroup) => boolean): boolean {
    return this.#groups.some(({ group }) => is(group));
  }

  ofButton(device: Device, button: Button): boolean {
    return this.#ofButtons.get(device.id)?.has(button.number) === true;
  }

  /** Alerts of one group share it. There are few groups, so this compares instead of joining a key. */
  #of(alert: CountedAlert): Counted {
    const present = this.#groups.find(({ group }) => isOf(alert, group));
    if (present !== undefined) return present;
    const added = { group: groupOf(alert), count: 0 };
    this.#groups.push(added);
    return added;
  }

  #leave(group: AlertGroup): void {
    const at = this.#groups.findIndex((each) => each.group === group);
    const counted = this.#groups[at];
    invariant(counted !== undefined, 'an alert left a group that counts none');
    counted.count -= 1;
    if (counted.count === 0) this.#groups.splice(at, 1);
  }

  /** Not the objects themselves: a reload replaces them. */
  #countButton({ device, button }: CountedAlert, change: number): void {
    const ofDevice = this.#ofButtons.get(device.id) ?? new Map<number, number>();
    const count = (ofDevice.get(button.number) ?? 0) + change;
    if (count === 0) ofDevice.delete(button.number);
    else ofDevice.set(button.number, count);
    if (ofDevice.size === 0) this.#ofButtons.delete(device.id);
    else this.#ofButtons.set(device.id, ofDevice);
  }
}

/** Of an alert that is not closed. */
function groupOf(alert: CountedAlert): AlertGroup {
  const { device, kind, exercise } = alert;
  return {
    building: device.location.building,
    silent: kind.silent,
    exercise,
    locks: locks(kind),
    notConfirmed: isNotConfirmed(alert),
  };
}

function isOf(alert: CountedAlert, group: AlertGroup): boolean {
  return (
    group.building === alert.device.location.building &&
    group.silent === alert.kind.silent &&
    group.exercise === alert.exercise &&
    group.locks === locks(alert.kind) &&
    group.notConfirmed === isNotConfirmed(alert)
  );
}

function locks({ action }: AlertKind): boolean {
  return action === 'lockdown' || action === 'secure';
}
