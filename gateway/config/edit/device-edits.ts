import { suggest } from '../read/nearest.ts';
import { deviceEntry, hasKey, type NewDevice } from './device-entry.ts';
import { addressOf } from './free-numbers.ts';
import { referencesTo, removeReferences, renameReference } from './references.ts';
import { refused } from './rooms.ts';
import type { SiteEdit } from './site-edit.ts';

/** A device as it stands in the site. */
export interface FoundDevice {
  readonly index: number;
  readonly id: string;
  readonly input: string;
  readonly driver: string;
  readonly location: string;
  readonly address: number | string | undefined;
  readonly isKeyed: boolean;
}

/** @throws CallpointError EDIT_REFUSED if there is no such device */
export function findDevice(edit: SiteEdit, id: string): FoundDevice {
  const { site } = edit;
  const index = site.devices.findIndex((each) => each.id === id);
  const device = site.devices[index];
  if (device === undefined) {
    const ids = site.devices.map((each) => each.id);
    throw refused(`There is no device ${id}: ${suggest(id, ids, 'callpoint devices labels lists them')}.`);
  }
  const { input, location } = device;
  const driver = site.inputs.find((each) => each.id === input)?.driver ?? '';
  const isKeyed = edit.secretOf('devices', id) !== undefined;
  return { index, id, input, driver, location, address: addressOf(device), isKeyed };
}

/** @param key for devices that have one */
export function addDevices(edit: SiteEdit, devices: readonly { device: NewDevice; key?: string }[]): void {
  edit.edits.append(
    ['devices'],
    devices.map(({ device }) => deviceEntry(device)),
  );
  edit.keys.addAll(
    'devices',
    devices.flatMap(({ device, key }) => (hasKey(device) && key !== undefined ? [[device.id, key] as const] : [])),
  );
}

/** Puts another device in the place of one: under the same name, with another key or address. */
export function replaceDevice(
  edit: SiteEdit,
  { index, id, isKeyed }: FoundDevice,
  fresh: { readonly address?: number | string; readonly topic?: string; readonly key?: string },
): void {
  for (const field of ['address', 'topic'] as const) {
    const value = fresh[field];
    if (value !== undefined) edit.edits.set(['devices', index, field], value);
  }
  if (fresh.key === undefined) return;
  if (isKeyed) edit.keys.change('devices', id, fresh.key);
  else edit.keys.add('devices', id, fresh.key);
}

/**
 * @throws CallpointError EDIT_REFUSED if something names the device and is not to be removed with
 *   it
 */
export function removeDevice(edit: SiteEdit, { index, id, isKeyed }: FoundDevice, withReferences: boolean): string[] {
  const references = referencesTo(edit.site, id);
  if (references.length > 0 && !withReferences) {
    const list = references.map(({ what }) => `\n  ${what}`).join('');
    throw refused(`${id} is named by:${list}\nGive them another device first, or remove them too: --with-references.`);
  }
  removeReferences(edit, id);
  edit.edits.remove(['devices', index]);
  if (isKeyed) edit.keys.remove('devices', id);
  return references.map(({ what }) => what);
}

/** @throws CallpointError EDIT_REFUSED if the name is taken */
export function renameDevice(edit: SiteEdit, { index, id, isKeyed }: FoundDevice, to: string): string[] {
  if (edit.site.devices.some((each) => each.id === to)) throw refused(`There is a device ${to} already.`);
  const references = referencesTo(edit.site, id);
  edit.edits.set(['devices', index, 'id'], to);
  for (const reference of references) renameReference(edit, reference, to);
  const key = edit.secretOf('devices', id);
  if (isKeyed && key !== undefined) edit.keys.rename('devices', id, to, key);
  return references.map(({ what }) => what);
}
