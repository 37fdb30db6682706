import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { Waiting } from './waiting.ts';

const PATIENCE_MS = 30_000;
const root = fileURLToPath(new URL('../../../', import.meta.url));

export const CALLPOINT = 'gateway/cli/main.ts';
export const SIM = 'device-sim/cli/main.ts';
export const START = 'device-sim/start.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns how to start a script of the project: compiled, or from source as `npm start` does. */
export function nodeArguments(script: string, how: 'compiled' | 'source' = 'compiled'): string[] {
  if (how === 'source') return ['--import', import.meta.resolve('tsx'), script];
  return [join(inject('compiled'), script.replace(/\.ts$/, '.js'))];
}

export interface CommandOptions {
  /** By default the project's root. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A line of sh to run first, such as a `ulimit`. */
  readonly shell?: string;
  /** True to run from source, as in development. By default it runs compiled, as on the gateway. */
  readonly source?: boolean;
  /** Descriptor for its stderr, in place of a pipe that is read. */
  readonly stderr?: number;
  /** True for an open input, as at a terminal. By default there is none. */
  readonly input?: boolean;
}

/** A command in its own process, as a person or a service manager runs it. */
export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  readonly #waiting = new Waiting();

  constructor(script: string, args: readonly string[], options: CommandOptions = {}) {
    const node = [process.execPath, ...nodeArguments(script, options.source ? 'source' : 'compiled'), ...args];
    const [file = '', ...rest] =
      options.shell === undefined ? node : ['sh', '-c', `${options.shell}; exec "$@"`, 'sh', ...node];
    this.child = spawn(file, rest, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: [options.input ? 'pipe' : 'ignore', 'pipe', options.stderr ?? 'pipe'],
    });
    this.child.stdout?.on('data', (bytes: Buffer) => {
      this.#stdout += bytes;
      this.#waiting.check();
    });
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.#stderr += bytes;
      this.#waiting.check();
    });
    this.ended = once(this.child, 'close').then(([code]: (number | null)[]) => {
      return { code: code ?? null, stdout: this.#stdout, stderr: this.#stderr };
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when the output so far, on stdout or stderr, matches. */
  async says(words: RegExp): Promise<RegExpExecArray> {
    const both = () => `${this.#stdout}\n${this.#stderr}`;
    await this.#waiting.until(String(words), () => words.test(both()), both, PATIENCE_MS);
    const match = words.exec(both());
    if (match === null) throw new Error('what was printed is gone');
    return match;
  }

  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Ended> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  /** Ends the process in any state, for clean-up. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

export function callpoint(...args: string[]): Promise<Ended> {
  return new Command(CALLPOINT, args).ended;
}

export function sim(...args: string[]): Promise<Ended> {
  return new Command(SIM, args).ended;
}
