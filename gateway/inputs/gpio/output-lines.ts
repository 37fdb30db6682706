import fs from 'node:fs';
import { GPIO_V2_LINE_GET_VALUES_IOCTL, GPIO_V2_LINE_SET_VALUES_IOCTL, type Level, LineValues } from './linux-gpio.ts';
import type { SystemCalls } from './system-calls.ts';

/** Output lines of one request. They keep their level until the next write. */
export class OutputLines {
  readonly #calls: SystemCalls;
  readonly #fd: number;
  readonly #values = new LineValues();
  #closed = false;

  /** @param fd of the line request, which is closed with this */
  constructor(calls: SystemCalls, fd: number) {
    this.#calls = calls;
    this.#fd = fd;
  }

  /** @throws SystemError if the chip is gone */
  write(index: number, level: Level): void {
    this.#values.setOnly(index, level);
    this.#calls.ioctl(this.#fd, GPIO_V2_LINE_SET_VALUES_IOCTL, this.#values.bytes);
  }

  /** @throws SystemError if the chip is gone */
  prove(): void {
    this.#values.ask(1);
    this.#calls.ioctl(this.#fd, GPIO_V2_LINE_GET_VALUES_IOCTL, this.#values.bytes);
  }

  /** The lines are free for others when this returns. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    fs.closeSync(this.#fd);
  }
}
