import type { ChildProcess } from 'node:child_process';
import { forkModule } from '../system/fork-module.ts';

interface ResolverLimits {
  /** The process ends after this time without a question, to give its memory back. */
  readonly idleMs: number;
  /** Longest look-up. */
  readonly longestMs: number;
}

/** Longer than the gateway waits between look-ups while a name server is away. */
const LIMITS: ResolverLimits = { idleMs: 30_000, longestMs: 60_000 };
const HEAP_MB = 32;
/** Half of them may look names up. The rest is libuv's reserve. */
const THREADS = '32';
/** The file that resolver(5) reads. */
const RESOLVER_VARIABLES = ['LOCALDOMAIN', 'RES_OPTIONS', 'HOSTALIASES'];

interface Waiter {
  resolve(addresses: readonly string[]): void;
  reject(error: Error): void;
}

/** A name that is being looked up. */
interface Asked {
  readonly waiters: Waiter[];
  readonly late: NodeJS.Timeout;
}

/**
 * Looks names up with the system's resolver in a process of its own, many at once. Nothing in the
 * gateway waits for a look-up that hangs.
 */
export class NameResolver {
  readonly #limits: ResolverLimits;
  readonly #asked = new Map<string, Asked>();
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(limits: ResolverLimits = LIMITS) {
    this.#limits = limits;
  }

  /** The pid of the process, while there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Callers that ask during a look-up get its answer. Rejects if there is none. */
  lookup(host: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) return reject(new Error('stopped'));
      clearTimeout(this.#idle);
      const asked = this.#asked.get(host);
      if (asked !== undefined) return void asked.waiters.push({ resolve, reject });
      this.#asked.set(host, { waiters: [{ resolve, reject }], late: this.#limit() });
      this.#ask(host);
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#idle);
    this.#end(new Error('stopped'));
  }

  #limit(): NodeJS.Timeout {
    const { longestMs } = this.#limits;
    return setTimeout(() => this.#end(new Error(`no answer in ${longestMs} ms`)), longestMs).unref();
  }

  #ask(host: string): void {
    try {
      this.#child ??= this.#start();
      // A process that cannot be asked will end, or the time limit ends the look-up. Either is
      // reported.
      this.#child.send({ host }, () => undefined);
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #start(): ChildProcess {
    const env: NodeJS.ProcessEnv = { UV_THREADPOOL_SIZE: THREADS };
    for (const name of RESOLVER_VARIABLES) {
      const value = process.env[name];
      if (value !== undefined) env[name] = value;
    }
    const child = forkModule(new URL('./name-process', import.meta.url), import.meta.url, env, HEAP_MB);
    child.stdout?.resume();
    child.stderr?.resume();
    child.on('message', (message) => this.#answered(message as { host: string; addresses: readonly string[] }));
    child.on('error', (error) => this.#lost(child, error));
    child.on('exit', (code, signal) => this.#lost(child, new Error(`the process ended (${signal ?? code})`)));
    return child;
  }

  #answered({ host, addresses }: { readonly host: string; readonly addresses: readonly string[] }): void {
    const asked = this.#asked.get(host);
    if (asked === undefined) return;
    this.#asked.delete(host);
    clearTimeout(asked.late);
    for (const { resolve, reject } of asked.waiters) {
      if (addresses.length > 0) resolve(addresses);
      else reject(new Error(`${host} has no address`));
    }
    if (this.#asked.size > 0) return;
    this.#idle = setTimeout(() => this.#end(new Error('idle')), this.#limits.idleMs).unref();
  }

  #lost(child: ChildProcess, error: Error): void {
    if (child === this.#child) this.#end(error);
  }

  /** Ends the process, and every look-up with it. */
  #end(error: Error): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { waiters, late } of asked) {
      clearTimeout(late);
      for (const { reject } of waiters) reject(error);
    }
  }
}
