import type { SiteFile } from './site-schema.ts';

/** Where the site is, as far as the file says: for links that carry addresses and positions. What is not written stays unknown. */
export interface SitePlaces {
  readonly site: string;
  readonly gateway: string;
  readonly address?: CivicAddress;
  readonly buildings: ReadonlyMap<string, PlacedBuilding>;
}

export interface PlacedBuilding {
  /** "Main building" */
  readonly name: string;
  /** Its own, or the site's. */
  readonly address?: CivicAddress;
  readonly position?: Position;
  /** Names of the floors by id, and of the rooms by number. */
  readonly floors: ReadonlyMap<string, string>;
  readonly rooms: ReadonlyMap<string, string>;
}

/** RFC 4119 §2.2.1, RFC 5139: the parts of a civic address. */
export interface CivicAddress {
  /** ISO 3166-1, two capitals. */
  readonly country: string;
  /** State or province (A1), city (A3). */
  readonly region?: string;
  readonly city?: string;
  readonly street?: string;
  readonly number?: string;
  readonly postcode?: string;
}

/** WGS 84. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
  /** Uncertainty or extent, metres. */
  readonly radius: number;
}

export function sitePlaces(file: SiteFile): SitePlaces {
  const address = file.site.address === undefined ? undefined : civic(file.site.address);
  const buildings = file.buildings.map((building) => {
    const own = building.address === undefined ? address : { ...address, ...civic(building.address) };
    const floors = building.floors.map((floor) => [floor.id, floor.name ?? `Floor ${floor.id}`] as const);
    const rooms = building.floors.flatMap((floor) =>
      floor.rooms.map((room) => [room.number, room.name ?? ''] as const),
    );
    const placed: PlacedBuilding = {
      name: building.name ?? `Building ${building.id}`,
      ...(own === undefined ? {} : { address: own }),
      ...(building.position === undefined ? {} : { position: building.position }),
      floors: new Map(floors),
      rooms: new Map(rooms),
    };
    return [building.id, placed] as const;
  });
  return {
    site: file.site.name,
    gateway: file.gateway,
    ...(address === undefined ? {} : { address }),
    buildings: new Map(buildings),
  };
}

/** Without the parts that are not written. */
function civic(written: NonNullable<SiteFile['site']['address']>): CivicAddress {
  const parts = Object.entries(written).filter(([, part]) => part !== undefined);
  return Object.fromEntries(parts) as unknown as CivicAddress;
}
