import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../device-sim/random.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import { type Gap, Machine, type Round, type RoundResult, randomRound } from './machine.ts';
import { FAULTS, type Fault, makeUpdates, type Release, type Updates } from './releases.ts';
import type { Press } from './walls.ts';

interface RunOptions {
  readonly updates: number;
  readonly seed: number;
  /** No update is begun later than this. */
  readonly minutes?: number;
  /** Machines that are updated side by side. */
  readonly machines: number;
  readonly restartMs: number;
  /** How the gateway's process is started. */
  readonly wrapper?: readonly string[];
  /** Of the broken releases. The trial of one that loses something takes more than a minute. */
  readonly faults?: readonly Fault[];
  /** The compiled project. */
  readonly dist: string;
  /** Only good releases, and nothing is killed. */
  readonly plain: boolean;
  /** The gateway is stopped for an update, and there is none: what the stop and the start cost. */
  readonly restartsOnly: boolean;
  readonly progress: (line: string) => void;
  readonly onMachine?: (machine: Machine) => void;
}

interface RunResult {
  /** How many were made. */
  readonly updates: number;
  readonly seed: number;
  readonly seconds: number;
  readonly results: Readonly<Record<string, number>>;
  readonly presses: number;
  /** That no receiver has got. */
  readonly lost: readonly string[];
  /** Of these the wall had shown that they were heard. */
  readonly lostAfterShown: readonly string[];
  readonly phantoms: readonly string[];
  /** Presses with two sequence numbers on a path. Only a kill may cause one. */
  readonly secondSequences: number;
  /** Of these, no kill came between the first byte of the report and its record. */
  readonly secondSequencesUnexplained: readonly string[];
  /** Time of not hearing the serial port at a planned stop, ms. */
  readonly plannedGapMs: Quantiles;
  /** The same after a kill or a crash. */
  readonly otherGapMs: Quantiles;
  /** From the press to the first byte at a receiver, ms: of presses in a gap, and of all others. */
  readonly pressedInGapMs: Quantiles;
  readonly pressedElseMs: Quantiles;
  readonly faults: readonly string[];
}

const GOOD_RELEASES = 3;
/** A record is on the disk within this time, however many machines share it. */
const RECORD_MS = 5_000;

