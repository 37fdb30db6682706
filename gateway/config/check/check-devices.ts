import { Unique } from '../fields/unique.ts';
import { suggest } from '../read/nearest.ts';
import type { View } from '../read/view.ts';
import type { CheckedPlaces } from './check-places.ts';
import { areaOf, areasOf } from './device-area.ts';

/** By area and zone: the room that has it and the button that names it. */
type Zones = Map<string, { readonly room: string; readonly button: View }>;

/** Devices, buttons and points of any driver: references, duplicates, zones. */
export function checkDevices(
  site: View,
  places: CheckedPlaces,
  kinds: readonly string[],
  inputs: readonly string[],
): void {
  const ids = new Unique('give each device a name of its own');
  const zones: Zones = new Map();
  const areas = areasOf(site);
  const devices = site.list('devices');
  if (devices.length === 0)
    site.warn(
      'devices',
      'there is no device',
      'callpoint devices discover finds some, and shows the command that adds each',
    );
  for (const device of devices) {
    const id = device.text('id');
    ids.add(device, 'id', id, `device ${id}`);
    const input = device.text('input');
    if (input !== undefined && !inputs.includes(input))
      device.wrong('input', `there is no input ${input}`, suggest(input, inputs, 'add it under inputs:'));
    checkLocation(device, places);
    checkButtons(device, kinds, areaOf(device, areas), zones);
    checkPoints(device);
  }
}

function checkLocation(device: View, { places, unread }: CheckedPlaces): void {
  const location = device.text('location');
  if (location === undefined) return;
  const [building = '', floor = '', room = ''] = location.split('/');
  const floors = places.get(building);
  const rooms = floors?.get(floor);
  // A place whose own name is wrong may be the one that is meant.
  if (unread.has(floors === undefined ? '' : rooms === undefined ? building : `${building}/${floor}`)) return;
  if (floors === undefined) {
    device.wrong(
      'location',
      `there is no building ${building}`,
      suggest(building, [...places.keys()], 'add it under buildings:'),
    );
  } else if (rooms === undefined) {
    device.wrong(
      'location',
      `building ${building} has no floor ${floor}`,
      suggest(floor, [...floors.keys()], 'add it under floors:'),
    );
  } else if (!rooms.has(room)) {
    const hint = suggest(room, [...rooms], 'add it under rooms:');
    device.wrong('location', `floor ${building}/${floor} has no room ${room}`, hint);
  }
}

function checkButtons(device: View, kinds: readonly string[], area: string, zones: Zones): void {
  const ids = new Unique('give each button of a device a name of its own');
  const numbers = new Unique('each button of a device has a number of its own');
  const buttons = device.list('buttons');
  if (buttons.length === 0 && device.list('points').length === 0) {
    device.wrong(
      'id',
      `${device.text('id') ?? 'this device'} has neither buttons nor points`,
      'list them under buttons: and points:',
    );
  }
  for (const [place, button] of buttons.entries()) {
    ids.add(button, 'id', button.text('id'), `button ${button.text('id')}`);
    const number = numberOf(button, place);
    numbers.add(button, 'number', number, `button number ${number}`);
    for (const key of ['kind', 'longPress']) checkKind(button, key, kinds);
    const patterns = button.child('patterns');
    for (const pattern of patterns.keys()) checkKind(patterns, pattern, kinds);
    checkZone(button, area, device.text('location') ?? '', zones);
  }
}

function checkKind(view: View, key: string, kinds: readonly string[]): void {
  const kind = view.text(key);
  if (kind === undefined || kinds.includes(kind)) return;
  view.wrong(key, `there is no kind of alert ${kind}`, suggest(kind, kinds, 'add it under kinds:'));
}

/**
 * The number as written, else the position in the list. `undefined` if the written number cannot be
 * read.
 */
function numberOf(entry: View, place: number): string | undefined {
  return entry.has('number') ? entry.text('number') : String(place);
}

/**
 * Buttons of one room may share a zone. Buttons of two rooms may not, because a Contact ID message
 * tells the receiver only zone and area.
 */
function checkZone(button: View, area: string, room: string, zones: Zones): void {
  const zone = button.text('zone');
  if (zone === undefined) return;
  const key = `${area}/${zone}`;
  const first = zones.get(key);
  if (first === undefined) zones.set(key, { room, button });
  else if (first.room !== room) {
    const which = area === '0' ? `zone ${zone}` : `zone ${zone} of area ${area}`;
    const message = `${which} is used already at ${first.button.where('zone')}, for another room`;
    button.wrong(
      'zone',
      message,
      'the receiver could not tell the rooms apart; give each room zones, or its building an area, of its own',
    );
  }
}

function checkPoints(device: View): void {
  const ids = new Unique('give each point of a device a name of its own');
  const numbers = new Unique('each point of a device has a number of its own');
  for (const [place, point] of device.list('points').entries()) {
    ids.add(point, 'id', point.text('id'), `point ${point.text('id')}`);
    const number = numberOf(point, place);
    numbers.add(point, 'number', number, `point number ${number}`);
  }
}
