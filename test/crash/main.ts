import { Command } from 'commander';
import { wholeFrom } from '../rig/number-option.ts';
import { progress } from '../rig/waiting.ts';
import { makeCrashBuild } from './crash-build.ts';
import { FAILPOINT_PATCHES } from './failpoint-patches.ts';
import { FAILPOINTS } from './failpoints.ts';
import { runCrashes } from './run.ts';
import { tableOf } from './table.ts';
import type { World } from './world.ts';

interface Options {
  readonly hits: number;
  readonly kills: number;
  readonly diskCalls: number;
  readonly hardship: number;
  readonly seed: number;
  readonly jobs: number;
  readonly only: string;
  readonly json?: true;
}

const command = new Command('npm run test:crash --')
  .description(
    'Kills the compiled gateway at named places and at random instants, under load, and looks what is lost. The first signal ends the run with the results so far.',
  )
  .option('--hits <n>', 'deaths at each failpoint', wholeFrom(0), 20)
  .option('--kills <n>', 'deaths at random instants', wholeFrom(0), 1_000)
  .option(
    '--disk-calls <n>',
    "of the journal's I/O calls, each of the first so many fails in each way",
    wholeFrom(0),
    120,
  )
  .option(
    '--hardship <s>',
    'length of a stop and a flood; a stall of the disk is half as long; 0: none',
    wholeFrom(0),
    60,
  )
  .option('--seed <n>', 'of what happens and when', wholeFrom(0), 1)
  .option('--jobs <n>', 'how many worlds side by side', wholeFrom(1), 3)
  .option('--only <text>', 'only failpoints whose name holds this', '')
  .option('--json', 'one JSON object on stdout')
  .action(async ({ hits, kills, diskCalls, hardship, seed, jobs, only, json }: Options) => {
    const worlds: World[] = [];
    const build = await makeCrashBuild(FAILPOINT_PATCHES);
    const abandon = (code: number) => {
      for (const world of worlds) world.abandon();
      build.remove();
      process.exit(code);
    };
    const interrupt = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => (interrupt.signal.aborted ? abandon(130) : interrupt.abort()));
    process.on('uncaughtException', (error) => {
      progress(String(error.stack));
      abandon(70);
    });
    try {
      const result = await runCrashes({
        ...{ hits, kills, diskCalls, hardshipS: hardship, seed, jobs, main: build.main, progress },
        failpoints: FAILPOINTS.filter(({ name }) => name.includes(only)),
        interrupt: interrupt.signal,
        onWorld: (world) => worlds.push(world),
      });
      const plain = { ...result, hits: Object.fromEntries(result.hits), disk: Object.fromEntries(result.disk) };
      process.stdout.write(json ? `${JSON.stringify(plain)}\n` : tableOf(result));
      if (result.faults.length > 0) process.exitCode = 1;
    } finally {
      build.remove();
    }
  });
await command.parseAsync();
