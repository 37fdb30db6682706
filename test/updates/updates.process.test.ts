import { expect, inject, test } from 'vitest';
import { QUICK_FAULTS } from './releases.ts';
import { failuresOf, runUpdates } from './run.ts';

const { CI } = process.env;
/**
 * Enough to see that the rig runs and that its kinds of kill do no harm: half a minute.
 */
const [UPDATES, MACHINES] = CI === 'true' ? [8, 4] : [3, 1];
const WITHIN_MS = 300_000;

test(
  'updates under kills and power cuts lose no press and leave a gateway that runs; npm run test:updates makes more',
  async () => {
    const lines: string[] = [];
    const result = await runUpdates({
      ...{ updates: UPDATES, machines: MACHINES, seed: 1, restartMs: 0, plain: false, restartsOnly: false },
      faults: QUICK_FAULTS,
      dist: inject('compiled'),
      progress: (line) => lines.push(line),
    });
    expect(failuresOf(result), lines.join('\n')).toEqual([]);
    expect(result.presses).toBeGreaterThan(0);
    expect(Object.keys(result.results)).toContain('good confirmed');
  },
  WITHIN_MS,
);
