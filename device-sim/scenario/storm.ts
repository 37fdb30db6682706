import type { SimulatedSite } from '../site/site-file.ts';

interface Pressable {
  readonly device: string;
  readonly button: string;
}

/** The devices with a button of a building, or of all. */
export function pressable({ lines, inputs }: SimulatedSite, building: string): readonly Pressable[] {
  const nodes = lines.flatMap((line) =>
    line.nodes.map(({ settings, location, buttons }) => ({
      device: settings.id,
      location,
      button: [...buttons.keys()][0],
    })),
  );
  const others = inputs.flatMap(({ devices }) =>
    devices.map(({ id, location, buttons }) => ({ device: id, location, button: buttons[0]?.id })),
  );
  return [...nodes, ...others].flatMap(({ device, location, button }) => {
    const isThere = building === 'all' || location.split('/')[0] === building;
    return isThere && button !== undefined ? [{ device, button }] : [];
  });
}

/** Presses of devices in turn, evenly spread. */
export function* stormPresses(
  devices: readonly Pressable[],
  count: number,
  overMs: number,
): Generator<Pressable & { readonly atMs: number }> {
  for (let at = 0; at < count; at += 1) {
    const pressed = devices[at % devices.length];
    if (pressed !== undefined) yield { ...pressed, atMs: (at * overMs) / count };
  }
}
