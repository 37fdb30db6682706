import { expect, onTestFinished, test, vi } from 'vitest';
import { isSynchronised, openKernelClock, watchSynchronisation } from '../../gateway/system/kernel-clock.ts';

const UNSYNCHRONISED_US = 16_000_000;

/** The kernel's answer, as `struct timex` of a machine whose long has so many bytes. */
function kernel(errorUs: number, longBytes: 4 | 8) {
  return (timex: Uint8Array) => {
    const view = new DataView(timex.buffer, timex.byteOffset);
    expect(view.getUint32(0, true), 'it only reads').toBe(0);
    if (longBytes === 8) view.setBigInt64(24, BigInt(errorUs), true);
    else view.setInt32(12, errorUs, true);
    return 0;
  };
}

test.each([
  [8, 25_000, true],
  [8, UNSYNCHRONISED_US - 1, true],
  [8, UNSYNCHRONISED_US, false],
  [4, 25_000, true],
  [4, UNSYNCHRONISED_US, false],
] as const)('with longs of %i bytes, an error of %i µs: synchronised %s', (longBytes, errorUs, expected) => {
  expect(isSynchronised(kernel(errorUs, longBytes), longBytes)).toBe(expected);
});

test('a sandbox that refuses the call leaves it unknown', () => {
  expect(isSynchronised(() => -1, 8)).toBeUndefined();
});

test('the kernel of this machine answers', async () => {
  const read = await openKernelClock();
  expect(read()).toBeTypeOf('boolean');
});

test('what the kernel says is told once, and again when it changes', async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let says: boolean | undefined = false;
  const told: boolean[] = [];
  const end = watchSynchronisation(
    (now) => told.push(now),
    async () => () => says,
  );
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  expect(told).toEqual([false]);
  says = undefined;
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  says = true;
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  expect(told).toEqual([false, true]);
  end();
  says = false;
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  expect(told).toEqual([false, true]);
});
