import { setTimeout as sleep } from 'node:timers/promises';
import { monoMs } from '../../gateway/system/clock.ts';

/** Resolves to true as soon as the condition holds, or to false if it does not in time. */
export async function until(condition: () => boolean, withinMs: number): Promise<boolean> {
  const lastMs = monoMs() + withinMs;
  while (!condition()) {
    if (monoMs() > lastMs) return false;
    await sleep(5);
  }
  return true;
}

export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** @throws Error naming the condition that never held */
export async function bounded<T>(awaited: Promise<T>, withinMs: number, what: string): Promise<T> {
  const over = new AbortController();
  const late = sleep(withinMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`waited ${withinMs / 1000} s in vain for ${what}`);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    over.abort();
  }
}
