import { mkdirSync } from 'node:fs';
import { Command } from 'commander';
import { compile } from '../rig/gateway-under-test.ts';
import { numberFrom } from '../rig/number-option.ts';
import { progress } from '../rig/waiting.ts';
import { EnduranceRun } from './run.ts';
import { hasFailed, tableOf } from './table.ts';

const SAME_SIGNAL_MS = 1000;

interface Options {
  readonly minutes: number;
  readonly sample: number;
  readonly seed: number;
  readonly json?: true;
  readonly heapSnapshots?: string;
}

/** The first signal ends the run with the results so far. The second ends it at once. */
function interruptible(run: EnduranceRun): void {
  let firstMs: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      firstMs ??= performance.now();
      run.interrupt();
      // The terminal, npm and tsx each report the same Ctrl-C.
      if (performance.now() - firstMs > SAME_SIGNAL_MS) void run.stop().finally(() => process.exit(130));
    });
  }
}

const command = new Command('npm run test:endurance --')
  .description(
    'Runs the compiled gateway under the load of a large school in bad weather, and says whether anything grows.',
  )
  .option('--minutes <n>', 'how long there are presses', numberFrom(0.25), 60)
  .option('--sample <s>', 'seconds between two samples', numberFrom(1), 10)
  .option('--seed <n>', 'of the weather and the presses', numberFrom(0), 1)
  .option('--json', 'one JSON object on stdout, with every sample')
  .option('--heap-snapshots <dir>', 'write the heap of each thread there, after the warm-up and at the end')
  .action(async ({ minutes, sample, seed, json, heapSnapshots }: Options) => {
    if (heapSnapshots !== undefined) mkdirSync(heapSnapshots, { recursive: true });
    await compile();
    const snapshots = heapSnapshots === undefined ? {} : { snapshots: heapSnapshots };
    const run = new EnduranceRun({ minutes, sampleS: sample, seed, progress, ...snapshots });
    interruptible(run);
    const result = await run.run();
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : tableOf(result));
    if (hasFailed(result)) process.exitCode = 1;
  });
await command.parseAsync();
