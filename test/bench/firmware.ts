import { live } from '../firmware/machine-world.ts';

/** How fast two hundred nodes run their machine code in a world with the real core. */
const NODES = 200;
const SECONDS = 60;

const began = performance.now();
const { world, lines, presses } = live({ nodes: NODES, seconds: SECONDS, seed: 1, isFirmware: true, losses: 0.05 });
const seconds = (performance.now() - began) / 1000;
const simulated = world.clock.nowMs / 1000;
const machines = [...(lines?.machines.values() ?? [])];
const sum = (of: (machine: (typeof machines)[number]) => number) =>
  machines.reduce((total, each) => total + of(each), 0);
const pressed = [...presses.values()].reduce((total, each) => total + each, 0);
process.stdout.write(
  [
    `${NODES} nodes on lines of at most 64, ${simulated.toFixed(0)} s in ${seconds.toFixed(1)} s:`,
    `${(simulated / seconds).toFixed(1)} times real time`,
    `${pressed} presses, ${world.pressed.length} heard; ${lines?.collisions} bytes collided`,
    `${(sum(({ chip }) => chip.instructions) / 1e6).toFixed(0)} million instructions`,
    `${(sum(({ chip }) => chip.instructions) / 1e6 / simulated / NODES).toFixed(4)} million per node and second`,
    `${(sum(({ chip }) => chip.wakes) / simulated / NODES).toFixed(0)} wakes per node and second`,
    `${sum(({ offences }) => offences.length)} offences against the line`,
    '',
  ].join('\n  '),
);
