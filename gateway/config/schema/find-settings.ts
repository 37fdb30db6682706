import { nearest } from '../read/nearest.ts';
import { ANY_NAME, driversOf, type Setting } from './settings-reference.ts';

/** What a person looked for, and found. */
export interface Found {
  /** Settings with this key: several if drivers differ, or if only the end of the key was given. */
  readonly settings: readonly Setting[];
  /** Their fields, one level down. */
  readonly fields: readonly Setting[];
  /** The driver that was named in the key, as in `paths.dc09-tcp.account`. */
  readonly driver?: string;
}

/**
 * Finds a setting by its key (`devices.buttons.kind`), by the end of it (`kind`), or by a part of
 * its name (`beacon`). Numbers of entries are left out: `devices[0].buttons.1.kind` is the same.
 */
export function findSettings(all: readonly Setting[], wanted: string): Found {
  const steps = wanted.split(/[.[\]]+/).filter((step) => step !== '' && !/^\d+$/.test(step));
  const whole = all.filter(({ key }) => fits(key.split('.'), steps));
  if (whole.length > 0) return { settings: whole, fields: fieldsOf(all, whole) };
  const driver = driverIn(steps);
  if (driver !== undefined) return onlyOf(driver, findSettings(all, [steps[0], ...steps.slice(2)].join('.')));
  const byEnd = all.filter(({ key }) => steps.length > 0 && fits(key.split('.').slice(-steps.length), steps));
  if (byEnd.length > 0) return { settings: byEnd, fields: byEnd.length > 1 ? [] : fieldsOf(all, byEnd) };
  const part = steps.length === 1 ? (steps[0] ?? '').toLowerCase() : '';
  const named = all.filter(({ key }) => part.length > 2 && lastOf(key).toLowerCase().includes(part));
  return { settings: named, fields: [] };
}

/** The key that a mistyped one most likely meant. */
export function nearestSetting(all: readonly Setting[], wanted: string): string | undefined {
  const keys = [...new Set(all.map(({ key }) => key))];
  const near = nearest(wanted, keys);
  if (near !== undefined) return near;
  // The end alone may be mistyped, or its section left out.
  const end = nearest(lastOf(wanted), new Set(keys.map(lastOf)));
  const start = wanted.split('.').slice(0, -1).join('.');
  const withEnd = end === undefined ? [] : keys.filter((key) => lastOf(key) === end);
  return withEnd.find((key) => start !== '' && key.startsWith(start)) ?? withEnd[0];
}

/** The last name of a key. */
export function lastOf(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function fits(key: readonly string[], steps: readonly string[]): boolean {
  return key.length === steps.length && key.every((name, at) => name === ANY_NAME || name === steps[at]);
}

function fieldsOf(all: readonly Setting[], settings: readonly Setting[]): Setting[] {
  const above = new Set(settings.map(({ key }) => key));
  return all.filter(({ key }) => above.has(parentOf(key)));
}

function parentOf(key: string): string {
  const parent = key.slice(0, Math.max(0, key.lastIndexOf('.')));
  return lastOf(parent) === ANY_NAME ? parentOf(parent) : parent;
}

function driverIn([section = '', name = '']: readonly string[]): string | undefined {
  return driversOf(section).has(name) ? name : undefined;
}

function onlyOf(driver: string, { settings, fields }: Found): Found {
  const isOf = ({ drivers }: Setting) => drivers === undefined || drivers.includes(driver);
  return { settings: settings.filter(isOf), fields: fields.filter(isOf), driver };
}
