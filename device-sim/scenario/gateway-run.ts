import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayCommand } from '../demo/gateway-process.ts';
import type { GatewayNeeds } from '../site/wire.ts';
import { killWithUs } from './leftovers.ts';

interface GatewayPlace {
  /** Directory of site.yaml, where the data and the log go as well. */
  readonly directory: string;
  readonly needs: GatewayNeeds;
}

const STOPPED_WITHIN_MS = 15_000;
const LAST_LINES = 12;

/** The gateway of a run, in a process of its own, which can be killed and started again. */
export class GatewayRun {
  readonly #place: GatewayPlace;
  readonly #onEnd: (how: string) => void;
  #child: ChildProcess | undefined;

  /** @param onEnd called when the process has ended, whoever ended it */
  constructor(place: GatewayPlace, onEnd: (how: string) => void) {
    this.#place = place;
    this.#onEnd = onEnd;
  }

  readonly isOurs = true;

  get data(): string {
    return join(this.#place.directory, 'data');
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  get config(): string {
    return join(this.#place.directory, 'site.yaml');
  }

  start(): void {
    if (this.#child !== undefined) throw new RangeError('the gateway runs already');
    const { needs } = this.#place;
    const log = openSync(join(this.#place.directory, 'gateway.log'), 'a');
    const run = ['run', '--config', this.config, '--data', this.data];
    const child = spawn(process.execPath, [...gatewayCommand(needs.nodeArguments), ...run], {
      env: { ...process.env, ...needs.environment },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    const callOff = child.pid === undefined ? () => undefined : killWithUs(child.pid);
    child.once('exit', (code, signal) => {
      callOff();
      this.#child = undefined;
      this.#onEnd(signal === null ? `with exit code ${code}` : `by ${signal}`);
    });
  }

  /** As a power cut: nothing is written any more. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    if (this.#child === undefined) return;
    // A process that was stopped by SIGSTOP would not take it.
    this.#child.kill('SIGCONT');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await this.#end('SIGTERM');
    clearTimeout(late);
  }

  /** @throws RangeError if it does not run */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGHUP'): void {
    this.#running.kill(signal);
  }

  /** The end of its log, for a person. */
  get lastLines(): string {
    try {
      const lines = readFileSync(join(this.#place.directory, 'gateway.log'), 'utf8').trimEnd().split('\n');
      return lines.slice(-LAST_LINES).join('\n');
    } catch {
      return ''; // it has not written any
    }
  }

  /** Runs another command of the gateway. Resolves with its exit code and what it wrote. */
  command(args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [...gatewayCommand([]), ...args], (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, text: `${stdout}${stderr}`.trim() });
      });
    });
  }

  get #running(): ChildProcess {
    if (this.#child === undefined)
      throw new RangeError('the gateway does not run: start it first, with gateway: start');
    return this.#child;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#running;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
