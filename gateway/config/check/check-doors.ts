import type { PointType } from '../../core/site.ts';
import { Unique } from '../fields/unique.ts';
import { suggest } from '../read/nearest.ts';
import type { View } from '../read/view.ts';
import { ownDoor, pointParts } from '../schema/door-schema.ts';
import type { CheckedPlaces, Places } from './check-places.ts';

const WANTED = { contact: 'doorContact', bolt: 'bolt' } as const satisfies Record<string, PointType>;
const WORDS: Record<PointType, string> = { doorContact: 'a door contact', bolt: 'a bolt', tamper: 'a tamper switch' };

/** Checks doors and their points, and points that belong to no door. */
export function checkDoors(site: View, { places, unread }: CheckedPlaces): void {
  const devices = site.list('devices');
  const byId = new Map(devices.map((device) => [device.text('id'), device]));
  const rooms = new Set(roomsOf(places));
  const doors = new Map(site.list('doors').map((door) => [door.text('id'), door]));
  const ids = new Unique('give each door a name of its own');
  const points = new Unique('a contact or bolt belongs to one door');
  for (const door of site.list('doors')) {
    const id = door.text('id');
    ids.add(door, 'id', id, `door ${id}`);
    checkLocation(door, rooms, unread);
    for (const key of ['contact', 'bolt'] as const) {
      points.add(door, key, door.text(key), door.text(key) ?? '');
      checkPoint(door, key, byId);
    }
    checkParts(door, id);
  }
  const named: Named = { points, devices: new Set(points.values().map((point) => pointParts(point)[0])), doors };
  for (const device of devices) checkRest(device, named);
}

/** The entries under `doors:`, and the points they name. */
interface Named {
  readonly points: Unique;
  readonly devices: ReadonlySet<string>;
  readonly doors: ReadonlyMap<string | undefined, View>;
}

function roomsOf(places: Places): string[] {
  return [...places].flatMap(([building, floors]) =>
    [...floors].flatMap(([floor, rooms]) => [...rooms].map((room) => `${building}/${floor}/${room}`)),
  );
}

function checkLocation(door: View, rooms: ReadonlySet<string>, unread: ReadonlySet<string>): void {
  const location = door.text('location');
  if (location === undefined || rooms.has(location)) return;
  // A place whose own name is wrong may be the one that is meant.
  const [building = '', floor = ''] = location.split('/');
  if (['', building, `${building}/${floor}`].some((each) => unread.has(each))) return;
  door.wrong('location', `there is no room ${location}`, suggest(location, [...rooms], 'add it under buildings:'));
}

function checkParts(door: View, id: string | undefined): void {
  if (!door.has('contact') && !door.has('bolt')) {
    const hint = 'write contact: or bolt: followed by a device and its point, such as wb-101/door';
    door.wrong('id', `door ${id ?? ''} has neither contact nor bolt`, hint);
  } else if (!door.has('contact') && door.has('heldOpenSeconds')) {
    const message = 'without a contact nobody knows that the door is open';
    door.wrong('heldOpenSeconds', message, 'add contact:, or remove the line');
  }
}

function checkPoint(door: View, key: 'contact' | 'bolt', devices: ReadonlyMap<string | undefined, View>): void {
  const written = door.text(key);
  if (written === undefined) return;
  const [deviceId, pointId] = pointParts(written);
  const device = devices.get(deviceId);
  if (device === undefined) {
    const known = [...devices.values()]
      .filter((each) => doorPoints(each).length > 0)
      .flatMap((each) => each.text('id') ?? []);
    door.wrong(key, `there is no device ${deviceId}`, suggest(deviceId, known, 'add it under devices:'));
    return;
  }
  const points = device.list('points');
  const point = points.find((each) => each.text('id') === pointId);
  const fitting = points.filter((each) => each.text('type') === WANTED[key]).flatMap((each) => each.text('id') ?? []);
  const none = `add a point of type ${WANTED[key]} to ${deviceId}`;
  if (point === undefined) {
    door.wrong(key, `${deviceId} has no point ${pointId}`, suggest(pointId, fitting, none));
    return;
  }
  const type = typeOf(point);
  if (type === undefined || type === WANTED[key]) return;
  const hint = fitting.length === 0 ? none : `write ${key}: ${deviceId}/${fitting[0]}`;
  door.wrong(key, `${written} is ${WORDS[type]}, not ${WORDS[WANTED[key]]}`, hint);
}

/** Contacts and bolts that no entry under `doors:` names. */
function checkRest(device: View, named: Named): void {
  const id = device.text('id');
  if (id === undefined) return;
  const points = doorPoints(device);
  if (!named.devices.has(id)) {
    const own = ownDoor(points);
    if (own !== undefined) checkOwnDoor(named.doors.get(id), id, own);
    else if (points.length > 0) warnAmbiguous(device, id, points);
    return;
  }
  for (const point of points) {
    if (named.points.has(`${id}/${point.id}`)) continue;
    const key = point.type === 'bolt' ? 'bolt' : 'contact';
    const hint = `name it under doors:, such as ${key}: ${id}/${point.id}`;
    point.view.warn('id', `${id}/${point.id} belongs to no door`, hint);
  }
}

/** A device's own door has the device's name. */
function checkOwnDoor(
  taking: View | undefined,
  id: string,
  { contact, bolt }: NonNullable<ReturnType<typeof ownDoor<DoorPointView>>>,
) {
  if (taking === undefined) return;
  const parts = [contact && `contact: ${id}/${contact.id}`, bolt && `bolt: ${id}/${bolt.id}`].filter(Boolean);
  const hint = `give it another name, or write ${parts.join(', ')} if it is that door`;
  taking.wrong('id', `device ${id} makes a door of this name by itself`, hint);
}

function warnAmbiguous(device: View, id: string, points: readonly DoorPointView[]): void {
  const contact = points.find(({ type }) => type === 'doorContact');
  const bolt = points.find(({ type }) => type === 'bolt');
  const parts = [contact && `contact: ${id}/${contact.id}`, bolt && `bolt: ${id}/${bolt.id}`].filter(Boolean);
  const message = `${id} has more than one door contact or bolt: which belong together can't be known, so they make no door`;
  const hint = `list each door under doors:, such as - { id: ${id}-1, ${parts.join(', ')} }`;
  device.warn('points', message, hint);
}

interface DoorPointView {
  readonly id: string;
  readonly type: PointType;
  readonly view: View;
}

/** Door contacts and bolts of a device, if they could be read. */
function doorPoints(device: View): DoorPointView[] {
  return device.list('points').flatMap((view) => {
    const id = view.text('id');
    const type = typeOf(view);
    return id === undefined || type === undefined || type === 'tamper' ? [] : [{ id, type, view }];
  });
}

function typeOf(point: View): PointType | undefined {
  const type = point.text('type');
  return type === 'doorContact' || type === 'bolt' || type === 'tamper' ? type : undefined;
}
