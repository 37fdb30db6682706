import { isDeepStrictEqual, parseArgs } from 'node:util';
import { live } from '../firmware/machine-world.ts';

/**
 * How fast many nodes run their machine code in a world with the real core, and whether what comes
 * of each life is what its plan says, and the same as with the simulated nodes:
 *
 *     npm run bench:firmware -- --nodes 200 --seconds 60 --seeds 3 --losses 0.15 --gap 100
 */
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    seeds: { type: 'string', default: '1' },
    /** The first of them. */
    seed: { type: 'string', default: '1' },
    losses: { type: 'string', default: '0.05' },
    /** Mean time between presses, doors, covers and restarts. */
    gap: { type: 'string', default: '800' },
  },
});
const [nodes, seconds, seeds, first, losses, gapMs] = [
  values.nodes,
  values.seconds,
  values.seeds,
  values.seed,
  values.losses,
  values.gap,
].map(Number) as [number, number, number, number, number, number];

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
