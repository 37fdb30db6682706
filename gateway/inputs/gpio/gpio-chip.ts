import fs from 'node:fs';
import { messageOf } from '../../../protocol/errors.ts';
import { codeOf, GpioTrouble, openTrouble } from './gpio-trouble.ts';
import {
  CHIP_INFO_BYTES,
  GPIO_GET_CHIPINFO_IOCTL,
  GPIO_V2_GET_LINE_IOCTL,
  GPIO_V2_GET_LINEINFO_IOCTL,
  type Level,
  type LineInfo,
  lineInfoArgument,
  lineRequestArgument,
  readChipInfo,
  readLineInfo,
  readRequestFd,
} from './linux-gpio.ts';
import type { SystemCalls } from './system-calls.ts';

/** What `gpioinfo` shows as the user of our lines. */
const CONSUMER = 'callpoint';

/**
 * One GPIO chip, open to be asked and for lines to be requested. Requested lines stay when it is
 * closed.
 */
export class GpioChip {
  readonly path: string;
  readonly label: string;
  readonly #calls: SystemCalls;
  readonly #fd: number;
  /** By line name; of two lines with one name the first. */
  readonly #offsets = new Map<string, number>();

  /** @throws GpioTrouble */
  constructor(calls: SystemCalls, path: string) {
    this.#calls = calls;
    this.path = path;
    try {
      this.#fd = fs.openSync(path, 'r+');
    } catch (error) {
      throw openTrouble(path, error);
    }
    try {
      const argument = new Uint8Array(CHIP_INFO_BYTES);
      calls.ioctl(this.#fd, GPIO_GET_CHIPINFO_IOCTL, argument);
      const { label, lines } = readChipInfo(argument);
      this.label = label;
      for (let offset = lines - 1; offset >= 0; offset--) this.#offsets.set(this.#lineInfo(offset).name, offset);
    } catch (error) {
      this.close();
      throw openTrouble(path, error);
    }
  }

  /** "/dev/gpiochip0 (pinctrl-rp1)" */
  get title(): string {
    return `${this.path} (${this.label})`;
  }

  /** Those of `names` that no line of this chip bears. */
  missing(names: readonly string[]): string[] {
    return names.filter((name) => !this.#offsets.has(name));
  }

  /** @throws GpioTrouble if the chip has no such line */
  offset(name: string): number {
    const offset = this.#offsets.get(name);
    if (offset === undefined) throw new GpioTrouble('lines', `${this.title} has no line ${name}`);
    return offset;
  }

  /**
   * Takes lines for this process until the returned descriptor is closed.
   *
   * @param levels makes outputs of them, at these levels
   * @throws GpioTrouble
   */
  request(names: readonly string[], flags: number, levels?: readonly Level[]): number {
    const offsets = names.map((name) => this.offset(name));
    const argument = lineRequestArgument(offsets, CONSUMER, flags, levels);
    try {
      this.#calls.ioctl(this.#fd, GPIO_V2_GET_LINE_IOCTL, argument);
    } catch (error) {
      throw this.#requestTrouble(names, error);
    }
    return readRequestFd(argument);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #lineInfo(offset: number): LineInfo {
    const argument = lineInfoArgument(offset);
    this.#calls.ioctl(this.#fd, GPIO_V2_GET_LINEINFO_IOCTL, argument);
    return readLineInfo(argument);
  }

  #requestTrouble(names: readonly string[], error: unknown): GpioTrouble {
    switch (codeOf(error)) {
      case 'EBUSY':
        return this.#busyTrouble(names);
      case 'ENODEV':
        return openTrouble(this.path, error);
      default:
        return new GpioTrouble(
          'failed',
          `${this.title} refuses ${names.join(', ')} (${codeOf(error)}: ${messageOf(error)}): can these lines report edges?`,
        );
    }
  }

  #busyTrouble(names: readonly string[]): GpioTrouble {
    for (const name of names) {
      const { used, consumer } = this.#lineInfo(this.offset(name));
      if (used) {
        const user = consumer === '' ? 'by another program or the kernel' : `by "${consumer}"`;
        return new GpioTrouble(
          'busy',
          `${name} of ${this.title} is in use ${user}: stop that program, or take the line out of the device tree`,
        );
      }
    }
    // Its user let go in between; the next probe gets it.
    return new GpioTrouble('busy', `${names.join(', ')} of ${this.title} were in use`);
  }
}