/** Updates machines until there were so many updates, and says what became of every press. */
export async function runUpdates(options: RunOptions): Promise<RunResult> {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-signed-'));
  const startedMs = monoMs();
  try {
    const updates = await makeUpdates(
      options.dist,
      directory,
      options.restartsOnly ? 0 : GOOD_RELEASES,
      options.faults ?? FAULTS,
    );
    const counted = { done: 0 };
    const each = Array.from({ length: options.machines }, (_, number) => runMachine(number, updates, counted, options));
    const parts = await Promise.all(each);
    return resultOf(parts, options, (monoMs() - startedMs) / 1000);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Part {
  readonly rounds: readonly RoundResult[];
  readonly presses: readonly Press[];
  readonly phantoms: readonly string[];
  readonly gaps: readonly Gap[];
  readonly crashesMs: readonly number[];
  readonly faults: readonly string[];
}

async function runMachine(
  number: number,
  updates: Updates,
  counted: { done: number },
  options: RunOptions,
): Promise<Part> {
  const { dist, restartMs, wrapper, plain, restartsOnly, progress, onMachine } = options;
  const seed = options.seed * 1_000 + number;
  const random = seededRandom(seed);
  const count = Math.floor(options.updates / options.machines) + (number < options.updates % options.machines ? 1 : 0);
  const machine = await Machine.start({
    ...{ seed, restartMs, updates, dist },
    ...(wrapper !== undefined && { wrapper }),
    ...(onMachine !== undefined && { onMachine }),
  });
  const rounds: RoundResult[] = [];
  const faults: string[] = [];
  let last: Release | undefined;
  try {
    const endMs = monoMs() + (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
    for (let at = 0; at < count && monoMs() < endMs; at++) {
      if (restartsOnly) {
        await machine.restart();
        continue;
      }
      const round = roundOf(randomRound(random, updates, last), plain);
      const result = await machine.update(round);
      rounds.push(result);
      if (result.result === 'confirmed') last = round.release;
      counted.done += 1;
      for (const fault of result.faults) faults.push(`machine ${number}, round ${at}, ${roundText(round)}: ${fault}`);
      progress(
        `${counted.done}/${options.updates} ${roundText(round)}: ${result.result} in ${Math.round(result.tookMs)} ms ${[...result.notes, ...result.faults].join('; ')}`,
      );
    }
    await machine.settle();
    const { presses, phantoms } = machine.walls;
    return { rounds, presses, phantoms: [...phantoms], gaps: machine.gaps, crashesMs: machine.crashesMs, faults };
  } finally {
    await machine.stop();
  }
}

function roundOf(round: Round, plain: boolean): Round {
  if (!plain) return round;
  return { ...round, kill: 'nothing', alertHeld: false };
}

function roundText({ release: { version, fault }, kill, killFrom, killMs, alertHeld }: Round): string {
  const what = fault === undefined ? version : `${version} (${fault})`;
  const killed = kill === 'nothing' ? '' : `, kills ${kill} ${killMs} ms after the ${killFrom}`;
  return `${what}${killed}${alertHeld ? ', an alert is open' : ''}`;
}

function resultOf(parts: readonly Part[], { seed }: RunOptions, seconds: number): RunResult {
  const results: Record<string, number> = {};
  for (const { round, result } of parts.flatMap(({ rounds }) => rounds)) {
    const name = `${round.release.fault ?? 'good'} ${result}`;
    results[name] = (results[name] ?? 0) + 1;
  }
  const presses = parts.flatMap((part) => part.presses);
  const lost = presses.filter(({ firstMs }) => firstMs === undefined);
  const gaps = parts.flatMap((part) => part.gaps);
  const lengths = (isPlanned: boolean) =>
    quantiles(gaps.filter((gap) => gap.isPlanned === isPlanned).map(({ fromMs, toMs }) => toMs - fromMs));
  const delays = (inGap: boolean) =>
    quantiles(
      parts.flatMap((part) => part.presses.filter((press) => isInGap(press, part.gaps) === inGap).flatMap(delayOf)),
    );
  return {
    ...{
      updates: parts.flatMap(({ rounds }) => rounds).length,
      seed,
      seconds: Math.round(seconds),
      results,
      presses: presses.length,
    },
    lost: lost.map(({ alert }) => alert),
    lostAfterShown: lost.filter(({ isShown }) => isShown).map(({ alert }) => alert),
    phantoms: parts.flatMap(({ phantoms }) => phantoms),
    secondSequences: presses.filter(({ sequences }) => [...sequences.values()].some(({ size }) => size > 1)).length,
    secondSequencesUnexplained: parts.flatMap(({ presses: own, crashesMs }) =>
      own.filter((press) => !isExplained(press, crashesMs)).map(({ alert }) => alert),
    ),
    plannedGapMs: lengths(true),
    otherGapMs: lengths(false),
    pressedInGapMs: delays(true),
    pressedElseMs: delays(false),
    faults: parts.flatMap(({ faults }) => faults),
  };
}

/**
 * A press has another sequence number on a path only after a kill between the first byte of its
 * report and its record.
 */
function isExplained({ sequences }: Press, crashesMs: readonly number[]): boolean {
  return [...sequences.values()].every((byNumber) => {
    const times = [...byNumber.values()];
    return times.slice(1).every((laterMs, at) => {
      const beforeMs = times[at] ?? 0;
      return crashesMs.some((atMs) => atMs >= beforeMs && atMs < Math.min(laterMs, beforeMs + RECORD_MS));
    });
  });
}

function isInGap({ pressedMs }: Press, gaps: readonly Gap[]): boolean {
  return gaps.some(({ fromMs, toMs }) => pressedMs >= fromMs && pressedMs < toMs);
}

function delayOf({ pressedMs, firstMs }: Press): number[] {
  return firstMs === undefined ? [] : [firstMs - pressedMs];
}

/** What must not be. */
export function failuresOf({ faults, lost, phantoms, secondSequencesUnexplained }: RunResult): readonly string[] {
  return [
    ...faults,
    ...lost.map((alert) => `the press ${alert} reached no receiver`),
    ...secondSequencesUnexplained.map(
      (alert) => `the press ${alert} came with two sequence numbers, and no kill is why`,
    ),
    ...phantoms.map((alert) => `nobody has pressed ${alert}`),
  ];
}
