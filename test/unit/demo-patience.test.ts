import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { whileProgressing } from '../../device-sim/demo/patience.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<'done'>(() => undefined);

function waitFor(work: Promise<'done'>, progress: () => number) {
  let outcome: string | undefined = 'waits';
  let told = 0;
  void whileProgressing(work, progress, () => {
    told += 1;
  }).then((result) => {
    outcome = result;
  });
  return { outcome: () => outcome, told: () => told };
}

test('a slow machine is waited for while anything goes on, and told of every ten seconds', async () => {
  const wait = waitFor(never, () => Math.floor(Date.now() / 20_000));
  await vi.advanceTimersByTimeAsync(300_000);
  expect(wait.outcome()).toBe('waits');
  expect(wait.told()).toBe(30);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(wait.outcome()).toBeUndefined();
});

test('thirty seconds without progress are enough', async () => {
  const wait = waitFor(never, () => 0);
  await vi.advanceTimersByTimeAsync(29_400);
  expect(wait.outcome()).toBe('waits');
  await vi.advanceTimersByTimeAsync(700);
  expect(wait.outcome()).toBeUndefined();
});

test('what is done is not waited for', async () => {
  const wait = waitFor(Promise.resolve('done'), () => 0);
  await vi.advanceTimersByTimeAsync(0);
  expect(wait.outcome()).toBe('done');
});
