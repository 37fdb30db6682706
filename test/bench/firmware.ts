import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { live } from '../firmware/machine-world.ts';
import { numberFrom, wholeFrom } from '../rig/number-option.ts';

const command = new Command('npm run bench:firmware --')
  .description(
    'How fast many nodes run their machine code in a world with the real core, and whether what comes of each life is what its plan says, and the same as with the simulated nodes.',
  )
  .option('--nodes <n>', 'how many', wholeFrom(1), 200)
  .option('--seconds <n>', 'length of a life', numberFrom(1), 60)
  .option('--seeds <n>', 'how many lives', wholeFrom(1), 1)
  .option('--seed <n>', 'the first', wholeFrom(0), 1)
  .option('--losses <share>', 'frames that are lost, 0 to 1', numberFrom(0), 0.05)
  .option('--gap <ms>', 'mean time between presses, doors, covers and restarts', numberFrom(1), 800)
  .parse();
const {
  nodes,
  seconds,
  seeds,
  seed: first,
  losses,
  gap: gapMs,
} = command.opts<{
  readonly nodes: number;
  readonly seconds: number;
  readonly seeds: number;
  readonly seed: number;
  readonly losses: number;
  readonly gap: number;
}>();

for (let seed = first; seed < first + seeds; seed++) {
  const beganMs = performance.now();
  let settledMs = beganMs;
  const onSettled = () => {
    settledMs = performance.now();
  };
  const { world, lines, plan, outcome } = live({ nodes, seconds, seed, losses, gapMs, onSettled }, 'firmware');
  const startSeconds = (settledMs - beganMs) / 1000;
  const allSeconds = (performance.now() - beganMs) / 1000;
  const twin = live({ nodes, seconds, seed, losses, gapMs }, 'twin').outcome;
  const { epochs, lights, openPoints, openCovers } = plan;
  const expected = { epochs, lights, openPoints, openCovers, wrongNumbers: [], offences: [] };
  const isAsPlanned = isDeepStrictEqual(outcome, expected) && isDeepStrictEqual(twin, expected);
  if (!isAsPlanned) process.exitCode = 1;
  const machines = [...(lines?.machines.values() ?? [])];
  const sum = (of: (machine: (typeof machines)[number]) => number) =>
    machines.reduce((total, each) => total + of(each), 0);
  const simulated = world.clock.nowMs / 1000;
  const instructions = sum(({ chip }) => chip.instructions) / 1e6;
  process.stdout.write(
    [
      `seed ${seed}: ${nodes} nodes on lines of at most 64, ${simulated.toFixed(0)} s in ${allSeconds.toFixed(1)} s:`,
      `${(simulated / allSeconds).toFixed(1)} times real time; the start took ${startSeconds.toFixed(1)} s`,
      `${plan.happenings.length} presses, restarts, cuts and crashes: ${isAsPlanned ? 'all as planned, with the simulated nodes too' : 'NOT AS PLANNED'}`,
      `${lines?.collisions} bytes collided`,
      `${instructions.toFixed(0)} million instructions, ${(instructions / simulated / nodes).toFixed(4)} per node and second`,
      `${(sum(({ chip }) => chip.wakes) / simulated / nodes).toFixed(0)} wakes per node and second`,
      '',
    ].join('\n  '),
  );
}
