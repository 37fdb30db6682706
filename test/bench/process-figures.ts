import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

/** A tick of proc(5) stat. */
const TICK_MS = 10;

/** Returns the processor time of all threads of a process so far, in ms. */
export function cpuMsOf(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + runMs(`/proc/${pid}/task/${thread}/schedstat`), 0);
  } catch {
    // A kernel without scheduler statistics, or the process has ended.
    return Number.NaN;
  }
}

/** The first number is the time on the processor in ns. A thread may have ended meanwhile. */
function runMs(file: string): number {
  try {
    return Number(readFileSync(file, 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

export function residentMbOf(pid: number): number {
  try {
    const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kb) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Processor time of the whole machine so far. */
interface MachineTimes {
  readonly totalMs: number;
  readonly busyMs: number;
  readonly stolenMs: number;
}

export function machineTimes(): MachineTimes {
  const line = readFileSync('/proc/stat', 'latin1').split('\n')[0] ?? '';
  // user nice system idle iowait irq softirq steal
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, each) => sum + each, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const stolen = ticks[7] ?? 0;
  return { totalMs: total * TICK_MS, busyMs: (total - idle - stolen) * TICK_MS, stolenMs: stolen * TICK_MS };
}

/** What other programs did on the machine while the bench ran. */
export interface Background {
  /** Share of the processors that neither the contestants nor the bench used. */
  readonly others: number;
  readonly stolen: number;
  readonly load: number;
}

export function backgroundSince(before: MachineTimes, ownMs: number): Background {
  const now = machineTimes();
  const total = Math.max(1, now.totalMs - before.totalMs);
  return {
    others: Math.max(0, (now.busyMs - before.busyMs - ownMs) / total),
    stolen: (now.stolenMs - before.stolenMs) / total,
    load: loadavg()[0] ?? 0,
  };
}
