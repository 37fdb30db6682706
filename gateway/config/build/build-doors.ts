import type { Door, DoorPoint } from '../../core/site.ts';
import type { CommonPoint } from '../fields/device-schema.ts';
import { required, seconds } from '../fields/values.ts';
import type { WrittenDevice } from '../inputs/input-drivers.ts';
import { ownDoor, pointParts } from '../schema/door-schema.ts';
import type { SiteFile } from '../schema/site-schema.ts';
import type { Locations } from './locate.ts';

type WrittenDoor = SiteFile['doors'][number];

/** The doors under `doors:`, then those that devices make by themselves. */
export function buildDoors(file: SiteFile, locations: Locations): Door[] {
  const devices = new Map(file.devices.map((device) => [device.id, device]));
  const named = new Set(file.doors.flatMap(pointsOf).map((point) => pointParts(point)[0]));
  const own = file.devices.filter(({ id }) => !named.has(id)).flatMap(doorOf);
  return [...file.doors, ...own].map((door) => buildDoor(door, devices, locations));
}

function pointsOf({ contact, bolt }: WrittenDoor): string[] {
  return [contact, bolt].filter((point) => point !== undefined);
}

/** As a person would write it under `doors:`. */
function doorOf({ id, points }: WrittenDevice): WrittenDoor[] {
  const door = ownDoor<CommonPoint>(points);
  if (door === undefined) return [];
  const { contact, bolt } = door;
  const written = (point: CommonPoint | undefined) => (point === undefined ? undefined : `${id}/${point.id}`);
  return [{ id, contact: written(contact), bolt: written(bolt) }];
}

type Devices = ReadonlyMap<string, WrittenDevice>;

function buildDoor(written: WrittenDoor, devices: Devices, locations: Locations): Door {
  const contact = written.contact === undefined ? undefined : find(written.contact, devices);
  const bolt = written.bolt === undefined ? undefined : find(written.bolt, devices);
  const main = required(contact ?? bolt, `contact or bolt of ${written.id}`);
  const location = written.location ?? main.device.location;
  const [building = ''] = location.split('/');
  return {
    id: written.id,
    name: written.name ?? locations.roomName(location),
    building,
    ...(written.location === undefined ? {} : { location: locations.locate(written.location) }),
    zone: written.zone ?? main.point.zone,
    area: main.device.area ?? locations.area(location),
    ...(contact === undefined ? {} : { contact: doorPoint(contact) }),
    ...(bolt === undefined ? {} : { bolt: doorPoint(bolt) }),
    ...(written.heldOpenSeconds === undefined ? {} : { heldOpenMs: seconds(written.heldOpenSeconds) }),
  };
}

interface Found {
  readonly device: WrittenDevice;
  readonly point: CommonPoint;
}

function find(written: string, devices: Devices): Found {
  const [deviceId, pointId] = pointParts(written);
  const device = required(devices.get(deviceId), `device of ${written}`);
  const points: readonly CommonPoint[] = device.points;
  const point = required(
    points.find(({ id }) => id === pointId),
    `point ${written}`,
  );
  return { device, point };
}

function doorPoint({ device, point }: Found): DoorPoint {
  return { device: device.id, point: point.number };
}
