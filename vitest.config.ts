import { defineConfig } from 'vitest/config';

/**
 * Tests that measure a duration run one file at a time, after all others, so that they do not
 * compete for the processor.
 */
const TIMED = 'test/**/*.timed.test.ts';
/** Tests that mostly wait for time-outs leave the processor to those that start processes. */
const WAITING = 'test/**/*.waiting.test.ts';
/** Tests that start the gateway and the simulator as processes. */
const PROCESSES = 'test/**/*.process.test.ts';

const PURE = ['unit', 'vectors', 'simulation', 'swarm', 'fuzz'].map((folder) => `test/${folder}/**/*.test.ts`);
const NOT_HERE = ['**/node_modules/**', PROCESSES, WAITING, TIMED];

export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: PURE,
          exclude: NOT_HERE,
          // They leave nothing behind, and share what they have loaded.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: [...NOT_HERE, ...PURE],
          // A process each and all its imports cost more than the tests.
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: [PROCESSES, WAITING],
          testTimeout: 40_000,
          globalSetup: ['test/integration/support/compile.ts'],
          isolate: false,
          // Most of their time they wait.
          maxWorkers: 6,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'timed',
          include: [TIMED],
          globalSetup: ['test/integration/support/compile.ts'],
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
