import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant } from './contestant.ts';
import type { Load, LoadMeans, RunFigures } from './loads.ts';
import { Stand } from './stand.ts';

/** Valgrind slows a program down some fifty times, and runs one thread at a time. */
const READY_WITHIN_MS = 600_000;
const SETTLE_MS = 120_000;
const WARM_UP = 300;
const WARM_UP_EVERY_MS = 50;
const PRESSES = 100;
const EVERY_MS = 250;

/** The same contestant in callgrind, which does not count yet. */
function inCallgrind(contestant: Contestant): Contestant {
  return {
    ...contestant,
    prepare: (place) => {
      const command = contestant.prepare(place);
      const own = [
        '--tool=callgrind',
        '--smc-check=all-non-file',
        '--instr-atstart=no',
        `--callgrind-out-file=${outOf(place.directory)}`,
      ];
      return {
        ...command,
        program: 'valgrind',
        arguments: [...own, command.program, ...command.arguments],
        readyWithinMs: READY_WITHIN_MS,
      };
    },
  };
}

function outOf(directory: string): string {
  return join(directory, 'callgrind.out');
}

/**
 * Counts the instructions of all threads while presses come, and while as much time passes without
 * any: the difference is that of the presses.
 */
async function count(contestant: Contestant, { programs, connections, nice }: LoadMeans): Promise<RunFigures> {
  if (spawnSync('callgrind_control', ['--version']).status !== 0)
    throw new Error('this needs valgrind: apt install valgrind');
  const stand = await Stand.open(inCallgrind(contestant), { rigProgram: programs.rig, connections, nice });
  try {
    const { pid, prepared } = await stand.start();
    await prepared;
    await stand.load(stand.schedule(WARM_UP, WARM_UP_EVERY_MS), SETTLE_MS);
    const tell = (...command: string[]) =>
      execFileSync('callgrind_control', [...command, String(pid)], { stdio: 'ignore' });
    const counted = async (schedule: Parameters<Stand['load']>[0]) => {
      tell('-z');
      const figures = await stand.load(schedule, SETTLE_MS);
      tell('-d');
      return { figures, instructions: newestSum(stand.place.directory) };
    };
    tell('-i', 'on');
    const pressed = await counted(stand.schedule(PRESSES, EVERY_MS));
    const idle = await counted([{ dueMs: PRESSES * EVERY_MS, link: 'open' }]);
    tell('-i', 'off');
    const thousands = (pressed.instructions - idle.instructions) / PRESSES / 1000;
    return { loads: {}, others: { 'thousand instructions a press': thousands } };
  } finally {
    await stand.close();
  }
}

/** The sum of the newest dump of callgrind. */
function newestSum(directory: string): number {
  const dumps = readdirSync(directory).filter((name) => /^callgrind\.out\.\d+$/.test(name));
  const newest = dumps.sort((a, b) => Number(a.split('.')[2]) - Number(b.split('.')[2])).at(-1) ?? '';
  return Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(join(directory, newest), 'utf8'))?.[1]);
}

export const INSTRUCTIONS: Load = {
  name: 'instructions',
  description: 'instructions a press, counted by callgrind (Callpoint only; a minute or more)',
  only: 'callpoint',
  run: count,
};
