import { vi } from 'vitest';

/** Timers and the monotonic clock are the test's; what the library does with microtasks is real. */
export function useFakeTimers(): void {
  const toFake = [
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'clearImmediate',
  ] as const;
  vi.useFakeTimers({ toFake: [...toFake, 'hrtime', 'performance'] });
}
