import { Command, InvalidArgumentError, Option } from 'commander';
import { compile } from '../rig/gateway-under-test.ts';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import { writeFigures } from './figures-page.ts';
import { type HealthyResult, healthy } from './path-healthy.ts';
import { PATH_KINDS } from './path-kinds.ts';
import { outage } from './path-outage.ts';
import { deadFromStart, diesBetween } from './path-primary.ts';
import { PathStand } from './path-stand.ts';
import { type PathsResult, pathTables } from './path-table.ts';

const RUNS = ['healthy', 'deadFromStart', 'diesBetween', 'outage'] as const;

interface Options {
  readonly json?: true;
  readonly write?: true;
  readonly presses: number;
  readonly outageMinutes: number;
  readonly only?: (typeof RUNS)[number];
}

async function bench({ presses, outageMinutes, only }: Options): Promise<PathsResult> {
  await compile();
  const wants = (run: (typeof RUNS)[number]) => only === undefined || only === run;
  const healthyPaths: HealthyResult[] = [];
  if (wants('healthy')) for (const path of PATH_KINDS) healthyPaths.push(await healthy(path, presses));
  return {
    node: process.version,
    nodeFlags: SERVICE_FLAGS,
    ...(wants('healthy') ? { healthy: healthyPaths } : {}),
    ...(wants('deadFromStart')
      ? { deadFromStart: [await deadFromStart('refuses', presses), await deadFromStart('hangs', presses)] }
      : {}),
    ...(wants('diesBetween') ? { diesBetween: await diesBetween(presses) } : {}),
    ...(wants('outage') ? { outage: await outage(outageMinutes) } : {}),
  };
}

function hasFailed({ healthy: paths = [], deadFromStart: dead = [], diesBetween: dies, outage: out }: PathsResult) {
  const all = [...paths, ...dead, ...(dies === undefined ? [] : [dies]), ...(out === undefined ? [] : [out])];
  return all.some(({ lost, doubled }) => lost > 0 || doubled > 0);
}

function above(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value >= least)) throw new InvalidArgumentError(`It is to be a number from ${least} up.`);
    return value;
  };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void PathStand.stopAll().finally(() => process.exit(130)));
}

const command = new Command('npm run bench:paths --')
  .description(
    'Measures the compiled gateway from the wall to the far end of each kind of path, and what dead paths cost.',
  )
  .option('--json', 'one JSON object on stdout')
  .option('--write', 'put the figures into test/bench/README.md')
  .option('--presses <n>', 'presses of each path, one after the other', above(1), 30)
  .option('--outage-minutes <n>', 'how long every path is dead', above(0.5), 10)
  .addOption(new Option('--only <run>', 'one run alone').choices(RUNS))
  .action(async (options: Options) => {
    if (options.write && options.only !== 'healthy') command.error('--write takes the figures of --only healthy alone');
    const result = await bench(options);
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : pathTables(result));
    if (options.write) writeFigures('bench:paths healthy', pathTables(result));
    if (hasFailed(result)) process.exitCode = 1;
  });
await command.parseAsync();
