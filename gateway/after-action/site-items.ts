import { type DrillScope, isInScope } from '../../protocol/drill-scope.ts';
import type { Device, Door, Site } from '../core/site.ts';

/** Something that a walk test ticks, as `WalkTestItem` names it. */
export interface SiteItem {
  readonly item: string;
  readonly name: string;
  readonly place: ItemPlace;
  readonly of: ItemKind;
}

type ItemKind =
  | {
      readonly of: 'button';
      readonly device: string;
      readonly button: string;
      readonly number: number;
      readonly kind: string;
      readonly kind_name: string;
      readonly silent: boolean;
      readonly key: string | undefined;
    }
  | { readonly of: 'door'; readonly door: string }
  | { readonly of: 'output'; readonly output: string; readonly shows: string };

/** Configuration ids; empty: it is in no such place. */
interface ItemPlace {
  readonly building: string;
  readonly floor: string;
  readonly room: string;
  readonly text: string;
}

export type ItemSite = Pick<Site, 'gateway' | 'name' | 'kinds' | 'devices' | 'doors' | 'outputs' | 'canary'>;

/** The items of a place: those of rooms in the order of the configuration, then the others. */
export function itemsWithin(site: ItemSite, scope: DrillScope): readonly SiteItem[] {
  const all = [...[...site.devices.values()].flatMap((device) => buttonItems(site, device)), ...otherItems(site)];
  const isThere = ({ of, place }: SiteItem) => {
    const device = of.of === 'button' ? of.device : '';
    return isInScope(scope, { device, ...place });
  };
  return all.filter(isThere).sort((a, b) => Number(a.place.room === '') - Number(b.place.room === ''));
}

/** The gateway presses the canary's button itself. */
function buttonItems({ kinds, canary }: ItemSite, device: Device): SiteItem[] {
  const { id, location: place, buttons, keyFingerprint: key } = device;
  return [...buttons.values()].flatMap(({ id: button, number, kind }): SiteItem[] => {
    if (canary?.device === id && canary.button === number) return [];
    const { name: kindName = kind, silent = false } = kinds.get(kind) ?? {};
    const of = { of: 'button', device: id, button, number, kind, kind_name: kindName, silent, key } as const;
    return [{ item: `button:${id}/${button}`, name: `${id} ${button} (${kindName})`, place, of }];
  });
}

function otherItems({ doors, outputs, devices }: ItemSite): SiteItem[] {
  const doorItems = doors.map((door): SiteItem => {
    const { id, name } = door;
    return { item: `door:${id}`, name: `door ${name}`, place: doorPlace(door, devices), of: { of: 'door', door: id } };
  });
  const outputItems = outputs.flatMap(({ id, shows, building = '' }): SiteItem[] => {
    if (shows === 'canary') return [];
    const text = building === '' ? 'Whole site' : `Building ${building}`;
    const place = { building, floor: '', room: '', text };
    return [{ item: `output:${id}`, name: `output ${id} (${shows})`, place, of: { of: 'output', output: id, shows } }];
  });
  return [...doorItems, ...outputItems];
}

function doorPlace({ building, contact, bolt }: Door, devices: ItemSite['devices']): ItemPlace {
  const device = devices.get((contact ?? bolt)?.device ?? '');
  return device?.location ?? { building, floor: '', room: '', text: `Building ${building}` };
}
