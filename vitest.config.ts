import { defineConfig } from 'vitest/config';

/** Tests that measure how long something takes: one file at a time, after all others, so that they starve neither each other nor themselves. */
const TIMED = [
  'test/integration/ble-driver.test.ts',
  'test/integration/button-bus-driver.test.ts',
  'test/integration/button-bus-port.test.ts',
  'test/integration/crash.test.ts',
  'test/integration/dc09-driver.test.ts',
  'test/integration/gateway-escalation.test.ts',
  'test/integration/gpio-edges.test.ts',
  'test/integration/modbus-pace.test.ts',
  'test/integration/mqtt-embedded.test.ts',
  'test/integration/mqtt-faults.test.ts',
  'test/integration/mqtt-hostile-clients.test.ts',
  'test/integration/mqtt-strangers.test.ts',
];

/** Tests that mostly wait for time-outs, and leave the processor to those that start processes. */
const WAITING = [
  'test/integration/ble-faults.test.ts',
  'test/integration/ble-radios.test.ts',
  'test/integration/firmata-port.test.ts',
  'test/integration/gateway-edges.test.ts',
  'test/integration/gateway-receiver.test.ts',
  'test/integration/half-open.test.ts',
  'test/integration/modbus-driver.test.ts',
  'test/integration/modbus-late.test.ts',
  'test/integration/name-resolver.test.ts',
  'test/integration/paths-hostile.test.ts',
  'test/integration/serial-hostile.test.ts',
  'test/unit/core/late-recovery.test.ts',
];

/** Tests that start the gateway and the simulator as processes. */
const PROCESSES = [
  'test/integration/commands.test.ts',
  'test/integration/commands-sim.test.ts',
  'test/integration/gateway-process.test.ts',
  'test/integration/gpio-remote.test.ts',
  'test/integration/log-process.test.ts',
  'test/integration/npm-start.test.ts',
  'test/integration/serial-exclusive.test.ts',
];

const PURE = ['test/unit/**/*.test.ts', 'test/vectors/**/*.test.ts', 'test/simulation/**/*.test.ts'];
const NOT_HERE = ['**/node_modules/**', ...PROCESSES, ...WAITING, ...TIMED];

export default defineConfig({
  test: {
    pool: 'forks',
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
          include: [...PROCESSES, ...WAITING],
          testTimeout: 40_000,
          globalSetup: ['test/integration/support/compile.ts'],
          maxWorkers: 4,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'timed',
          include: TIMED,
          globalSetup: ['test/integration/support/compile.ts'],
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
