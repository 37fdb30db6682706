import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { monoMs } from '../../gateway/system/clock.ts';
import { endWithBench } from './children.ts';
import type { Contestant } from './contestant.ts';
import { type Load, type LoadMeans, onStand, type RunFigures, runEven } from './loads.ts';
import { type SealedSchedule, type Stand, scheduled } from './stand.ts';

const OUTAGE_MS = 10_000;
const BEFORE_MS = 1_000;
const AFTER_MS = 3_000;
const EVERY_MS = 20;
const SETTLE_MS = 60_000;

/** The receiver is away for 10 s, at 50 presses a second. */
function outage(state: 'closed' | 'frozen', name: string): Load['run'] {
  return (contestant, means) =>
    onStand(contestant, means, async (stand) => {
      const presses = stand.schedule((BEFORE_MS + OUTAGE_MS + AFTER_MS) / EVERY_MS, EVERY_MS);
      const links: SealedSchedule = [
        { dueMs: BEFORE_MS, link: state },
        { dueMs: BEFORE_MS + OUTAGE_MS, link: 'open' },
      ];
      const schedule = [...presses, ...links].sort((a, b) => a.dueMs - b.dueMs);
      const { figures, records } = await stand.loadWithRecords(schedule, SETTLE_MS);
      const backMs = records.links.find(({ state: each }) => each === 'open')?.atMs ?? 0;
      const isEarlier = (_: unknown, index: number) => (records.pressedMs.get(index) ?? backMs) < backMs;
      const waiting = new Set(schedule.filter(isEarlier).flatMap(({ id }) => id ?? []));
      let lastMs = backMs;
      for (const { id, firstByteMs } of records.arrivals) {
        if (waiting.delete(id)) lastMs = Math.max(lastMs, firstByteMs);
      }
      const afterMs = waiting.size === 0 ? lastMs - backMs : Number.NaN;
      return { loads: { [name]: figures }, others: { 'all delivered after the return, ms': afterMs } };
    });
}

const KILL_PRESSES = 600;
const KILL_EVERY_MS = 5;
const KILLED_AT_MS = 1_500;
/** A node repeats a press without an answer, so all presses of this time are written again. */
const REPEATED_MS = 2_000;

/** `kill -9` at 200 presses a second, a restart at once, and then the repeats of the nodes. */
async function killed(contestant: Contestant, means: LoadMeans): Promise<RunFigures> {
  return await onStand(contestant, means, async (stand) => {
    const pressed = stand.place.book.seal(KILL_PRESSES);
    const schedule = pressed.map((press, index) => scheduled(press, index * KILL_EVERY_MS));
    let downMs = 0;
    const first = await stand.loadWithRecords(schedule, 0, async () => {
      await sleep(KILLED_AT_MS);
      const killedMs = monoMs();
      await stand.end('SIGKILL');
      await stand.start();
      downMs = monoMs() - killedMs;
      return undefined;
    });
    return await afterKill(stand, schedule, first, downMs);
  });
}

async function afterKill(
  stand: Stand,
  schedule: ReturnType<typeof scheduled>[],
  first: Awaited<ReturnType<Stand['loadWithRecords']>>,
  downMs: number,
): Promise<Omit<RunFigures, 'readyMs' | 'firstPressMs' | 'residentReadyMb'>> {
  const repeats = schedule
    .filter(({ dueMs }) => dueMs >= KILLED_AT_MS - REPEATED_MS)
    .map((press, index) => ({ ...press, dueMs: index }));
  const second = await stand.loadWithRecords(repeats, SETTLE_MS / 6);
  const all = [...first.records.arrivals, ...second.records.arrivals];
  const heard = new Set([...first.records.answers, ...second.records.answers].map(({ id }) => id));
  const sequences = new Map<string, Set<number>>();
  for (const { id, sequence } of all) sequences.set(id, (sequences.get(id) ?? new Set()).add(sequence));
  const users = new Map<number, Set<string>>();
  for (const { id, sequence } of all) users.set(sequence, (users.get(sequence) ?? new Set()).add(id));
  const shared = [...users.values()].filter(({ size }) => size > 1).length;
  const lost = schedule.filter(({ id }) => !sequences.has(id));
  const figures = {
    ...first.figures,
    lost: lost.length,
    lostAfterHeard: lost.filter(({ id }) => heard.has(id)).length,
    twice: schedule.filter(({ id }) => (sequences.get(id)?.size ?? 0) > 1).length,
    cpuMsPerPress: Number.NaN,
  };
  return {
    loads: { 'kill -9 in the storm': figures },
    others: { 'from the kill to ready again, ms': downMs, 'sequence numbers of two presses': shared },
  };
}

/** Loads while other programs of the usual priority use processors. */
function hogged(hogs: number, name: string): Load['run'] {
  return async (contestant, means) => {
    const running = Array.from({ length: hogs }, () => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
    for (const hog of running) endWithBench(hog);
    try {
      return await runEven(contestant, means, [
        { name: `${name}, 200/s`, presses: 600, everyMs: 5 },
        { name: `${name}, 1,000 in a second`, presses: 1000, everyMs: 1 },
      ]);
    } finally {
      await Promise.all(running.map(ended));
    }
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

const FLOOD = fileURLToPath(new URL('flood.ts', import.meta.url));

/** A client with the right to publish does nothing else. */
async function flooded(contestant: Contestant, means: LoadMeans): Promise<RunFigures> {
  return await onStand(contestant, means, async (stand) => {
    const { mqttPort, directory } = stand.place;
    const flood = spawn(process.execPath, [...process.execArgv, FLOOD, String(mqttPort), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    endWithBench(flood);
    try {
      await once(flood.stdout, 'data');
      const steady = await stand.load(stand.schedule(600, 5));
      const storm = await stand.load(stand.schedule(1000, 1));
      return { loads: { 'MQTT flooded, 200/s': steady, 'MQTT flooded, 1,000 in a second': storm } };
    } finally {
      await ended(flood);
    }
  });
}

export const HARSH_LOADS: readonly Load[] = [
  {
    name: 'refuse',
    description: 'the receiver refuses connections for 10 s',
    run: outage('closed', 'receiver refuses 10 s'),
  },
  {
    name: 'freeze',
    description: 'the receiver answers nothing for 10 s',
    run: outage('frozen', 'receiver frozen 10 s'),
  },
  { name: 'kill', description: 'kill -9 at 200/s, and a restart', run: killed },
  { name: 'hog', description: 'a program uses one core', run: hogged(1, 'one core hogged') },
  { name: 'hogs', description: 'programs use every core', run: hogged(cpus().length, 'every core hogged') },
  { name: 'flood', description: 'an MQTT client floods the broker (Callpoint only)', only: 'callpoint', run: flooded },
];
