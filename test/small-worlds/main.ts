import { Command } from 'commander';
import { numberFrom } from '../rig/number-option.ts';
import { progress } from '../rig/waiting.ts';
import { readableCore } from './readable-core.ts';
import { search } from './search.ts';
import { smallSite } from './small-site.ts';
import { described, LARGEST, QUICK, WHOLE } from './worlds.ts';

const SECOND = 1000;

interface Options {
  readonly minutes: number;
  readonly largest?: true;
}

const command = new Command('npm run test:small-worlds --')
  .description('Goes through every history of small worlds, and counts their states.')
  .option('--minutes <n>', 'search no world for longer', numberFrom(0), 2)
  .option('--largest', 'only the largest world')
  .action(async ({ minutes, largest }: Options) => {
    const CoreClass = await readableCore();
    let shownMs = 0;
    for (const world of largest === true ? [LARGEST] : [...QUICK, ...WHOLE, LARGEST]) {
      const startMs = performance.now();
      const endMs = startMs + minutes * 60 * SECOND;
      const searched = search(smallSite(world.plan, world.parallel), world.budget, CoreClass, {
        stop: () => performance.now() > endMs,
        progress: ({ states, depth, waiting }) => {
          if (performance.now() - shownMs < SECOND) return;
          shownMs = performance.now();
          progress(`${described(world)}: ${states} states, ${depth} choices deep, ${waiting} waiting`);
        },
      });
      progress('');
      const { states, steps, depth, isComplete } = searched;
      const seconds = ((performance.now() - startMs) / SECOND).toFixed(1);
      const extent = isComplete ? 'all' : `all of the first ${depth} choices`;
      process.stdout.write(
        `${described(world)}: ${states} states, ${steps} steps, ${extent}, ${seconds} s, 0 violations\n`,
      );
    }
  });

await command.parseAsync();
