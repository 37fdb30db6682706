import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { whileProgressing } from '../../device-sim/demo/patience.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<'done'>(() => undefined);

function waitFor(work: Promise<'done'>, progress: () => number, times = 1) {
  let outcome: string | undefined = 'waits';
  let told = 0;
  const tell = () => {
    told += 1;
  };
  void whileProgressing(work, progress, tell, times).then((result) => {
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

test('an emulated machine may stand still that many times as long', async () => {
  const wait = waitFor(never, () => 0, 5);
  await vi.advanceTimersByTimeAsync(149_400);
  expect(wait.outcome()).toBe('waits');
  await vi.advanceTimersByTimeAsync(700);
  expect(wait.outcome()).toBeUndefined();
});

test('what is done is not waited for', async () => {
  const wait = waitFor(Promise.resolve('done'), () => 0);
  await vi.advanceTimersByTimeAsync(0);
  expect(wait.outcome()).toBe('done');
});
