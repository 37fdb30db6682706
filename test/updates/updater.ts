import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './place.ts';

/** Longer than a broken release of the rig stays up, s. */
const SETTLE_S = '2';
/** Whatever of the site is lost for good is counted as lost by then. */
const TRIAL_MINUTES = '2';

/** `callpoint update`, and the service that watches a trial when the command has ended. */
export class Updater {
  readonly #place: Place;
  #command: ChildProcess | undefined;
  #service: ChildProcess | undefined;
  /** What the command printed, and its exit code. */
  output = '';
  code: number | null | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  get isBusy(): boolean {
    return this.#command !== undefined;
  }

  get isWatched(): boolean {
    return this.#command !== undefined || this.#service !== undefined;
  }

  get hasTrial(): boolean {
    return existsSync(join(this.#place.releases, 'trial'));
  }

  /** What became of the last update. */
  get decision():
    | {
        readonly id: string;
        readonly result: string;
        readonly reasons: readonly string[];
        readonly notes: readonly string[];
      }
    | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#place.releases, 'last-update'), 'utf8'));
    } catch {
      return undefined;
    }
  }

  update(file: string, wait: boolean): void {
    const { keys } = this.#place;
    const options = ['--keys', keys, '--settle', SETTLE_S, '--trial', TRIAL_MINUTES, '--allow-older', '--json'];
    this.output = '';
    this.code = undefined;
    const command = this.#run([file, ...options, ...(wait ? ['--wait'] : [])]);
    this.#command = command;
    command.once('exit', (code) => {
      this.code = code;
      if (this.#command === command) this.#command = undefined;
    });
  }

  /** As callpoint-update.service does, at boot and when a trial is left alone. */
  resume(): void {
    if (this.#service !== undefined) return;
    const service = this.#run(['--resume']);
    this.#service = service;
    service.once('exit', () => {
      if (this.#service === service) this.#service = undefined;
    });
  }

  killCommand(): void {
    this.#command?.kill('SIGKILL');
  }

  killService(): void {
    this.#service?.kill('SIGKILL');
  }

  #run(args: readonly string[]): ChildProcess {
    const { launch, environment, site, data } = this.#place;
    const all = ['update', ...args, '--config', site, '--data', data];
    const child = spawn(launch, all, { cwd: '/', env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        this.output = `${this.output}${bytes}`.slice(-4_000);
      });
    }
    return child;
  }
}
