import type { Command } from 'commander';
import { positive, wholeNumber } from './arguments.ts';
import { liveLine } from './scenario-commands.ts';

type Print = (line: string) => void;

interface SwarmFlags {
  readonly seed: number;
  readonly seeds: number;
  readonly hours: number;
  readonly jobs: number;
  readonly twice?: boolean;
  readonly allStates?: boolean;
  readonly known: readonly number[];
  readonly json?: boolean;
}

/** Adds the command that lives many simulated lives. */
export function addSwarmCommand(root: Command, out: Print): void {
  root
    .command('swarm')
    .description('live many random lives of a gateway on simulated time, and check every promise in each')
    .option('--seeds <n>', 'how many lives', positive, 20)
    .option('--seed <n>', 'the first seed; the same seed gives the same life', wholeNumber, 1)
    .option('--hours <n>', 'simulated hours of each life', positive, 4)
    .option('--jobs <n>', 'how many lives at once', positive, 1)
    .option('--twice', 'live each life twice: its history must be the same')
    .option('--all-states', 'fail, too, if no life reaches one of the interesting states')
    .option(
      '--known <seed>',
      'its life is known to break a promise: that is printed, and fails nothing; may be repeated',
      (seed, before: readonly number[]) => [...before, wholeNumber(seed)],
      [],
    )
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nExit codes: 0 every promise holds; 1 one is broken, and the command that shows it is printed;\nwith --all-states also 1 if an interesting state was never reached, and the state is printed.',
    )
    .action(async ({ seed, seeds, hours, jobs, twice = false, allStates = false, known, json = false }: SwarmFlags) => {
      const { swarmCommand } = await import('../swarm/swarm-command.ts');
      const stopping = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopping.abort());
      const terminal = { out, live: liveLine(json) };
      const options = { seed, seeds: Math.ceil(seeds), hours, jobs: Math.ceil(jobs), twice, allStates, known, json };
      if (!(await swarmCommand(options, terminal, stopping.signal))) process.exitCode = 1;
    });
}
