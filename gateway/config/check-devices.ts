import { existsSync, readdirSync } from 'node:fs';
import type { Places } from './check-places.ts';
import { suggest } from './nearest.ts';
import { Unique } from './unique.ts';
import type { View } from './view.ts';

/** Inputs, devices, buttons and points: references, duplicates, zones. */
export function checkDevices(site: View, places: Places, kinds: readonly string[]): void {
  const inputs = checkInputs(site);
  const ids = new Unique('give each device a name of its own');
  const addresses = new Unique('give each node on a line an address of its own');
  const zones = new Map<string, { room: string; where: string }>();
  const used = new Set<string>();
  const devices = site.list('devices');
  if (devices.length === 0) site.warn('devices', 'there is no device', 'list the wall nodes under devices:');
  for (const device of devices) {
    const id = device.text('id');
    ids.add(device, 'id', id, `device ${id}`);
    const input = device.text('input');
    const address = device.number('address');
    if (input !== undefined) {
      used.add(input);
      if (!inputs.includes(input))
        device.wrong('input', `there is no input ${input}`, suggest(input, inputs, 'add it under inputs:'));
      if (address !== undefined)
        addresses.add(device, 'address', `${input} ${address}`, `address ${address} on ${input}`);
    }
    checkLocation(device, places);
    checkButtons(device, kinds, zones);
    checkPoints(device);
  }
  for (const input of site.list('inputs')) {
    const id = input.text('id');
    if (id !== undefined && !used.has(id) && devices.length > 0)
      input.warn('id', `no device is on ${id}`, 'remove the input, or wire something to it');
  }
}

function checkInputs(site: View): string[] {
  const ids = new Unique('give each input a name of its own');
  const ports = new Unique('two inputs on one port would steal bytes from each other; give each its own');
  for (const input of site.list('inputs')) {
    ids.add(input, 'id', input.text('id'), `input ${input.text('id')}`);
    const port = input.text('port');
    ports.add(input, 'port', port, 'this port');
    if (port !== undefined) checkPort(input, port);
  }
  return ids.values();
}

function checkPort(input: View, port: string): void {
  if (!port.startsWith('/')) {
    input.wrong('port', 'the port is not a full path', `write it from the root: /dev/serial/by-id/…${byId()}`);
  } else if (/^\/dev\/tty(USB|ACM)\d+$/.test(port)) {
    // USB ports are numbered in the order they appear: after a restart two lines may have changed places.
    input.wrong(
      'port',
      `${port} may be another port after a restart`,
      `write its stable name: /dev/serial/by-id/…${byId()}`,
    );
  } else if (!existsSync(port)) {
    input.warn('port', 'this machine has no such port at the moment', `plug it in, or correct the name${byId()}`);
  }
}

/** The ports there are, for a person at the machine itself. */
function byId(): string {
  const directory = '/dev/serial/by-id';
  if (!existsSync(directory)) return '';
  try {
    const names = readdirSync(directory);
    return names.length === 0 ? '' : ` (here: ${names.map((name) => `${directory}/${name}`).join(', ')})`;
  } catch {
    // Unplugged between the two calls: the hint is complete without the list.
    return '';
  }
}

function checkLocation(device: View, places: Places): void {
  const location = device.text('location');
  if (location === undefined) return;
  const [building = '', floor = '', room = ''] = location.split('/');
  const floors = places.get(building);
  const rooms = floors?.get(floor);
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

function checkButtons(
  device: View,
  kinds: readonly string[],
  zones: Map<string, { room: string; where: string }>,
): void {
  const ids = new Unique('give each button of a device a name of its own');
  const numbers = new Unique('each button of a node has its own number, 0…15');
  const buttons = device.list('buttons');
  if (buttons.length === 0 && device.list('points').length === 0) {
    device.wrong(
      'id',
      `${device.text('id') ?? 'this device'} has neither buttons nor points`,
      'list them under buttons: and points:',
    );
  }
  for (const button of buttons) {
    ids.add(button, 'id', button.text('id'), `button ${button.text('id')}`);
    numbers.add(button, 'number', button.text('number'), `button number ${button.text('number')}`);
    for (const key of ['kind', 'longPress']) {
      const kind = button.text(key);
      if (kind !== undefined && !kinds.includes(kind)) {
        button.wrong(key, `there is no kind of alert ${kind}`, suggest(kind, kinds, 'add it under kinds:'));
      }
    }
    checkZone(button, device.text('location') ?? '', zones);
  }
}

/** Buttons of one room may share a zone; of two rooms not, since a Contact ID message tells the receiver nothing else. */
function checkZone(button: View, room: string, zones: Map<string, { room: string; where: string }>): void {
  const zone = button.text('zone');
  if (zone === undefined) return;
  const first = zones.get(zone);
  if (first === undefined) zones.set(zone, { room, where: button.where('zone') });
  else if (first.room !== room) {
    const message = `zone ${zone} is used already at ${first.where}, for another room`;
    button.wrong('zone', message, 'the receiver could not tell the rooms apart; give each room zones of its own');
  }
}

function checkPoints(device: View): void {
  const ids = new Unique('give each point of a device a name of its own');
  const numbers = new Unique('each point of a node has its own number, 0…15');
  for (const point of device.list('points')) {
    ids.add(point, 'id', point.text('id'), `point ${point.text('id')}`);
    numbers.add(point, 'number', point.text('number'), `point number ${point.text('number')}`);
  }
}
