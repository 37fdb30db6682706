import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodeSchedule, type Scheduled } from './schedule.ts';

/** The C program that plays the wall and the receiver (native/rig.c). */
export class Rig {
  /** TCP port of the receiver. */
  readonly port: number;
  /** Terminals of the lines. */
  readonly lines: readonly string[];
  readonly hasRealTimePriority: boolean;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #answers: AsyncIterator<string>;

  private constructor(child: ChildProcess, directory: string, answers: AsyncIterator<string>, ready: string) {
    const [, priority, port, ...lines] = ready.split(' ');
    this.#child = child;
    this.#directory = directory;
    this.#answers = answers;
    this.pid = child.pid ?? 0;
    this.port = Number(port);
    this.lines = lines;
    this.hasRealTimePriority = priority === 'fifo';
  }

  static async start(program: string, directory: string, lines: number): Promise<Rig> {
    const child = spawn(program, [String(lines)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return new Rig(child, directory, answers, await nextOf(answers));
  }

  /** Resolves when the last press is written. */
  async send(schedule: readonly Scheduled[]): Promise<void> {
    const file = join(this.#directory, 'presses');
    writeFileSync(file, encodeSchedule(schedule));
    await this.#ask(`send ${file}`);
  }

  /** Waits for this many event frames since `clear`, and returns how many there are. */
  async await(frames: number, withinMs: number): Promise<number> {
    return Number((await this.#ask(`await ${frames} ${Math.ceil(withinMs)}`)).split(' ')[1]);
  }

  /** Returns all records since `clear`. */
  async records(): Promise<Buffer> {
    const file = join(this.#directory, 'records');
    await this.#ask(`dump ${file}`);
    const records = readFileSync(file);
    rmSync(file);
    return records;
  }

  async clear(): Promise<void> {
    await this.#ask('clear');
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }

  async #ask(command: string): Promise<string> {
    this.#child.stdin?.write(`${command}\n`);
    return await nextOf(this.#answers);
  }
}

async function nextOf(answers: AsyncIterator<string>): Promise<string> {
  const { value, done } = await answers.next();
  if (done) throw new Error('the rig has ended');
  return value;
}
