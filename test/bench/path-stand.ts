import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AlertWatch, watchAlerts } from '../../device-sim/demo/alert-watch.ts';
import type { FarEndBehaviour } from '../../device-sim/site/far-end.ts';
import { type FarEnds, startFarEnds } from '../../device-sim/site/far-ends.ts';
import { readSite, type SimulatedSite } from '../../device-sim/site/site-file.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { endOwnGateways, type GatewayUnderTest, startCompiledGateway } from '../rig/gateway-under-test.ts';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import { bounded, until } from '../rig/waiting.ts';
import { PressBook, type PressRecord } from './path-presses.ts';
import { type BenchPath, GATEWAY, MQTT_USER, writePathSite } from './path-site.ts';
import { PathWalls } from './path-walls.ts';

const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
const LINKS_WITHIN_MS = 60_000;
const REHEARSED_WITHIN_MS = 120_000;

interface StandOptions {
  /** Ids of paths whose far ends are outside this rig. */
  readonly elsewhere?: readonly string[];
  /** Behaviour of the far ends from the start, by path. */
  readonly from?: Readonly<Record<string, FarEndBehaviour>>;
}

/** Rigs that are not stopped. */
const STANDS = new Set<PathStand>();

/**
 * A gateway as a process of its own, its wall on a pseudo-terminal, the far ends of its paths, and
 * MQTT.
 */
export class PathStand {
  readonly book = new PressBook();
  readonly #directory = mkdtempSync(join(tmpdir(), 'callpoint-bench-'));
  readonly #open: (() => Promise<unknown> | unknown)[] = [];
  #parts: Parts | undefined;
  #stopped: Promise<void> | undefined;

  private constructor() {
    STANDS.add(this);
  }

  /** Starts the rig. If it rejects, everything started so far is stopped. */
  static async start(paths: readonly BenchPath[], options: StandOptions = {}): Promise<PathStand> {
    const stand = new PathStand();
    try {
      await stand.#start(paths, options);
    } catch (error) {
      await stand.stop();
      throw error;
    }
    return stand;
  }

  /** Stops every running rig, for an early end of this process. */
  static async stopAll(): Promise<void> {
    await Promise.allSettled([...STANDS].map((stand) => stand.stop()));
  }

  get ends(): FarEnds {
    return this.#started.ends;
  }

  get simulated(): SimulatedSite {
    return this.#started.simulated;
  }

  /** @throws Error if the gateway has ended and cannot receive it */
  press(): PressRecord {
    if (!this.#isRunning()) throw new Error('the gateway has ended by itself');
    return this.book.pressed(this.#started.walls.press());
  }

  residentMb(): number {
    return this.#started.gateway.residentMb();
  }

  /**
   * Returns true if the gateway knows of none of these paths, or of all paths, that it does not
   * answer.
   */
  linksAreUp(paths?: readonly string[]): boolean {
    const down = this.#started.watch.missing().filter((topic) => topic.startsWith('link/'));
    return !down.some((topic) => paths === undefined || paths.includes(topic.split('/')[1] ?? ''));
  }

  /**
   * Resolves when the line is read and these paths, or all paths, answer.
   * @throws Error naming those that do not
   */
  async ready(paths?: readonly string[]): Promise<void> {
    const { watch } = this.#started;
    await bounded(watch.ready({ devices: 0, inputs: 1 }), LINKS_WITHIN_MS, 'the gateway to be ready');
    // Retained messages come one after the other.
    await sleep(200);
    if (await until(() => this.linksAreUp(paths), LINKS_WITHIN_MS)) return;
    throw new Error(`never up: ${watch.missing().join(', ')}`);
  }

  rehearsed(): Promise<void> {
    return bounded(this.#started.gateway.rehearsed, REHEARSED_WITHIN_MS, 'the end of the rehearsal');
  }

  /** Registers an action for the rig's end. */
  alsoClose(close: () => Promise<unknown>): void {
    this.#open.unshift(close);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  #isRunning(): boolean {
    try {
      return this.residentMb() > 0;
    } catch {
      // The process has no entry under /proc any more.
      return false;
    }
  }

  get #started(): Parts {
    if (this.#parts === undefined) throw new Error('the stand has not started');
    return this.#parts;
  }

  async #start(paths: readonly BenchPath[], { elsewhere = [], from = {} }: StandOptions): Promise<void> {
    const site = await writePathSite(this.#directory, paths);
    const simulated = readSite(site.file, 1);
    const walls = new PathWalls(site, (id, status, atMs) => this.book.told(id, status, atMs));
    this.#open.unshift(() => walls.close());
    const played = paths.flatMap(({ id }) => (elsewhere.includes(id) ? [] : [id]));
    const ends = await startFarEnds(simulated, { paths: played, tls: site.tls });
    this.#open.unshift(() => ends.close());
    for (const { path, why } of ends.unplayed) throw new Error(`path ${path}: ${why}`);
    for (const end of ends.all) this.book.watch(end);
    for (const [path, how] of Object.entries(from)) await ends.of(path).behave(how);
    this.#open.unshift(() => endOwnGateways(site.file));
    const starting = startCompiledGateway(site.file, site.data, SERVICE_FLAGS);
    const gateway = await bounded(starting, START_WITHIN_MS, 'the gateway to start');
    this.#open.unshift(() => bounded(gateway.stop(), STOP_WITHIN_MS, 'the gateway to stop'));
    const watch = watchAlerts(site.mqttPort, GATEWAY, MQTT_USER, site.mqttPassword);
    this.#open.unshift(() => watch.close());
    watch.onAlert((alert) => this.book.published(alert, monoMs()));
    this.#parts = { simulated, walls, ends, gateway, watch };
  }

  async #stop(): Promise<void> {
    const faults: unknown[] = [];
    for (const close of this.#open.splice(0)) {
      try {
        await close();
      } catch (error) {
        faults.push(error);
      }
    }
    rmSync(this.#directory, { recursive: true, force: true });
    STANDS.delete(this);
    if (faults.length > 0) throw faults[0];
  }
}

interface Parts {
  readonly simulated: SimulatedSite;
  readonly walls: PathWalls;
  readonly ends: FarEnds;
  readonly gateway: GatewayUnderTest;
  readonly watch: AlertWatch;
}
