import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { nodeArguments } from './processes.ts';
import { Waiting } from './waiting.ts';

/** A command at a terminal of its own, which script(1) makes, as a person runs it. */
export class AtTerminal {
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Waiting();
  #screen = '';

  constructor(script: string, args: readonly string[]) {
    const words = [process.execPath, ...nodeArguments(script), ...args];
    const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    this.#child = spawn('script', ['-qec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (bytes: Buffer) => {
      this.#screen += bytes;
      this.#waiting.check();
    });
    this.ended = once(this.#child, 'close').then(([code]: (number | null)[]) => code ?? null);
  }

  /** All that the terminal has shown. */
  get screen(): string {
    return this.#screen;
  }

  /** Types the answer and Enter, once the question is on the screen. */
  async answer(question: string, answer: string): Promise<void> {
    const isAsked = () => this.#screen.includes(question);
    await this.#waiting.until(`the question ${question}`, isAsked, () => this.#screen);
    this.#child.stdin?.write(`${answer}\r`);
  }
}
