import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { messageOf } from '../../protocol/errors.ts';
import { compile } from '../rig/gateway-under-test.ts';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import { progress } from '../rig/waiting.ts';
import { endOnSignals } from './children.ts';
import type { Contestant } from './contestant.ts';
import { callpoint, cFloor, peers, SERVICE_NICE } from './contestants.ts';
import { writeFigures } from './figures-page.ts';
import { HARSH_LOADS } from './harsh-loads.ts';
import { INSTRUCTIONS } from './instructions.ts';
import { EVEN_LOADS, type Load } from './loads.ts';
import { compileNative } from './native.ts';
import { installNodeRed } from './node-red.ts';
import { pressTable } from './press-table.ts';
import { Rig } from './rig.ts';
import { runRounds } from './rounds.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const CALLPOINT = 'Callpoint';
/** `all` leaves out what takes minutes. */
const USUAL_LOADS = [...EVEN_LOADS, ...HARSH_LOADS];
const LOADS = [...USUAL_LOADS, INSTRUCTIONS];

interface Options {
  readonly peers?: true;
  readonly instructions?: true;
  readonly load: string;
  readonly contestant?: string;
  readonly against?: string;
  readonly rounds: number;
  readonly connections: number;
  readonly nice: number;
  readonly nodeFlags: string;
  readonly json?: true;
  readonly write?: true;
}

function loadsNamed(names: string): Load[] {
  if (names === 'all') return USUAL_LOADS;
  return names.split(',').map((name) => {
    const load = LOADS.find((each) => each.name === name);
    if (load === undefined) throw new Error(`no load ${name}: ${LOADS.map((each) => each.name).join(', ')}`);
    return load;
  });
}

function contestantsOf(options: Options, floor: string): Contestant[] {
  const flags = options.nodeFlags === '' ? [] : options.nodeFlags.split(' ');
  const all = [
    cFloor(floor),
    ...(options.peers ? peers() : []),
    ...(options.against === undefined ? [] : [callpoint(options.against, 'against', flags)]),
    callpoint(PROJECT, CALLPOINT, flags),
  ];
  const names = options.contestant?.split(',');
  return names === undefined ? all : all.filter(({ name }) => names.includes(name));
}

async function sayPriority(program: string, directory: string): Promise<void> {
  const rig = await Rig.start(program, directory, 1);
  const { hasRealTimePriority } = rig;
  await rig.stop();
  if (hasRealTimePriority) return;
  progress('the rig runs without real-time priority, which only root or CAP_SYS_NICE gives: times are less exact');
}

async function bench(options: Options): Promise<void> {
  const loads = options.instructions ? [INSTRUCTIONS] : loadsNamed(options.load);
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-bench-'));
  try {
    const { floor, ...programs } = compileNative(directory, ['rig', 'floor', 'slowDisk']);
    await sayPriority(programs.rig, directory);
    if (options.peers) installNodeRed();
    const contestants = contestantsOf(options, floor);
    if (contestants.some(({ name }) => name === CALLPOINT)) await compile();
    const rounds = await runRounds(contestants, loads, { ...options, programs });
    const table = pressTable(rounds);
    process.stdout.write(options.json ? `${JSON.stringify(rounds)}\n` : `${table}\n`);
    if (options.write) writeFigures('bench', table);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const described = LOADS.map(({ name, description }) => `  ${name.padEnd(10)}${description}`).join('\n');
const command = new Command('npm run bench --')
  .description('Gives the compiled gateway and others the same presses, between a C wall and a C receiver.')
  .option('--peers', 'also bare Node, Node with serialport, and Node-RED, which it installs in ~/.cache')
  .option('--load <names>', 'these loads, or all', 'main,cold')
  .option('--contestant <names>', 'these contestants only, e.g. "Callpoint,C floor"')
  .option('--against <directory>', 'also another compiled state of this project')
  .option('--instructions', 'only count instructions a press, with valgrind')
  .option('--rounds <n>', 'how often each contestant has its turn', Number, 3)
  .option('--connections <n>', "Callpoint's parallel connections to the receiver", Number, 4)
  .option('--nice <n>', 'priority of the contestants, as in callpoint.service', Number, SERVICE_NICE)
  .option('--node-flags <flags>', 'how Node runs Callpoint, as in callpoint.service', SERVICE_FLAGS.join(' '))
  .option('--json', 'all rounds as one JSON array on stdout')
  .option('--write', 'put the figures into test/bench/README.md')
  .addHelpText('after', `\nLoads:\n${described}`)
  .action(bench);
endOnSignals();
try {
  await command.parseAsync();
} catch (error) {
  progress(messageOf(error));
  process.exitCode = 1;
}
