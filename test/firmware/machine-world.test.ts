import { describe, expect, test } from 'vitest';
import { isImageMissing } from './image.ts';
import { live } from './machine-world.ts';

/** Not a limit of what is tested: the machine may have other things to do. */
const TIMEOUT_MS = 120_000;

describe.skipIf(isImageMissing())('a school whose nodes run the machine code', () => {
  // `npm run bench:firmware` does the same with two hundred.
  test.each([
    { nodes: 40, seconds: 10, seed: 1, losses: 0.15, gapMs: 200 },
    { nodes: 24, seconds: 15, seed: 2, losses: 0.15, gapMs: 300 },
  ])(
    'comes out of losses, restarts and crashes as with the simulated nodes: $nodes nodes, seed $seed',
    (life) => {
      const [twin, firmware] = [live(life, 'twin'), live(life, 'firmware')];
      const { epochs, lights, openPoints, openCovers } = twin.plan;
      expect(Object.values(epochs).flat().length).toBeGreaterThan(life.nodes);
      expect(twin.outcome).toEqual({ epochs, lights, openPoints, openCovers, wrongNumbers: [], offences: [] });
      expect(firmware.outcome).toEqual(twin.outcome);
    },
    TIMEOUT_MS,
  );
});
