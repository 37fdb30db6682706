import fs from 'node:fs';
import { expect, vi } from 'vitest';

/**
 * Resolves when the driver of an absent port or chip has looked for it `times` more times. It never
 * reports what it has not reported by then.
 * @param look the call of `node:fs` by which the driver looks
 */
export async function probed(
  path: string,
  times: number,
  look: 'realpathSync' | 'openSync' = 'realpathSync',
): Promise<void> {
  const spy = vi.spyOn(fs, look);
  try {
    const looks = () => spy.mock.calls.filter(([asked]) => asked === path).length;
    await expect.poll(looks, { timeout: 15_000, interval: 10 }).toBeGreaterThanOrEqual(times);
  } finally {
    spy.mockRestore();
  }
}
