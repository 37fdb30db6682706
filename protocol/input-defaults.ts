import { isScalar } from './scalar.ts';

/** A mapping as it was read: nothing is known of its values. */
interface Fields {
  readonly inputs?: unknown;
  readonly devices?: unknown;
  readonly id?: unknown;
  readonly input?: unknown;
  readonly defaults?: unknown;
  readonly zone?: unknown;
  readonly [name: string]: unknown;
}

/** What no two devices share. */
export const NEVER_INHERITED: readonly string[] = ['id', 'input', 'location', 'address', 'zone'];
const LISTS = ['buttons', 'points'];

/**
 * A site as it was read, its devices with what the `defaults:` of their inputs say, as if a person
 * had written it there. What stands in a device's own entry outranks it. Inherited buttons and
 * points without a zone have the zone of their device.
 */
export function withInputDefaults(site: unknown): unknown {
  if (!isFields(site) || !Array.isArray(site.devices)) return site;
  const defaults = defaultsOf(site);
  if (defaults.size === 0) return site;
  const devices = site.devices.map((device: unknown) => {
    const found = isFields(device) && isScalar(device.input) ? defaults.get(String(device.input)) : undefined;
    return found === undefined || !isFields(device) ? device : withDefaults(device, found);
  });
  return { ...site, devices };
}

/** Names of the fields that a device takes from its input. */
export function inheritedFields(device: Fields, defaults: Fields): string[] {
  return Object.keys(defaults).filter(
    (name) => !NEVER_INHERITED.includes(name) && isNothing(device[name]) && !isNothing(defaults[name]),
  );
}

/** The `defaults:` of each input that has some. */
export function defaultsOf(site: Fields): ReadonlyMap<string, Fields> {
  const inputs: readonly unknown[] = Array.isArray(site.inputs) ? site.inputs : [];
  return new Map(
    inputs.flatMap((input) => {
      if (!isFields(input) || isNothing(input.id) || !isScalar(input.id)) return [];
      const { id, defaults } = input;
      return isFields(defaults) ? [[String(id), defaults] as const] : [];
    }),
  );
}

function withDefaults(device: Fields, defaults: Fields): Fields {
  const inherited = inheritedFields(device, defaults).map((name) => {
    const value = defaults[name];
    return [name, LISTS.includes(name) ? withZones(value, device.zone) : value] as const;
  });
  return { ...device, ...Object.fromEntries(inherited) };
}

function withZones(parts: unknown, zone: unknown): unknown {
  if (!Array.isArray(parts) || isNothing(zone)) return parts;
  return parts.map((part: unknown) => (isFields(part) && isNothing(part.zone) ? { ...part, zone } : part));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
