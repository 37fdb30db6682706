import type { View } from '../read/view.ts';
import { areaOf, areasOf } from './device-area.ts';

interface Place {
  readonly area: string;
  readonly room: string;
}

/**
 * Zones begin anew in each area. A path that names one area for all of them tells the receiver one
 * zone for two rooms, unless each zone is used once in the whole site.
 */
export function checkAreas(site: View): void {
  const paths = site.list('paths').filter((path) => path.has('area'));
  if (paths.length === 0) return;
  const twice = zoneInTwoAreas(site);
  if (twice === undefined) return;
  const [zone, one, other] = twice;
  for (const path of paths) {
    path.wrong(
      'area',
      `zone ${zone} is ${one.room} in area ${one.area} and ${other.room} in area ${other.area}, and this path names one area for both`,
      'the receiver could not tell the rooms apart; remove the line, or give each room a zone of its own',
    );
  }
}

function zoneInTwoAreas(site: View): readonly [string, Place, Place] | undefined {
  const areas = areasOf(site);
  const places = new Map<string, Place>();
  for (const device of site.list('devices')) {
    const place = { area: areaOf(device, areas), room: device.text('location') ?? '' };
    for (const button of device.list('buttons')) {
      const zone = button.text('zone');
      if (zone === undefined) continue;
      const first = places.get(zone);
      if (first !== undefined && first.area !== place.area) return [zone, first, place];
      places.set(zone, first ?? place);
    }
  }
  return undefined;
}
