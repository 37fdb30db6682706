import { inputDriverNamed, isInputDriverName } from '../inputs/input-drivers.ts';
import type { Wanted } from '../keys/keys-file.ts';
import type { PathSecret } from '../paths/path-config.ts';
import { isPathDriverName, pathDriverNamed } from '../paths/path-drivers.ts';
import type { View } from '../read/view.ts';

/**
 * The devices, paths and users that need a secret, as far as the file can be understood.
 *
 * @param isWhole nothing in the file contradicts its schema, so nothing that needs a secret is
 * missing here
 */
export function wantedKeys(site: View, isWhole: boolean): Wanted {
  const decided = site.list('paths').filter((path) => isPathDriverName(path.text('driver')));
  const paths = decided.flatMap((path) => [{ id: path.text('id'), secret: secretOf(path) }, ...moreSecretsOf(path)]);
  const { devices, undecided } = keyedDevices(site);
  return {
    isWhole,
    devices,
    undecided,
    paths: known(paths.flatMap(({ id, secret }) => (secret === undefined ? [] : [id]))),
    textPaths: new Map(
      paths.flatMap(({ id, secret }) =>
        id === undefined || secret === undefined || secret === 'key' ? [] : [[id, secret] as const],
      ),
    ),
    mqtt: known(mqttUsers(site)),
  };
}

/** A path whose driver is not known may have a key, a password or nothing. */
function secretOf(path: View): PathSecret | undefined {
  const driver = path.text('driver');
  return isPathDriverName(driver) ? pathDriverNamed(driver).secret(path) : undefined;
}

function moreSecretsOf(path: View): { readonly id: string | undefined; readonly secret: PathSecret }[] {
  const driver = path.text('driver');
  const id = path.text('id');
  if (id === undefined || !isPathDriverName(driver)) return [];
  const names = pathDriverNamed(driver).moreSecrets?.(path) ?? [];
  return names.map((name) => ({ id: `${id}.${name}`, secret: 'text' }));
}

/** A device whose input is not known may have a key or not. */
function keyedDevices(site: View): Pick<Wanted, 'devices' | 'undecided'> {
  const drivers = new Map(site.list('inputs').map((input) => [input.text('id'), input.text('driver')]));
  const keyed: (string | undefined)[] = [];
  const undecided: (string | undefined)[] = [];
  for (const device of site.list('devices')) {
    const driver = drivers.get(device.text('input'));
    if (!isInputDriverName(driver)) undecided.push(device.text('id'));
    else if (inputDriverNamed(driver).hasKey(device)) keyed.push(device.text('id'));
  }
  return { devices: known(keyed), undecided: known(undecided) };
}

function mqttUsers(site: View): (string | undefined)[] {
  const mqtt = site.child('mqtt');
  const external = mqtt.has('broker') && mqtt.text('broker') !== 'embedded';
  const users = external ? [mqtt.text('username')] : mqtt.list('clients').map((client) => client.text('name'));
  return [...users, ...site.list('inputs').map((input) => input.text('username'))];
}

function known(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))];
}
