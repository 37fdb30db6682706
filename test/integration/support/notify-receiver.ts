import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Waiting } from './waiting.ts';

const RECEIVER = fileURLToPath(new URL('./notify-receiver.py', import.meta.url));
const PATIENCE_MS = 30_000;

interface Notice {
  readonly text: string;
  /** The process that sent it, as the kernel says. */
  readonly pid: number;
}

/**
 * A service manager that only listens. Node can't: it has no datagram sockets of the local kind.
 */
export class NotifyReceiver {
  readonly notices: Notice[] = [];
  readonly #child;
  readonly #waiting = new Waiting();

  constructor(name: string) {
    this.#child = spawn('python3', [RECEIVER, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.notices.push(JSON.parse(line));
      this.#waiting.check();
    });
  }

  static async open(name: string): Promise<NotifyReceiver> {
    const receiver = new NotifyReceiver(name);
    await receiver.has('bound', 1);
    return receiver;
  }

  count(text: string): number {
    return this.notices.filter((notice) => notice.text === text).length;
  }

  /** Resolves when this datagram has come so many times. */
  async has(text: string, times: number): Promise<void> {
    const all = () => this.notices.map((notice) => notice.text).join('\n');
    await this.#waiting.until(`${text} × ${times}`, () => this.count(text) >= times, all, PATIENCE_MS);
  }

  /** Resolves when so many more of this datagram have come than now. */
  async hasMore(text: string, more: number): Promise<void> {
    await this.has(text, this.count(text) + more);
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
