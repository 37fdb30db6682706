import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the program can be started. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['-v']).error === undefined;
}

/** No process outlives a test run, even a killed one: `timeout` ends it with all its children. */
const LIFETIME_SECONDS = 60;
const PATIENCE_MS = 10_000;

/** An independent program that listens on TCP, in its own directory. */
export class SipProgram {
  readonly directory = mkdtempSync(join(tmpdir(), 'callpoint-sip-'));
  output = '';
  #child: ChildProcess | undefined;

  start(program: string, args: readonly string[]): void {
    const bounded = ['--kill-after=2', String(LIFETIME_SECONDS), program, ...args];
    this.#child = spawn('timeout', bounded, { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
  }

  /** Resolves when the program takes connections. */
  async listening(port: number): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (!(await takesConnections(port))) {
      if (performance.now() > until || this.#ended) throw new Error(`nothing listens on ${port}: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Exit code of a program that ends by itself. */
  async ended(): Promise<number | null> {
    if (this.#child !== undefined && !this.#ended) await once(this.#child, 'close');
    return this.#child?.exitCode ?? null;
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined && !this.#ended) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'close');
    }
    rmSync(this.directory, { recursive: true });
  }

  get #ended(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
