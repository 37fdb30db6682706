import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { monoMs } from '../../gateway/system/clock.ts';
import { endWithBench } from './children.ts';
import type { PressBook } from './press-book.ts';

const READY_WITHIN_MS = 60_000;
/** What a contestant is given to work with. */
export interface Place {
  /** An empty directory of this run. */
  readonly directory: string;
  readonly book: PressBook;
  /** Terminals of the lines. */
  readonly lines: readonly string[];
  readonly receiverPort: number;
  readonly mqttPort: number;
  readonly connections: number;
  /** Priority of the process: −20 first, 19 last. */
  readonly nice: number;
  /** Libraries that are loaded into its process first. */
  readonly preload?: string;
}

export interface ContestantCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Each must have been in a line of its output before it is ready. */
  readonly readyWhen: readonly string[];
  /** Default: a minute. */
  readonly readyWithinMs?: number;
  /** In a line of its output when it has ended its own preparations, after it is ready. */
  readonly preparedWhen?: string;
}

export interface Contestant {
  readonly name: string;
  readonly kind: 'floor' | 'peer' | 'callpoint';
  /** Reports that it may have under way side by side. */
  readonly connections: (place: Place) => number;
  /** Writes what it needs, and says how it is started. A second start continues from there. */
  readonly prepare: (place: Place) => ContestantCommand;
}

/** A contestant that runs. */
export interface Running {
  readonly pid: number;
  /** From the start of the process until it said that it is ready. */
  readonly readyMs: number;
  readonly prepared: Promise<void>;
  readonly hasEnded: () => boolean;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** @throws Error with its last line of output if it ends before it is ready. */
export async function startContestant(
  command: ContestantCommand,
  { nice, preload }: Pick<Place, 'nice' | 'preload'>,
): Promise<Running> {
  const startedMs = monoMs();
  const child = spawn(command.program, command.arguments, {
    env: { ...process.env, ...command.environment, ...(preload !== undefined && { LD_PRELOAD: preload }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? 0;
  endWithBench(child);
  prefer(pid, nice);
  const ended = once(child, 'exit');
  const output = new Output(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), command.readyWithinMs ?? READY_WITHIN_MS);
  await Promise.race([
    Promise.all(command.readyWhen.map((text) => output.has(text))),
    ended.then(() => Promise.reject(new Error(`${command.program} ended before it was ready: ${output.last}`))),
  ]);
  clearTimeout(timer);
  return {
    pid,
    readyMs: monoMs() - startedMs,
    prepared: command.preparedWhen === undefined ? Promise.resolve() : output.has(command.preparedWhen),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    end: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}

/** Keeps no line but the last: a bench's own work must not grow with the contestant's output. */
class Output {
  last = '';
  readonly #waiting = new Map<string, () => void>();

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#line(line));
    }
  }

  has(text: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(text, resolve));
  }

  #line(line: string): void {
    this.last = line;
    for (const [text, resolve] of this.#waiting) {
      if (!line.includes(text)) continue;
      this.#waiting.delete(text);
      resolve();
    }
  }
}

function prefer(pid: number, nice: number): void {
  try {
    setPriority(pid, nice);
  } catch {
    // Only root may. Then every contestant has the usual priority.
    setPriority(pid, constants.priority.PRIORITY_NORMAL);
  }
}
