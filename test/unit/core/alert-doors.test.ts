import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../gateway/core/alerts/alert.ts';
import { AlertDoors } from '../../../gateway/core/alerts/alert-doors.ts';
import type { UnsecuredDoor } from '../../../gateway/core/report.ts';
import type { AlertKind, Door } from '../../../gateway/core/site.ts';
import { KINDS } from '../../simulation/site.ts';
import { PartsRig, quietPath, quietSite } from './parts-rig.ts';

const LOCKDOWN = { ...KINDS[0], id: 'lockdown', name: 'Lockdown', action: 'lockdown' } as AlertKind;
const DOOR: Door = { id: 'd1', name: 'Rm 1', building: 'A', zone: 1, area: 0, contact: { device: 'wb-101', point: 0 } };
const OPEN: UnsecuredDoor = { id: 'd1', name: 'Rm 1', state: 'open' };
const FORCED: UnsecuredDoor = { id: 'd1', name: 'Rm 1', state: 'forced' };

/** The doors of building A in given states, and alerts that list them. */
class Lockdown extends PartsRig {
  doors: readonly UnsecuredDoor[] = [OPEN];
  readonly made: { readonly id: string; readonly to: readonly string[] | undefined }[] = [];
  readonly withdrawn: string[] = [];
  readonly shown: string[] = [];
  readonly alerts: Alert[] = [];
  readonly alertDoors: AlertDoors;

  constructor(takesUpdates = true) {
    const paths = [quietPath('central'), quietPath('cap', { takesUpdates })];
    const kinds = new Map([LOCKDOWN, ...KINDS].map((kind) => [kind.id, kind]));
    super(
      quietSite({
        paths,
        doors: [DOOR],
        kinds,
        plan: { steps: paths.map(({ id }) => ({ path: id, afterMs: 0 })), done: 'receiverAcknowledged' },
      }),
    );
    this.alertDoors = new AlertDoors(this.context, {
      notSecured: () => this.doors,
      openAlerts: () => this.alerts.filter(({ closed }) => closed === undefined),
      submit: ({ id }, to) => this.made.push({ id, to }),
      withdraw: (report) => this.withdrawn.push(report),
      publish: ({ id }) => this.shown.push(id),
    });
  }

  raise(counter: number, kind: AlertKind = LOCKDOWN): Alert {
    const device = this.context.site.devices.get('wb-101');
    const button = device?.buttons.get(0);
    if (device === undefined || button === undefined) throw new Error('the site has the button');
    const press = { device, button, kind, pattern: 'single', identity: { epoch: 1, counter } } as const;
    const alert = this.parts.alerts.raise({ ...press, authenticated: true, capturedMs: this.monoMs });
    alert.doors = this.alertDoors.of(kind, 'A');
    this.alerts.push(alert);
    return alert;
  }

  /** Sets the doors' states and lets the time for the update come. */
  change(doors: readonly UnsecuredDoor[]): void {
    this.doors = doors;
    this.alertDoors.due('A');
  }
}

describe('which alerts name doors', () => {
  test.each([
    ['a lockdown in a building with doors', LOCKDOWN, 'A', [OPEN]],
    ['a lockdown in a building without', LOCKDOWN, 'B', undefined],
    ['an alert that locks nothing', KINDS[1] as AlertKind, 'A', undefined],
  ] as const)('%s', (_, kind, building, doors) => {
    expect(new Lockdown().alertDoors.of(kind, building)).toEqual(doors);
  });
});

test('alerts of one building share one list while it is the same, so that thousands cost no more than one', () => {
  const lockdown = new Lockdown();
  const first = lockdown.raise(1);
  lockdown.doors = [{ ...OPEN }];
  expect(lockdown.raise(2).doors).toBe(first.doors);
  lockdown.doors = [FORCED];
  expect(lockdown.raise(3).doors).toEqual([FORCED]);
});

test('a change is told once, to paths that tell updates, and what is the same is not told', () => {
  const lockdown = new Lockdown();
  const alert = lockdown.raise(1);
  lockdown.answer({ type: 'receiverAcknowledged' });
  lockdown.change([OPEN]);
  expect(lockdown.made).toEqual([]);
  lockdown.change([FORCED]);
  lockdown.change([FORCED]);
  expect(lockdown.made).toEqual([{ id: `${alert.id}.doors.7.1`, to: ['cap'] }]);
  expect(lockdown.shown).toEqual([alert.id]);
  expect(alert.doors).toEqual([FORCED]);
  expect(alert.earlier.map(({ id }) => id)).toEqual([alert.id, `${alert.id}.doors.7.1`]);
});

test('before an alert is settled, its paths are not known: the update follows it', () => {
  const lockdown = new Lockdown();
  lockdown.raise(1);
  lockdown.change([]);
  expect(lockdown.made).toMatchObject([{ to: undefined }]);
});

test('a newer update replaces one that was not sent yet, and the end of the alert withdraws the last', () => {
  const lockdown = new Lockdown();
  const alert = lockdown.raise(1);
  lockdown.change([FORCED]);
  lockdown.change([]);
  expect(lockdown.withdrawn).toEqual([lockdown.made[0]?.id]);
  lockdown.alertDoors.forget(alert);
  expect(lockdown.withdrawn).toEqual(lockdown.made.map(({ id }) => id));
});

test('without a path that tells updates none are made, and displays are told all the same', () => {
  const lockdown = new Lockdown(false);
  lockdown.raise(1);
  lockdown.change([FORCED]);
  expect(lockdown.made).toEqual([]);
  expect(lockdown.shown).toHaveLength(1);
});

test('with hundreds of alerts open, a few are told at a time, and all in the end', () => {
  const lockdown = new Lockdown();
  for (let n = 1; n <= 100; n += 1) lockdown.raise(n);
  lockdown.change([]);
  expect(lockdown.made).toHaveLength(16);
  for (let turn = 0; turn < 6; turn += 1) lockdown.alertDoors.due('A');
  expect(lockdown.made).toHaveLength(100);
  expect(new Set(lockdown.shown).size).toBe(100);
});

test('after a restart only a list that differs from the last one told is told', () => {
  const lockdown = new Lockdown();
  const alert = lockdown.raise(1);
  const told = { ...alert.report, id: 'u', alert: { ...alert.report.alert, doors: [FORCED] } };
  lockdown.alertDoors.recover(alert, told as typeof alert.report);
  lockdown.change([FORCED]);
  expect(lockdown.made).toEqual([]);
  lockdown.change([OPEN]);
  expect([lockdown.made.length, lockdown.withdrawn]).toEqual([1, ['u']]);
});
