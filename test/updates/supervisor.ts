import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { monoMs } from '../../gateway/system/clock.ts';
import type { Place } from './place.ts';

interface SupervisorOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** As `RestartSec` of the unit. */
  readonly restartMs: number;
  /** How the process of the gateway is started: `chrt -f 10`. */
  readonly wrapper?: readonly string[];
  readonly onLine: (line: string) => void;
}

/** One start of the gateway. */
export interface Run {
  readonly pid: number;
  readonly startedMs: number;
  /** It was not killed by the rig, and not by a signal of its own. */
  exit?: { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly atMs: number };
  killed: boolean;
}

/**
 * What systemd does with callpoint.service: before each start `before-start`, after each end a new
 * start, for ever.
 */
export class Supervisor {
  readonly runs: Run[] = [];
  readonly #place: Place;
  readonly #options: SupervisorOptions;
  readonly #ended = new Set<(run: Run) => void>();
  #child: ChildProcess | undefined;
  #isWanted = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(place: Place, options: SupervisorOptions) {
    this.#place = place;
    this.#options = options;
  }

  get run(): Run | undefined {
    return this.#child === undefined ? undefined : this.runs.at(-1);
  }

  onEnd(listener: (run: Run) => void): void {
    this.#ended.add(listener);
  }

  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#loop = this.#keepRunning();
  }

  /** As a power cut does: nothing is started any more, and what runs is gone. */
  async cut(): Promise<void> {
    this.#isWanted = false;
    this.kill();
    await this.#loop;
  }

  /** As `systemctl stop` does. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    this.#child?.kill('SIGTERM');
    await this.#loop;
  }

  kill(): void {
    const run = this.run;
    if (run === undefined) return;
    run.killed = true;
    this.#child?.kill('SIGKILL');
  }

  async #keepRunning(): Promise<void> {
    while (this.#isWanted) {
      spawnSync(this.#place.beforeStart, { env: this.#place.environment, stdio: 'ignore' });
      await this.#runOnce();
      if (this.#isWanted) await sleep(this.#options.restartMs);
    }
  }

  #runOnce(): Promise<void> {
    const { site, data, launch, environment } = this.#place;
    const { wrapper = [], onLine } = this.#options;
    const [file = launch, ...args] = [...wrapper, launch, 'run', '--config', site, '--data', data];
    const startedMs = monoMs();
    const child = spawn(file, args, {
      cwd: '/',
      env: { ...environment, ...this.#options.environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const run: Run = { pid: child.pid ?? 0, startedMs, killed: false };
    this.runs.push(run);
    createInterface({ input: child.stderr }).on('line', onLine);
    return new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        run.exit = { code, signal, atMs: monoMs() };
        this.#child = undefined;
        for (const listener of this.#ended) listener(run);
        resolve();
      });
    });
  }
}
