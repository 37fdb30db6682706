import { type Command, InvalidArgumentError, Option } from 'commander';

type Print = (line: string) => void;

function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 100_000)
    throw new InvalidArgumentError('a whole number, 1 or more, is wanted');
  return value;
}

/** Adds the commands about scenarios. Each loads its own code when it is called. */
export function addScenarioCommands(root: Command, out: Print): void {
  root
    .command('run')
    .description('run scenarios, each against a gateway of its own, and say which promises hold')
    .argument('<files...>', 'scenarios, YAML')
    .option('--seed <n>', 'the same seed gives the same jitter and the same faults', count, 1)
    .option('--repeat <n>', 'run each so many times, with the next seed each time', count, 1)
    .addOption(new Option('--against <which>', 'a gateway that runs on the site already').choices(['running']))
    .option('--only <name>', 'run only those with this in their name')
    .option('--junit <file>', 'write the verdicts as JUnit XML, too')
    .option('--json', 'print the verdicts as one JSON object')
    .addHelpText('after', '\nExit codes: 0 all passed; 1 one failed; 2 a mistake in a file or an argument.')
    .action(
      async (
        files: string[],
        options: { seed: number; repeat: number; only?: string; junit?: string; json?: boolean; against?: 'running' },
      ) => {
        const { runFiles } = await import('../scenario/run-command.ts');
        const stopping = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopping.abort());
        const passed = await runFiles(files, options, { out, live: liveLine(options.json === true) }, stopping.signal);
        if (!passed) process.exitCode = 1;
      },
    );

  root
    .command('dry')
    .description('write a copy of a site in which simulated ports and far ends stand in place of the real ones')
    .argument('<site>', 'site.yaml, with keys.yaml beside it; neither is changed')
    .option('--into <dir>', 'where the copy goes (default: "dry" beside the site)')
    .option('--json', 'print what was replaced as one JSON object')
    .action(async (site: string, options: { into?: string; json?: boolean }) => {
      const { dry } = await import('./dry.ts');
      await dry(site, options, out);
    });
}

/** On a terminal only. */
export function liveLine(isJson: boolean): Print {
  if (isJson || !process.stderr.isTTY) return () => undefined;
  return (line) => process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
}
