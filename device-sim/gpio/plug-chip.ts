import fs from 'node:fs';
import { openEventPipe } from './event-pipe.ts';
import { type Drive, GpioChip, type Level } from './gpio-chip.ts';
import { answerIoctls } from './libc-shim.ts';

interface GpioChipOptions {
  /** Path of its device file. */
  readonly path: string;
  readonly label: string;
  /** Line names, by offset. */
  readonly lines: readonly string[];
}

/** A GPIO chip that the programs of this process find at its device file. */
export class PluggedChip {
  readonly path: string;
  readonly label: string;
  readonly #chip: GpioChip;
  #endAnswers: (() => void) | undefined;

  constructor({ path, label, lines }: GpioChipOptions) {
    this.path = path;
    this.label = label;
    const name = path.slice(path.lastIndexOf('/') + 1);
    this.#chip = new GpioChip(
      { name, label, lines },
      (answer) => {
        let endAnswers: (() => void) | undefined;
        const queue = openEventPipe(() => endAnswers?.());
        endAnswers = answerIoctls(queue.fd, answer);
        return queue;
      },
      () => process.hrtime.bigint(),
    );
    this.replug();
  }

  /** Drives a line from outside, or leaves it to its bias. */
  drive(line: string, drive: Drive): void {
    this.#chip.drive(line, drive);
  }

  /** Changes the line but loses the interrupt. */
  driveUnnoticed(line: string, drive: Drive): void {
    this.#chip.driveUnnoticed(line, drive);
  }

  level(line: string): Level {
    return this.#chip.level(line);
  }

  /** Returns the lines in use with the name of each consumer. */
  get held(): ReadonlyMap<string, string> {
    return this.#chip.held;
  }

  /**
   * Calls back with each level that an output takes, including the first. Returns a function that
   * removes the listener.
   */
  onOutput(listener: (line: string, level: Level) => void): () => void {
    return this.#chip.onOutput(listener);
  }

  occupy(line: string, consumer: string): void {
    this.#chip.occupy(line, consumer);
  }

  /** Lets the kernel refuse requests for a line that nobody is shown to hold, until it is free. */
  refuse(line: string, errno: number): void {
    this.#chip.refuse(line, errno);
  }

  free(line: string): void {
    this.#chip.free(line);
  }

  /** Removes the device file and hangs up every descriptor of it. A second call does nothing. */
  unplug(): void {
    if (this.#endAnswers === undefined) return;
    fs.rmSync(this.path, { force: true });
    this.#chip.remove();
    this.#endAnswers();
    this.#endAnswers = undefined;
  }

  replug(): void {
    if (this.#endAnswers !== undefined) return;
    const fd = fs.openSync(this.path, 'w');
    this.#endAnswers = answerIoctls(fd, (request, argument) => this.#chip.ioctl(request, argument));
    fs.closeSync(fd);
    this.#chip.restore();
  }
}

export function plugGpioChip(options: GpioChipOptions): PluggedChip {
  return new PluggedChip(options);
}
