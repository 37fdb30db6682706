import type { DrillScope } from '../../protocol/drill-scope.ts';
import type { WalkTestPlace } from '../../protocol/walk-test-document.ts';
import { isWithin } from './scope.ts';
import type { AlertKind, Button, Device, Door, LocalOutput, Location, Site } from './site.ts';

/** Everything that a walk test ticks. Each item has one proof, its last. */
export type SiteItem = ButtonItem | DoorItem | OutputItem;

/** What has items. */
export type ItemSite = Pick<Site, 'kinds' | 'devices' | 'doors' | 'outputs' | 'canary'>;

interface ButtonItem {
  readonly of: 'button';
  /** `button:wb-101/panic` */
  readonly item: string;
  readonly device: Device;
  readonly button: Button;
  readonly kind: AlertKind;
}

interface DoorItem {
  readonly of: 'door';
  /** `door:door-101` */
  readonly item: string;
  readonly door: Door;
  /** The device that watches it. */
  readonly device: Device | undefined;
}

export interface OutputItem {
  readonly of: 'output';
  /** `output:siren` */
  readonly item: string;
  readonly output: LocalOutput;
  /** Its building, or the only building of the site; `undefined`: it is the whole site's. */
  readonly building: string | undefined;
}

export function buttonItemId(device: string, button: string): string {
  return `button:${device}/${button}`;
}

export function doorItemId(door: string): string {
  return `door:${door}`;
}

function outputItemId(output: string): string {
  return `output:${output}`;
}

/**
 * The items of a site, in the order of places as people count them. The canary's button and output
 * are not among them: the gateway presses them itself.
 */
export function siteItems(site: ItemSite): readonly SiteItem[] {
  return [...buttons(site), ...doors(site), ...outputs(site)].sort(byPlace);
}

/** The items of a place. An output belongs to its building, or to the whole site. */
export function itemsWithin(items: readonly SiteItem[], place: DrillScope): readonly SiteItem[] {
  return items.filter((item) => isItemWithin(item, place));
}

function isItemWithin(item: SiteItem, place: DrillScope): boolean {
  if (place.kind === 'site') return true;
  const location = locationOf(item);
  // What is in no room belongs to its building.
  if (location === undefined) return place.kind === 'building' && buildingOf(item) === place.building;
  const id = item.of === 'output' ? '' : (item.device?.id ?? '');
  return isWithin(place, { id, location });
}

/** `undefined`: it is in no room. */
export function locationOf(item: SiteItem): Location | undefined {
  if (item.of === 'button') return item.device.location;
  return item.of === 'door' ? (item.door.location ?? item.device?.location) : undefined;
}

function buildingOf(item: SiteItem): string | undefined {
  return item.of === 'output' ? item.building : (locationOf(item)?.building ?? buildingOfDoor(item));
}

function buildingOfDoor(item: SiteItem): string | undefined {
  return item.of === 'door' ? item.door.building : undefined;
}

/** For a person who stands in the room: which one of the things there. */
export function itemName(item: SiteItem): string {
  if (item.of === 'button') return `${item.device.id} ${item.button.id} (${item.kind.name})`;
  return item.of === 'door' ? `door ${item.door.name}` : `output ${item.output.id} (${item.output.shows})`;
}

export function placeOf(item: SiteItem): Omit<WalkTestPlace, 'items'> {
  const location = locationOf(item);
  if (location !== undefined) {
    const { building, floor, room, text } = location;
    return { building, floor, room, text };
  }
  const building = buildingOf(item);
  return building === undefined ? { text: 'Whole site' } : { building, text: `Building ${building}` };
}

function buttons({ devices, kinds, canary }: ItemSite): ButtonItem[] {
  const items: ButtonItem[] = [];
  for (const device of devices.values()) {
    for (const button of device.buttons.values()) {
      const kind = kinds.get(button.kind);
      const isCanary = canary?.device === device.id && canary.button === button.number;
      if (kind === undefined || isCanary) continue;
      items.push({ of: 'button', item: buttonItemId(device.id, button.id), device, button, kind });
    }
  }
  return items;
}

function doors({ doors: all, devices }: ItemSite): DoorItem[] {
  return all.map((door) => {
    const point = door.contact ?? door.bolt;
    const device = point === undefined ? undefined : devices.get(point.device);
    return { of: 'door', item: doorItemId(door.id), door, device };
  });
}

function outputs(site: ItemSite): OutputItem[] {
  const only = onlyBuilding(site);
  return site.outputs.flatMap((output) => {
    if (output.shows === 'canary') return [];
    return [{ of: 'output', item: outputItemId(output.id), output, building: output.building ?? only } as const];
  });
}

/** `undefined`: there are several, or none. */
function onlyBuilding({ devices, doors }: Pick<Site, 'devices' | 'doors'>): string | undefined {
  const buildings = [...devices.values()].map(({ location }) => location.building);
  const [only, another] = new Set([...buildings, ...doors.map(({ building }) => building)]);
  return another === undefined ? only : undefined;
}

function byPlace(one: SiteItem, other: SiteItem): number {
  return compare(placeText(one), placeText(other)) || compare(one.item, other.item);
}

/** What has no place comes last. */
function placeText(item: SiteItem): readonly string[] {
  const location = locationOf(item);
  const building = buildingOf(item) ?? LAST;
  return location === undefined ? [building, LAST, LAST] : [building, location.floor, location.room];
}

const IN_NUMBERS = new Intl.Collator('en', { numeric: true });
const LAST = '\uffff';

function compare(one: string | readonly string[], other: string | readonly string[]): number {
  if (typeof one === 'string' || typeof other === 'string') return inOrder(String(one), String(other));
  for (const [at, part] of one.entries()) {
    const order = inOrder(part, other[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** Rm 9 before Rm 10. */
function inOrder(one: string, other: string): number {
  if (one === other) return 0;
  if (one === LAST || other === LAST) return one === LAST ? 1 : -1;
  return IN_NUMBERS.compare(one, other) || (one < other ? -1 : 1);
}
