import { Command, InvalidArgumentError } from 'commander';
import { numberFrom } from '../rig/number-option.ts';
import { progress } from '../rig/waiting.ts';
import { ALL_BUGS } from './bugs/all-bugs.ts';
import { FOUND_FILE, readFound, writeFound } from './found.ts';
import { Control, type Hunted, hunt } from './hunt.ts';
import type { PlantedBug } from './planted-bug.ts';
import { tableOf } from './table.ts';

interface Options {
  readonly bug?: readonly string[];
  readonly seeds: number;
  readonly jobs: number;
  readonly recorded?: true;
  readonly record?: true;
}

const command = new Command('npm run test:planted --')
  .description('Plants one bug after the other in the gateway, and lives simulated lives until one breaks a promise.')
  .option('--bug <name...>', 'only these')
  .option('--seeds <n>', 'how many lives a bug may take', numberFrom(1), 200)
  .option('--jobs <n>', 'how many bugs are tried side by side', numberFrom(1), 2)
  .option('--recorded', 'only bugs that were found before: live that seed first')
  .option('--record', `write the seeds to ${FOUND_FILE}`)
  .action(run);

async function run({ bug, seeds, jobs, recorded, record }: Options): Promise<void> {
  const found = readFound();
  const isWanted = (name: string) => bug?.includes(name) ?? (!recorded || found[name] !== undefined);
  const bugs = ALL_BUGS.filter(({ name }) => isWanted(name));
  if (bugs.length === 0) throw new InvalidArgumentError(`There is no such bug. There are: ${namesOf(ALL_BUGS)}`);
  const control = await Control.make();
  const hunted: Hunted[] = [];
  const waiting = [...bugs];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const known = recorded ? found[next.name]?.seed : undefined;
      const again = known === undefined ? undefined : await hunt(next, known, 1, control);
      const one = again?.seed === undefined ? await hunt(next, 1, seeds, control) : again;
      hunted.push(one);
      if (record && one.seed !== undefined)
        writeFound({ ...readFound(), [next.name]: { seed: one.seed, promise: one.promise } });
      progress(
        `${hunted.length} of ${bugs.length}: ${next.name}: ${one.seed ?? 'not found'} ${one.what.split('\n')[0]}`,
      );
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  for (const line of tableOf(hunted)) console.log(line);
  for (const seed of control.broken) console.log(`seed ${seed} breaks a promise without a bug, and does not count`);
  if (hunted.some(({ seed }) => seed === undefined)) process.exitCode = 1;
}

function namesOf(bugs: readonly PlantedBug[]): string {
  return bugs.map(({ name }) => name).join(', ');
}

await command.parseAsync();
