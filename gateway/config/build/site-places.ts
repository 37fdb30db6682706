import type { CivicAddress, PlacedBuilding, SitePlaces } from '../../paths/site-places.ts';
import type { SiteFile } from '../schema/site-schema.ts';

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

/** Leaves out the parts that are not written. */
function civic(written: NonNullable<SiteFile['site']['address']>): CivicAddress {
  const parts = Object.entries(written).filter(([, part]) => part !== undefined);
  return Object.fromEntries(parts) as unknown as CivicAddress;
}
