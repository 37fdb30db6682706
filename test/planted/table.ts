import { quantiles } from '../rig/quantiles.ts';
import type { Hunted } from './hunt.ts';

/** Bug, the promise that it breaks, and how many seeds it took; then the median. */
export function tableOf(hunted: readonly Hunted[]): string[] {
  const rows = [...hunted].sort((one, other) => one.bug.name.localeCompare(other.bug.name));
  const lines = rows.map(({ bug, seed, promise }) => `| ${bug.name} | ${promise} | ${seed ?? 'not found'} |`);
  const needed = rows.flatMap(({ seed }) => seed ?? []);
  const { p50, max } = quantiles(needed);
  const sum = `${needed.length} of ${rows.length} bugs found; seeds needed: median ${p50}, most ${max}`;
  return ['| bug | promise that was broken | seeds |', '| --- | --- | ---: |', ...lines, '', sum];
}
