import { existsSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../device-sim/random.ts';
import { until } from '../rig/waiting.ts';
import { type CycleResult, recovery } from './cycle.ts';
import { Life } from './life.ts';
import { Load } from './load.ts';
import { journalFaults } from './settle.ts';
import type { World } from './world.ts';

/** Of Debian's package faketime. It changes the wall clock of a process that runs. */
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
/** Offsets in the order in which the clock is set. */
const CLOCK_JUMPS = ['+1h', '-1h', '+0', '+365d', '-365d', '+0', '-1d', '+3s', '+0'] as const;
const BETWEEN_JUMPS_MS = 700;
const DISPLAYED_WITHIN_MS = 15_000;
const FLOODERS = 40;

/** A wall clock that is set back and forth under load. */
export async function clockCycle(world: World, main: string, random: Random): Promise<CycleResult> {
  if (!existsSync(FAKETIME)) return { what: `the clock: ${FAKETIME} is missing`, isHit: false, faults: [] };
  const file = join(world.site.directory, 'faketime');
  writeFileSync(file, '+0');
  const environment = {
    ...{ LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' },
    ...{ DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
  };
  return await hardship(world, main, { what: 'the clock set back and forth', random, environment }, async (life) => {
    for (const offset of CLOCK_JUMPS) {
      writeFileSync(file, offset);
      await sleep(BETWEEN_JUMPS_MS);
    }
    const seen = life.log.filter((line) => line.includes('"event":"clock.set"')).length;
    return seen === 0 ? ['the gateway has not seen that its clock was set'] : [];
  });
}

/** The process stands still, as under a debugger or a hung host, and goes on. */
export async function stopCycle(world: World, main: string, random: Random, stopMs: number): Promise<CycleResult> {
  return await hardship(world, main, { what: `stopped for ${stopMs} ms`, random }, async (life) => {
    await sleep(1_000);
    life.signal('SIGSTOP');
    await sleep(stopMs);
    life.signal('SIGCONT');
    await sleep(1_000);
    return [];
  });
}

/** Clients that send what no client should, as fast as the broker reads. */
export async function floodCycle(world: World, main: string, random: Random, floodMs: number): Promise<CycleResult> {
  return await hardship(world, main, { what: `the broker flooded for ${floodMs} ms`, random }, async () => {
    const sockets = new Set<Socket>();
    const untilMs = performance.now() + floodMs;
    const flood = (): void => {
      if (performance.now() > untilMs) return;
      const socket = connect(world.site.mqttPort, '127.0.0.1');
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        setTimeout(flood, 5);
      });
      socket.on('connect', () => socket.write(hostileBytes(random)));
    };
    for (let client = 0; client < FLOODERS; client += 1) flood();
    await sleep(floodMs);
    for (const socket of sockets) socket.destroy();
    return [];
  });
}

/** A wrong password, garbage, or a packet that says that it is huge. */
function hostileBytes(random: Random): Uint8Array {
  const draw = random();
  if (draw < 0.4) return Uint8Array.from({ length: 2_048 }, () => Math.floor(256 * random()));
  // A CONNECT of MQTT 3.1.1 whose remaining length is the largest there is (MQTT-2.2.3).
  if (draw < 0.7) return Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0xc2, 0, 60);
  const name = Buffer.from('console');
  const field = (bytes: Uint8Array) => Buffer.concat([Uint8Array.of(0, bytes.length), bytes]);
  const password = Buffer.from(String(random()).slice(0, 12));
  const rest = [Uint8Array.of(0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0xc2, 0, 60), field(name), field(name), field(password)];
  const body = Buffer.concat(rest);
  return Buffer.concat([Uint8Array.of(0x10, body.length), body]);
}

interface HardshipOptions {
  readonly what: string;
  readonly random: Random;
  readonly environment?: Readonly<Record<string, string>>;
}

async function hardship(
  world: World,
  main: string,
  { what, random, environment = {} }: HardshipOptions,
  /** @returns what must not be */
  act: (life: Life) => Promise<readonly string[]>,
): Promise<CycleResult> {
  await world.receiver.behave({ type: 'normal' });
  const life = new Life(world, { main, environment });
  const faults: string[] = [];
  try {
    if ((await life.up) === undefined) faults.push(`it does not start: ${life.log.at(-1)}`);
    const load = new Load(world, life, random, 'always');
    faults.push(...(await act(life)));
    await load.stop();
    world.knowsDrill(undefined);
    if (life.isOver) faults.push(`it ended: ${await life.ended}`);
    const isDone = await until(
      () => world.ledger.owed.length === 0 && world.ledger.waiting.length === 0,
      DISPLAYED_WITHIN_MS,
    );
    if (!isDone) faults.push(...world.ledger.owed.map(({ alert }) => `${alert}: not displayed`));
    if (!isDone) faults.push(...world.ledger.waiting.map(({ alert }) => `${alert}: its wall waits`));
  } finally {
    await life.kill();
  }
  world.ledger.deaths += 1;
  world.cutNodes(random, 0.3);
  faults.push(...world.ledger.faults.splice(0), ...journalFaults(world, true));
  faults.push(...(await recovery(world, main, random)));
  return { what, isHit: true, faults };
}
