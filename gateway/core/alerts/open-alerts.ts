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

/** Those of one button that mean the same. */
interface AlikeAlerts {
  readonly button: number;
  readonly kind: string;
  readonly exercise: Exercise | undefined;
  count: number;
}

/**
 * Counts the alerts that are not closed, because each input asks about them and thousands may be
 * open.
 */
export class OpenAlerts {
  readonly #groups: Counted[] = [];
  /** By device. Not the objects themselves: a reload replaces them. */
  readonly #ofDevices = new Map<string, AlikeAlerts[]>();

  /** To be called after each change of an alert that may change its group. */
  note(alert: CountedAlert): void {
    const before = alert.group;
    const counted = alert.closed === undefined ? this.#of(alert) : undefined;
    if (before === counted?.group) return;
    alert.group = counted?.group;
    if (before !== undefined) this.#leave(before);
    if (counted !== undefined) counted.count += 1;
    const change = Number(counted !== undefined) - Number(before !== undefined);
    if (change !== 0) this.#countAlike(alert, change);
  }

  /** The group of an alert that is counted. */
  groupOf(alert: CountedAlert): AlertGroup {
    return this.#of(alert).group;
  }

  some(is: (group: AlertGroup) => boolean): boolean {
    return this.#groups.some(({ group }) => is(group));
  }

  count(is: (group: AlertGroup) => boolean): number {
    return this.#groups.reduce((sum, { group, count }) => (is(group) ? sum + count : sum), 0);
  }

  ofButton(device: Device, button: Button): boolean {
    return this.#ofDevices.get(device.id)?.some((alike) => alike.button === button.number) === true;
  }

  /** How many there are of the same button, kind and exercise, this one included. */
  alike(alert: CountedAlert): number {
    return this.#ofDevices.get(alert.device.id)?.find((each) => areAlike(alert, each))?.count ?? 0;
  }

  /** Alerts of one group share it. There are few, so comparing costs less than joining a key. */
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

  #countAlike(alert: CountedAlert, change: number): void {
    const { device, button, kind, exercise } = alert;
    const ofDevice = this.#ofDevices.get(device.id);
    const counted = ofDevice?.find((each) => areAlike(alert, each));
    if (counted !== undefined) counted.count += change;
    else {
      const added = { button: button.number, kind: kind.id, exercise, count: change };
      if (ofDevice === undefined) this.#ofDevices.set(device.id, [added]);
      else ofDevice.push(added);
    }
    if (ofDevice === undefined || counted?.count !== 0) return;
    ofDevice.splice(ofDevice.indexOf(counted), 1);
    if (ofDevice.length === 0) this.#ofDevices.delete(device.id);
  }
}

function areAlike({ button, kind, exercise }: CountedAlert, alike: AlikeAlerts): boolean {
  return button.number === alike.button && kind.id === alike.kind && exercise === alike.exercise;
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
