import type { Wanted } from '../keys/keys-file.ts';
import { isMapping, type View } from '../read/view.ts';

interface Secrets {
  readonly [section: string]: unknown;
}

/**
 * The secrets that a site needs: those that are given, and fresh random ones. A secret that the far
 * end or the device has already can't be made up: it stays missing, and the check says so.
 *
 * @param random cryptographically strong random bytes
 */
export function freshKeys(site: View, wanted: Wanted, given: Secrets, random: (length: number) => Uint8Array): Secrets {
  const hex = () => Buffer.from(random(16)).toString('hex');
  const text = (length: number) => Buffer.from(random(length)).toString('base64url');
  const nodes = wallNodes(site, wanted.devices).map((name) => [name, hex()]);
  const users = ownUsers(site, wanted.mqtt).map((name) => [name, text(18)]);
  const paths = wanted.paths.flatMap((name) => {
    const kind = wanted.textPaths.get(name);
    return kind === 'text' ? [] : [[name, kind === 'strongText' ? text(30) : hex()]];
  });
  const all = { devices: nodes, paths, mqtt: users };
  const made = Object.entries(all).map(([section, fresh]) => [section, filled(given[section], fresh)]);
  return { ...given, ...Object.fromEntries(made) };
}

/** What is given stands, also if it is wrong: the check says so. */
function filled(given: unknown, fresh: readonly string[][]): unknown {
  const missing = Object.fromEntries(fresh);
  if (isMapping(given)) return { ...missing, ...given };
  return given === undefined || given === null ? missing : given;
}

/** The key of a wall node is written into it. A tag comes with its own. */
function wallNodes(site: View, names: readonly string[]): string[] {
  const drivers = new Map(site.list('inputs').map((input) => [input.text('id'), input.text('driver')]));
  const nodes = site.list('devices').filter((device) => drivers.get(device.text('input')) === 'button-bus');
  const ids = new Set(nodes.map((device) => device.text('id')));
  return names.filter((name) => ids.has(name));
}

/** An external broker has its passwords already. */
function ownUsers(site: View, names: readonly string[]): string[] {
  const clients = new Set(
    site
      .child('mqtt')
      .list('clients')
      .map((client) => client.text('name')),
  );
  return names.filter((name) => clients.has(name));
}
