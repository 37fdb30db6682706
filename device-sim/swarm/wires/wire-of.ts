import type { GatewaySettings, InputSettings } from '../../../gateway/config/settings.ts';
import type { Wire } from '../world/wire.ts';
import type { AirDeps } from './air.ts';
import { BusWire } from './bus-wire.ts';
import { ContactWire } from './contact-wire.ts';
import { MqttWire } from './mqtt-wire.ts';
import { TagWire } from './tag-wire.ts';

/** The driver reads a board's pins more often; the devices of a life say when they are missed. */
const FIRMATA_REREAD_MS = 300_000;

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
      return new BusWire(id, {
        ...air,
        heartbeatMs,
        nodes: inAny(
          all,
          first.driver,
          ({ nodes }) => nodes,
          ({ device }) => device,
        ),
      });
    case 'gpio':
    case 'firmata': {
      const contacts = [
        ...inAny(
          all,
          'gpio',
          (gpio) => gpio.contacts,
          ({ pin }) => pin,
        ),
        ...inAny(
          all,
          'firmata',
          (board) => board.contacts,
          ({ pin }) => pin,
        ),
      ];
      const rereadMs = first.driver === 'gpio' ? first.rereadMs : FIRMATA_REREAD_MS;
      const canary = sites.find(({ site }) => site.canary !== undefined)?.site.canary;
      return new ContactWire(id, { ...air, contacts, rereadMs, canary });
    }
    case 'ble': {
      const tags = inAny(
        all,
        first.driver,
        ({ devices }) => devices,
        ({ device }) => device,
      ).filter((each) => each.format === 'bthome');
      return new TagWire(id, { ...air, heartbeatMs, tags });
    }
    case 'mqtt':
      return new MqttWire(id, {
        ...air,
        devices: inAny(
          all,
          first.driver,
          ({ devices }) => devices,
          ({ device }) => device,
        ),
      });
    default:
      throw new Error(`no wire for ${first.driver}`);
  }
}

type Of<D extends InputSettings['driver']> = Extract<InputSettings, { readonly driver: D }>;

/** What any of the sites has there, each once. */
function inAny<D extends InputSettings['driver'], T>(
  all: readonly InputSettings[],
  driver: D,
  of: (settings: Of<D>) => readonly T[],
  keyOf: (one: T) => string,
): T[] {
  const found = new Map<string, T>();
  for (const settings of all) {
    if (settings.driver !== driver) continue;
    for (const each of of(settings as Of<D>)) if (!found.has(keyOf(each))) found.set(keyOf(each), each);
  }
  return [...found.values()];
}
