import { setTimeout as sleep } from 'node:timers/promises';
import type { Stand } from './stand.ts';

const TRIAL_SECONDS = 2;
const FIRST_RATE = 2_000;
/** Faster is of no interest, and sealing the presses takes too long. */
const RATE_MAX = 32_000;
/** The search ends when the largest rate that held and the smallest that did not differ by less. */
const PRECISION = 1.1;
/** A backlog that grows by a twentieth of the trial is one that grows for ever. */
const DRAIN_MS_MAX = 100;
const QUIET_MS = 500;
/** Presses that a trial may leave over are delivered within this, or are lost. */
const SETTLE_MS = 30_000;

interface SteadyRate {
  /** Presses a second, at most 32,000; 0 if none held. */
  readonly rate: number;
  /** Presses of all trials. */
  readonly presses: number;
}

/**
 * Searches the largest rate at which nothing is lost, the line never has to wait, and the last
 * report follows the last press within 100 ms.
 * @param lastRate what an earlier round found: the search begins near it
 */
export async function steadyRate(stand: Stand, lastRate?: number): Promise<SteadyRate> {
  let presses = 0;
  let held = 0;
  let failed = Number.POSITIVE_INFINITY;
  let rate = lastRate === undefined || lastRate === 0 ? FIRST_RATE : lastRate / 1.15;
  const step = lastRate === undefined || lastRate === 0 ? 2 : 1.3;
  while (failed / Math.max(1, held) > PRECISION && rate <= RATE_MAX && rate >= 10) {
    const count = Math.round(rate * TRIAL_SECONDS);
    await sleep(QUIET_MS);
    const { lost, drainMs, lateMs } = await stand.load(stand.schedule(count, 1000 / rate), SETTLE_MS);
    presses += count;
    if (lost === 0 && drainMs <= DRAIN_MS_MAX && lateMs <= DRAIN_MS_MAX) held = rate;
    else failed = rate;
    if (stand.running.hasEnded()) break;
    if (failed === Number.POSITIVE_INFINITY)
      rate = held === RATE_MAX ? Number.POSITIVE_INFINITY : Math.min(RATE_MAX, rate * step);
    else rate = held === 0 ? rate / step : Math.sqrt(held * failed);
  }
  return { rate: held, presses };
}
