import { defineConfig } from 'vitest/config';

/** `npm run test:scenarios`: the shipped scenarios that take longer than a test should. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/scenarios/*.scenarios.ts'],
    globalSetup: ['test/integration/support/compile.ts'],
    // Most of their time they wait.
    maxConcurrency: 4,
    sequence: { concurrent: true },
  },
});
