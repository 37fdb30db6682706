import { describe, expect, test } from 'vitest';
import { StallWatch } from '../../../gateway/core/devices/stall-watch.ts';
import type { Site } from '../../../gateway/core/site.ts';
import { device, path, site } from '../../simulation/site.ts';
import { TestContext } from './test-context.ts';

/** A quarter of the shortest heartbeat. */
const BEAT_MS = 2_500;
const DUE = { type: 'deviceDue', device: 'wb-101' } as const;

function watched(of: Site = site([device(101, { heartbeatMs: 10_000 })], [path('central')])) {
  const test = new TestContext(of);
  const excusedMs: number[] = [];
  const told: string[] = [];
  const watch = new StallWatch(test.context, {
    devices: new Map([['wb-101', { excuse: (ms) => excusedMs.push(ms) }]]),
    notices: { tell: ({ text }) => told.push(text) },
  });
  watch.start();
  const call = (afterMs: number) => {
    test.at(test.nowMs + afterMs);
    watch.called();
  };
  return { test, watch, call, excusedMs, told };
}

describe('the watch for stalls', () => {
  test.each([
    [10_000, 2_500],
    [120_000, 5_000],
    [200, 250],
    [0, 5_000],
  ])('with a heartbeat each %d ms it beats each %d ms', (heartbeatMs, beatMs) => {
    const { test } = watched(site([device(101, { heartbeatMs })], [path('central')]));
    expect(test.context.timers.dueMs({ type: 'beat' })).toBe(beatMs);
  });

  test('calls within two beats are no stall', () => {
    const { call, excusedMs, told } = watched();
    for (const afterMs of [1, BEAT_MS, 2 * BEAT_MS - 1]) call(afterMs);
    expect([excusedMs, told]).toEqual([[], []]);
  });

  test('a stall excuses the devices for the time the gateway was surely deaf', () => {
    const { call, excusedMs } = watched();
    call(2 * BEAT_MS);
    expect(excusedMs).toEqual([BEAT_MS]);
  });

  test('a verdict about silence waits for a second, so that the drivers read first; other deadlines do not', () => {
    const { test, call } = watched();
    const retry = { type: 'deliveryRetry', path: 'central', report: 'r' } as const;
    test.context.timers.set(DUE, 100);
    test.context.timers.set(retry, 100);
    call(6_000);
    expect(test.context.timers.dueMs(DUE)).toBe(7_000);
    expect(test.context.timers.dueMs(retry)).toBe(100);
  });

  test('a machine that stalls again and again hides a loss no longer than five stalls', () => {
    const { test, call } = watched();
    for (let stall = 1; stall <= 8; stall++) {
      const dueMs = test.nowMs + 5_500;
      test.context.timers.set(DUE, dueMs);
      // It is called once more within the second in which the drivers read.
      call(6_000);
      expect(test.context.timers.dueMs(DUE)).toBe(stall <= 5 ? test.nowMs + 1_000 : dueMs);
      call(1);
    }
  });

  test('after a stall with time to read, the next one puts verdicts off again', () => {
    const { test, call } = watched();
    for (let stall = 1; stall <= 8; stall++) {
      test.context.timers.set(DUE, test.nowMs + 5_500);
      call(6_000);
      expect(test.context.timers.dueMs(DUE)).toBe(test.nowMs + 1_000);
      call(1_000);
    }
  });

  test('a stall of five seconds or more is told to the receivers: a press may have been missed', () => {
    const { call, told } = watched(site([device(101, { heartbeatMs: 4_000 })], [path('central')]));
    call(4_999);
    expect(told).toEqual([]);
    call(5_000);
    expect(told).toEqual(['The gateway stood still for up to 5 s, and may have missed what happened meanwhile']);
  });
});
