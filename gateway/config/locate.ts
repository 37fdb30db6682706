import type { Location } from '../core/site.ts';
import type { SiteFile } from './site-schema.ts';

/** "A/1/101" and its names: "Main building, First floor, Rm 101 Reception". */
export function locate(location: string, buildings: SiteFile['buildings']): Location {
  const [buildingId = '', floorId = '', roomNumber = ''] = location.split('/');
  const building = buildings.find(({ id }) => id === buildingId);
  const floor = building?.floors.find(({ id }) => id === floorId);
  const text = [
    building?.name ?? `Building ${buildingId}`,
    floor?.name ?? `Floor ${floorId}`,
    roomName(location, buildings),
  ].join(', ');
  return { building: buildingId, floor: floorId, room: roomNumber, text };
}

/** "Rm 101 Reception" */
export function roomName(location: string, buildings: SiteFile['buildings']): string {
  const [buildingId, floorId, number] = location.split('/');
  const floor = buildings.find(({ id }) => id === buildingId)?.floors.find(({ id }) => id === floorId);
  const name = floor?.rooms.find((room) => room.number === number)?.name;
  return name === undefined ? `Rm ${number}` : `Rm ${number} ${name}`;
}
