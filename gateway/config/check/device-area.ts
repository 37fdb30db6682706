import type { View } from '../read/view.ts';

/** The areas of the buildings, by building. */
export function areasOf(site: View): ReadonlyMap<string | undefined, string | undefined> {
  return new Map(site.list('buildings').map((building) => [building.text('id'), building.text('area')]));
}

export function areaOf(device: View, areas: ReadonlyMap<string | undefined, string | undefined>): string {
  const [building] = (device.text('location') ?? '').split('/');
  return device.text('area') ?? areas.get(building) ?? '0';
}
