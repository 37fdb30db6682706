import { live } from '../firmware/machine-world.ts';

/** How fast two hundred nodes run their machine code in a world with the real core. */
const NODES = 200;
const SECONDS = 60;

const beganMs = performance.now();
let settledMs = beganMs;
const onSettled = () => {
  settledMs = performance.now();
};
const life = { nodes: NODES, seconds: SECONDS, seed: 1, isFirmware: true, losses: 0.05, onSettled };
const { world, lines, presses } = live(life);
const startSeconds = (settledMs - beganMs) / 1000;
const seconds = (performance.now() - settledMs) / 1000;
/** The weather clears in the end. */
const lived = SECONDS + 10;
const simulated = world.clock.nowMs / 1000;
const machines = [...(lines?.machines.values() ?? [])];
const sum = (of: (machine: (typeof machines)[number]) => number) =>
  machines.reduce((total, each) => total + of(each), 0);
const pressed = [...presses.values()].reduce((total, each) => total + each, 0);
process.stdout.write(
  [
    `${NODES} nodes on lines of at most 64, ${lived} s in ${seconds.toFixed(1)} s:`,
    `${(lived / seconds).toFixed(1)} times real time`,
    `all of them started within 3 s before that; they and 10 s took ${startSeconds.toFixed(1)} s`,
    `${pressed} presses, ${world.pressed.length} heard; ${lines?.collisions} bytes collided`,
    `${(sum(({ chip }) => chip.instructions) / 1e6).toFixed(0)} million instructions`,
    `${(sum(({ chip }) => chip.instructions) / 1e6 / simulated / NODES).toFixed(4)} million per node and second`,
    `${(sum(({ chip }) => chip.wakes) / simulated / NODES).toFixed(0)} wakes per node and second`,
    `${sum(({ offences }) => offences.length)} offences against the line`,
    '',
  ].join('\n  '),
);
