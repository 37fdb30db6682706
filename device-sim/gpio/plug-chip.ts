import fs from 'node:fs';
import { openEventPipe } from './event-pipe.ts';
import { type Drive, GpioChip, type Level } from './gpio-chip.ts';
import { answerIoctls } from './libc-shim.ts';

interface GpioChipOptions {
  /** Where its device file appears. */
  readonly path: string;
  readonly label: string;
  /** Line names, by offset. */
  readonly lines: readonly string[];
}

/** A GPIO chip that programs of this process find at its device file. */
export class PluggedChip {
  readonly path: string;
  readonly #chip: GpioChip;
  #endAnswers: (() => void) | undefined;

  constructor({ path, label, lines }: GpioChipOptions) {
    this.path = path;
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

  /** Drives a line from outside, or leaves it to its pull. */
  drive(line: string, drive: Drive): void {
    this.#chip.drive(line, drive);
  }

  /** The line changes and the interrupt is lost. */
  driveUnnoticed(line: string, drive: Drive): void {
    this.#chip.driveUnnoticed(line, drive);
  }

  level(line: string): Level {
    return this.#chip.level(line);
  }

  /** Lines that somebody holds, with the consumer's name. */
  get held(): ReadonlyMap<string, string> {
    return this.#chip.held;
  }

  /** Told of each level an output takes, the first one included. Returns how to stop listening. */
  onOutput(listener: (line: string, level: Level) => void): () => void {
    return this.#chip.onOutput(listener);
  }

  occupy(line: string, consumer: string): void {
    this.#chip.occupy(line, consumer);
  }

  free(line: string): void {
    this.#chip.free(line);
  }

  /** The device file goes, and all that is open of it hangs up. May be called twice. */
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
