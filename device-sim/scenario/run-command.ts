import { writeFileSync } from 'node:fs';
import { formatMistake, type Mistake } from '../../gateway/config/read/mistake.ts';
import { usageError } from '../errors.ts';
import { play, playAgainstRunning } from './play.ts';
import { junitXml, type Run, runJson, runText } from './report.ts';
import type { Outcome } from './run-scenario.ts';
import { readScenario, type Scenario } from './scenario-file.ts';
import { namesOfSite } from './site-texts.ts';

export interface RunOptions {
  readonly seed: number;
  readonly repeat: number;
  readonly only?: string;
  readonly junit?: string;
  /** `running`: a gateway that runs already. Default: one of the run's own. */
  readonly against?: 'running';
  readonly json?: boolean;
}

interface Terminal {
  out(line: string): void;
  /** A line that the next one replaces; does nothing where there is no terminal. */
  live(line: string): void;
}

/**
 * Runs scenarios one after the other. Returns true if all passed.
 * @throws CallpointError USAGE with all mistakes of all files
 */
export async function runFiles(
  files: readonly string[],
  options: RunOptions,
  terminal: Terminal,
  stopped: AbortSignal,
): Promise<boolean> {
  const scenarios = chosen(readAll(files), options.only);
  const runs: Run[] = [];
  for (const scenario of scenarios) {
    for (let round = 0; round < options.repeat && !stopped.aborted; round += 1) {
      const seed = options.seed + round;
      const progress = (what: string) => terminal.live(`RUN   ${scenario.name}: ${what}`);
      progress('starts');
      const outcome = await playUnlessStopped(options.against === undefined ? play : playAgainstRunning, scenario, {
        ...{ seed, progress, stopped },
      });
      if (outcome === undefined) break;
      const run = { scenario, seed, outcome };
      runs.push(run);
      terminal.live('');
      if (!options.json) for (const line of runText(run)) terminal.out(line);
    }
  }
  if (options.junit !== undefined) writeFileSync(options.junit, junitXml(runs));
  const failed = runs.filter(({ outcome }) => !outcome.passed).length;
  if (options.json) terminal.out(JSON.stringify({ passed: failed === 0, runs: runs.map(runJson) }));
  else
    terminal.out(
      `${runs.length - failed} of ${runs.length} passed${stopped.aborted ? '; stopped before the end' : ''}`,
    );
  return failed === 0 && !stopped.aborted;
}

/** Returns nothing if it was stopped. */
async function playUnlessStopped(played: typeof play, ...how: Parameters<typeof play>): Promise<Outcome | undefined> {
  try {
    return await played(...how);
  } catch (error) {
    if (how[1].stopped.aborted) return undefined;
    throw error;
  }
}

function readAll(files: readonly string[]): readonly Scenario[] {
  const mistakes: Mistake[] = [];
  const scenarios = files.flatMap((file) => readScenario(file, mistakes, namesOfSite) ?? []);
  if (mistakes.length > 0) throw usageError(mistakes.map(formatMistake).join('\n'));
  return scenarios;
}

function chosen(scenarios: readonly Scenario[], only: string | undefined): readonly Scenario[] {
  if (only === undefined) return scenarios;
  const found = scenarios.filter(({ name, file }) => `${file} ${name}`.toLowerCase().includes(only.toLowerCase()));
  if (found.length > 0) return found;
  const names = scenarios.map(({ name }) => `\n  ${name}`).join('');
  throw usageError(`no scenario has "${only}" in its name or file; there are:${names}`);
}
