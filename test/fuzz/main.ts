import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { numberFrom } from '../rig/number-option.ts';
import { targets } from './all-targets.ts';
import { CORPUS, FOUND, keepInput, readInputs } from './corpus.ts';
import { fuzzTarget, lineOf, type TargetResult } from './fuzz-run.ts';
import { type FuzzTarget, seedsOf } from './target.ts';

interface Options {
  readonly seconds: number;
  readonly runs: number;
  readonly jobs: number;
  readonly seed: number;
  readonly replay?: string;
  readonly keep?: true;
}

const HEAD = `${'target'.padEnd(26)}${['executions', 'per second', 'blocks', 'corpus', 'new']
  .map((each) => each.padStart(12))
  .join('')}`;

function chosen(name: string | undefined): readonly FuzzTarget[] {
  const found = targets.filter((target) => name === undefined || target.name === name);
  if (found.length > 0) return found;
  throw new InvalidArgumentError(
    `There is no target ${name}. There are: ${targets.map((each) => each.name).join(' ')}`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function fuzz(all: readonly FuzzTarget[], options: Options): Promise<void> {
  const waiting = [...all];
  const results: TargetResult[] = [];
  const work = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const result = await fuzzTarget(target, { ...options, progress: say });
      say(lineOf(result.target, result, result.found));
      results.push(result);
    }
  };
  say(HEAD);
  await Promise.all(Array.from({ length: options.jobs }, work));
  summarise(results);
}

function summarise(results: readonly TargetResult[]): void {
  const executions = results.reduce((sum, each) => sum + each.executions, 0);
  const found = results.reduce((sum, each) => sum + each.found, 0);
  const failed = results.filter(({ failure }) => failure !== undefined);
  say('');
  say(`${results.length} targets, ${executions.toLocaleString('en-US')} executions, ${found} new inputs`);
  for (const { target, failure } of failed) {
    if (failure === undefined) continue;
    say(`\n${target}: ${failure.what}`);
    say(`replay it by: npm run -s fuzz -- ${target} --replay ${relative(process.cwd(), failure.file)}`);
  }
  say(failed.length === 0 ? 'Nothing failed.' : `\n${failed.length} failed.`);
  if (failed.length > 0) process.exitCode = 1;
}

/**
 * Puts what runs something new into the corpus of the repository. Nothing is removed from there.
 */
async function keepFound(all: readonly FuzzTarget[], options: Options): Promise<void> {
  for (const target of all) {
    const { name } = target;
    const known = new Set([...seedsOf(target), ...readInputs(CORPUS, name)].map(textOf));
    const { minimal } = await fuzzTarget(target, { ...options, runs: 0, progress: say });
    const fresh = minimal.filter((input) => !known.has(textOf(input)));
    for (const input of fresh) keepInput(CORPUS, name, input);
    say(`${name}: ${fresh.length} inputs kept of ${readInputs(FOUND, name).length}`);
  }
}

function textOf(input: Uint8Array): string {
  return Buffer.from(input).toString('latin1');
}

function replay(target: FuzzTarget, file: string): void {
  target.run(new Uint8Array(readFileSync(file)));
  say(`${target.name}: nothing fails for ${file}`);
}

const command = new Command('npm run fuzz --')
  .description('Feeds every parser with mutated inputs, and keeps those that run code that none has run.')
  .argument('[target]', 'one of them; default: all')
  .option('--seconds <n>', 'for each target', numberFrom(0), 20)
  .option('--runs <n>', 'most executions of each target', numberFrom(0), Number.MAX_SAFE_INTEGER)
  .option('--jobs <n>', 'targets at a time', numberFrom(1), 1)
  .option('--seed <n>', 'of the mutations', numberFrom(0), 1)
  .option('--replay <file>', 'run the target with one input')
  .option('--keep', 'add found inputs that run something new to test/fuzz/corpus')
  .action(async (name: string | undefined, options: Options) => {
    const all = chosen(name);
    const [first] = all;
    if (options.replay !== undefined && first !== undefined) replay(first, options.replay);
    else if (options.keep === true) await keepFound(all, options);
    else await fuzz(all, options);
  });
await command.parseAsync();
