import { setImmediate as afterTurn, setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import type { MonoMs } from '../../protocol/clocks.ts';
import { Core } from '../core/core.ts';
import type { Signal } from '../core/signal.ts';
import type { DoorPoint, Site } from '../core/site.ts';
import type { InputDriver } from '../inputs/input-driver.ts';
import type { PathDriver, PathSink } from '../paths/path-driver.ts';
import { Runtime } from '../runtime.ts';
import { bothClocks, monoMs } from '../system/clock.ts';
import { discardingLog } from '../system/log.ts';
import { RehearsalPace } from './rehearsal-pace.ts';

/** The ends of a rehearsal, made by the part that knows the drivers. */
export interface RehearsalEdges {
  input(id: string): InputDriver;
  path(id: string, sink: PathSink): Promise<{ readonly driver: PathDriver; close(): void }>;
  /** What an input does with the frame of one press. */
  readonly hear: () => void;
  /** When the gateway last heard a real signal, monotonic ms. */
  readonly lastHeardMs: () => MonoMs;
}

/** By then the compiler has optimised the way of a press. */
const PRESSES = 2000;
/**
 * Devices that press in turn. The core of a site of thousands takes long to make, and tens of MB.
 */
const DEVICES = 64;
/** On a machine that is slow or busy for this long, the rehearsal stops. */
const DURATION_MS_MAX = 300_000;

/**
 * Runs pretended presses in the background, through a second core and runtime with drivers of their
 * own, so that the first storm after a start finds compiled code. It makes one press at a time,
 * with rests: real work goes first. Nothing leaves the process.
 *
 * @returns how many presses were rehearsed
 */
export async function rehearse(wholeSite: Site, edges: RehearsalEdges): Promise<number> {
  const site = rehearsedPart(wholeSite);
  const runtime = new Runtime(new Core(site, [], bothClocks()), bothClocks);
  const paths = new Map(
    await Promise.all(site.paths.map(async ({ id }) => [id, await edges.path(id, runtime.pathSink)] as const)),
  );
  const { port1: toThread, port2: thread } = new MessageChannel();
  thread.on('message', () => undefined);
  runtime.start({
    inputs: new Map(site.inputs.map(({ id }) => [id, edges.input(id)])),
    paths: new Map([...paths].map(([id, { driver }]) => [id, driver])),
    journal: {
      append: (number, entry) => {
        toThread.postMessage({ number, json: JSON.stringify(entry) });
        setImmediate(() => runtime.journalSink.durable(number));
      },
      close: async () => undefined,
    },
    mqtt: {
      publish: (publication, number) => {
        toThread.postMessage({ publication });
        if (number !== undefined) setImmediate(() => runtime.mqttSink.published(number, monoMs()));
      },
      renew: () => undefined,
      reload: () => undefined,
      stop: async () => undefined,
    },
    log: discardingLog(),
  });
  const presses = await pressAtLeisure(site, edges, runtime);
  await runtime.stop();
  for (const path of paths.values()) path.close();
  toThread.close();
  return presses;
}

async function pressAtLeisure(site: Site, edges: RehearsalEdges, runtime: Runtime): Promise<number> {
  const pace = new RehearsalPace();
  const endMs = monoMs() + DURATION_MS_MAX;
  let lateMs = 0;
  let presses = 0;
  while (presses < PRESSES && monoMs() < endMs) {
    const beganMs = monoMs();
    let pauseMs = pace.quietMs;
    if (beganMs - edges.lastHeardMs() >= pauseMs) {
      edges.hear();
      const signal = pretendedPress(site, presses);
      if (signal !== undefined) runtime.inputSink.signal(signal);
      presses += 1;
      // The work that the press leaves for the end of the turn counts as well.
      await afterTurn();
      pauseMs = pace.pauseMs(monoMs() - beganMs, lateMs);
    }
    const restsMs = monoMs();
    await sleep(pauseMs);
    lateMs = monoMs() - restsMs - pauseMs;
  }
  return presses;
}

/** The site with a few of its devices. */
export function rehearsedPart({ canary: _, ...site }: Site): Site {
  const pressing = [...site.devices].filter(([, { buttons }]) => buttons.size > 0);
  const devices = new Map(pressing.slice(0, DEVICES));
  const isHere = (point: DoorPoint | undefined) => point === undefined || devices.has(point.device);
  return { ...site, devices, doors: site.doors.filter(({ contact, bolt }) => isHere(contact) && isHere(bolt)) };
}

/** `undefined` if the site has no button. */
export function pretendedPress(site: Site, number: number): Signal | undefined {
  const devices = [...site.devices.values()];
  const device = devices[number % devices.length];
  if (device === undefined) return undefined;
  const [button = 0] = device.buttons.keys();
  return {
    input: device.input,
    device: device.id,
    authenticated: true,
    capturedMs: monoMs(),
    identity: { epoch: 1, counter: number + 1 },
    body: { type: 'press', button, pattern: 'single' },
  };
}
