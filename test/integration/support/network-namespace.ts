import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const FAR_RECEIVER = fileURLToPath(new URL('far-receiver.ts', import.meta.url));

function ip(...args: string[]): boolean {
  return spawnSync('ip', args).status === 0;
}

/**
 * A network namespace behind a cable: a pair of virtual Ethernet interfaces, one here and one
 * there.
 */
export class FarNetwork {
  readonly #name: string;
  readonly #net: number;
  #child: ChildProcess | undefined;

  private constructor(name: string, net: number) {
    this.#name = name;
    this.#net = net;
  }

  /** Returns `undefined` where none can be made: it needs root and iproute2. */
  static open(): FarNetwork | undefined {
    // The addresses are reserved for benchmarks (RFC 2544), so they do not collide with this
    // machine's.
    const net = process.pid % 250;
    const far = new FarNetwork(`cp-test-${process.pid}`, net);
    if (far.#build()) return far;
    far.close();
    return undefined;
  }

  get here(): string {
    return `198.18.${this.#net}.1`;
  }

  get there(): string {
    return `198.18.${this.#net}.2`;
  }

  /** Starts a receiver there. Resolves with its port, for TCP and UDP. */
  async receiver(): Promise<number> {
    const node = [process.execPath, '--import', import.meta.resolve('tsx'), FAR_RECEIVER, this.there];
    const child = spawn('ip', ['netns', 'exec', this.#name, ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const [, port] = /^port (\d+)$/.exec(line) ?? [];
      if (port !== undefined) return Number(port);
    }
    throw new Error('the receiver did not start');
  }

  /** Drops packets from there silently, or stops dropping them. */
  swallow(on: boolean): void {
    this.#must('-n', this.#name, 'route', on ? 'add' : 'del', 'blackhole', `${this.here}/32`);
  }

  /** Unplugs the far end, or plugs it in again. */
  plug(isIn: boolean): void {
    this.#must('-n', this.#name, 'link', 'set', 'far0', isIn ? 'up' : 'down');
  }

  /** Removes this machine's address there, as at the end of a lease, or adds it again. */
  address(isOurs: boolean): void {
    this.#must('addr', isOurs ? 'add' : 'del', `${this.here}/30`, 'dev', this.#nearEnd);
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    ip('link', 'del', this.#nearEnd);
    ip('netns', 'del', this.#name);
  }

  get #nearEnd(): string {
    return `cpt${process.pid}`.slice(0, 15);
  }

  #build(): boolean {
    const name = this.#name;
    const near = this.#nearEnd;
    return (
      ip('netns', 'add', name) &&
      ip('link', 'add', near, 'type', 'veth', 'peer', 'name', 'far0', 'netns', name) &&
      ip('addr', 'add', `${this.here}/30`, 'dev', near) &&
      ip('link', 'set', near, 'up') &&
      ip('-n', name, 'addr', 'add', `${this.there}/30`, 'dev', 'far0') &&
      ip('-n', name, 'link', 'set', 'far0', 'up')
    );
  }

  #must(...args: string[]): void {
    if (!ip(...args)) throw new Error(`ip ${args.join(' ')} failed`);
  }
}
