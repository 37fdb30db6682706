import type { Lived } from './run-life.ts';
import { runSwarm, type SwarmOptions } from './swarm.ts';
import { SwarmReport } from './swarm-report.ts';

interface Terminal {
  out(line: string): void;
  /** A line that the next one replaces; does nothing where there is no terminal. */
  live(line: string): void;
}

/**
 * Lives many lives. Returns true if every promise holds in each, except those of `known` seeds,
 * and, with `allStates`, if every interesting state was reached.
 */
export async function swarmCommand(
  options: SwarmOptions & { readonly allStates?: boolean; readonly known?: readonly number[]; readonly json?: boolean },
  terminal: Terminal,
  stopped: AbortSignal,
): Promise<boolean> {
  const report = new SwarmReport(options.known);
  const beganMs = performance.now();
  const seconds = () => (performance.now() - beganMs) / 1000;
  const lived = (one: Lived) => {
    report.add(one);
    terminal.live(`${report.lives} of ${options.seeds} lives, ${report.broken.length} broken`);
  };
  await runSwarm(options, lived, stopped);
  terminal.live('');
  if (options.json === true) terminal.out(JSON.stringify(report.json(seconds())));
  else for (const line of report.text(seconds(), options.hours)) terminal.out(line);
  if (options.allStates === true && report.neverReached.length > 0) return false;
  return report.holds && report.lives === options.seeds;
}
