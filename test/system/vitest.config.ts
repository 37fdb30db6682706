import { defineConfig } from 'vitest/config';

/**
 * `npm run test:system`: the Debian packages, installed in a clean Debian system that runs in a
 * container with its own systemd.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/system/*.system.ts'],
    globalSetup: ['test/system/rig/setup.ts'],
    // Each file has a container of its own. Most of their time they wait.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The tests of a file are steps on the same system.
    bail: 0,
  },
});
