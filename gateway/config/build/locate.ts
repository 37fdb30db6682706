import type { Location } from '../../core/site.ts';
import type { SiteFile } from '../schema/site-schema.ts';

type WrittenBuilding = SiteFile['buildings'][number];

interface KnownBuilding {
  readonly name: string | undefined;
  readonly area: number;
  readonly floors: ReadonlyMap<string, WrittenBuilding['floors'][number]>;
  /** Names of its rooms, by floor/number. */
  readonly rooms: ReadonlyMap<string, string | undefined>;
}

/** The places that a location such as `A/1/101` names. */
export class Locations {
  readonly #buildings: ReadonlyMap<string, KnownBuilding>;

  constructor(buildings: readonly WrittenBuilding[]) {
    this.#buildings = new Map(buildings.map((building) => [building.id, known(building)]));
  }

  /** With its names: "Main building, First floor, Rm 101 Reception". */
  locate(location: string): Location {
    const [buildingId = '', floorId = '', room = ''] = location.split('/');
    const building = this.#buildings.get(buildingId);
    const names = {
      building: building?.name ?? `Building ${buildingId}`,
      floor: building?.floors.get(floorId)?.name ?? `Floor ${floorId}`,
      room: this.roomName(location),
    };
    const text = `${names.building}, ${names.floor}, ${names.room}`;
    return { building: buildingId, floor: floorId, room, text, names };
  }

  /** "Rm 101 Reception" */
  roomName(location: string): string {
    const [buildingId = '', floorId, number] = location.split('/');
    const name = this.#buildings.get(buildingId)?.rooms.get(`${floorId}/${number}`);
    return name === undefined ? `Rm ${number}` : `Rm ${number} ${name}`;
  }

  /** The building's area at the receiver. */
  area(location: string): number {
    const [buildingId = ''] = location.split('/');
    return this.#buildings.get(buildingId)?.area ?? 0;
  }
}

function known({ name, area, floors }: WrittenBuilding): KnownBuilding {
  return {
    name,
    area,
    floors: new Map(floors.map((floor) => [floor.id, floor])),
    rooms: new Map(
      floors.flatMap((floor) => floor.rooms.map((room) => [`${floor.id}/${room.number}`, room.name] as const)),
    ),
  };
}
