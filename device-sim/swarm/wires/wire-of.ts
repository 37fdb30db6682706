import type { GatewaySettings, InputSettings } from '../../../gateway/config/settings.ts';
import type { Wire } from '../world/wire.ts';
import type { AirDeps } from './air.ts';
import { BusWire } from './bus-wire.ts';

/** The wire of an input, with the devices that it has in any of the sites. */
export function wireOf(id: string, sites: readonly GatewaySettings[], deps: Omit<AirDeps, 'name'>): Wire {
  const all = sites.flatMap(({ inputs }) => inputs.filter((input) => input.id === id));
  const [first] = all;
  if (first === undefined) throw new Error(`no input ${id}`);
  const air = { ...deps, name: id };
  const heartbeatMs = (device: string) =>
    sites.find(({ site }) => site.devices.has(device))?.site.devices.get(device)?.heartbeatMs ?? 30_000;
  switch (first.driver) {
    case 'button-bus':
      return new BusWire(id, { ...air, heartbeatMs, nodes: inAny(all, first.driver, ({ nodes }) => nodes, 'device') });
    default:
      throw new Error(`no wire for ${first.driver}`);
  }
}

type Of<D extends InputSettings['driver']> = Extract<InputSettings, { readonly driver: D }>;

function inAny<D extends InputSettings['driver'], T, K extends keyof T>(
  all: readonly InputSettings[],
  driver: D,
  of: (settings: Of<D>) => readonly T[],
  key: K,
): T[] {
  const found = new Map<T[K], T>();
  for (const settings of all) {
    if (settings.driver !== driver) continue;
    for (const each of of(settings as Of<D>)) if (!found.has(each[key])) found.set(each[key], each);
  }
  return [...found.values()];
}
