import { describe, expect, test } from 'vitest';
import { isImageMissing } from './image.ts';
import { type Lived, live } from './machine-world.ts';

const perDevice = (ids: Iterable<string>) => {
  const counts = new Map<string, number>();
  for (const id of ids) {
    const [device = ''] = id.split('.');
    counts.set(device, (counts.get(device) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort());
};
const displayed = ({ world }: Lived) => {
  const desks = [...world.receivers.values()].flatMap((desk) => [...desk.displayed.keys()]);
  return [...new Set(desks)].filter((id) => /^wb-\d+\.\d+\.\d+$/.test(id));
};

describe.skipIf(isImageMissing())('a school whose nodes run the machine code', () => {
  test.each([1, 2])(
    'presses, losses and restarts: each press reaches a receiver, as with the simulated nodes, seed %i',
    (seed) => {
      const life = { nodes: 24, seconds: 30, seed, losses: 0.15 };
      const firmware = live({ ...life, isFirmware: true });
      const twin = live({ ...life, isFirmware: false });
      const pressed = Object.fromEntries([...firmware.presses].sort());
      expect(Object.keys(pressed).length).toBeGreaterThan(2);
      expect(pressed).toEqual(Object.fromEntries([...twin.presses].sort()));
      expect(perDevice(displayed(firmware))).toEqual(pressed);
      expect(perDevice(displayed(twin))).toEqual(pressed);
      const machines = [...(firmware.lines?.machines.values() ?? [])];
      expect(machines.flatMap(({ offences }) => offences)).toEqual([]);
    },
  );
});
