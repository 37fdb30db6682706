import fs from 'node:fs';
import { messageOf } from '../../../protocol/errors.ts';
import { errorCode } from '../../system/error-code.ts';
import { bcmNumber, hasHeader } from '../gpio-header.ts';
import {
  CHIP_INFO_BYTES,
  GPIO_GET_CHIPINFO_IOCTL,
  GPIO_V2_GET_LINEINFO_IOCTL,
  type LineInfo,
  lineInfoArgument,
  readChipInfo,
  readLineInfo,
} from '../gpio-line-info.ts';
import { busyTrouble, GpioTrouble, openTrouble } from './gpio-trouble.ts';
import { GPIO_V2_GET_LINE_IOCTL, type Level, lineRequestArgument, readRequestFd } from './linux-gpio.ts';
import type { SystemCalls } from './system-calls.ts';

/** What `gpioinfo` shows as the user of our lines. */
const CONSUMER = 'callpoint';
/** A text names no more lines of a chip than this. */
const NAMES_MAX = 12;

/**
 * One GPIO chip, open to be asked and for lines to be requested. Requested lines stay when it is
 * closed.
 */
export class GpioChip {
  readonly path: string;
  readonly label: string;
  /** Its lines 0 to 27 are the 40-pin header of a Raspberry Pi. */
  readonly isHeader: boolean;
  readonly #calls: SystemCalls;
  readonly #fd: number;
  readonly #lineCount: number;
  /** By line name; of two lines with one name the first. */
  readonly #offsets = new Map<string, number>();
  readonly #used = new Set<number>();

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
      this.isHeader = hasHeader(label);
      this.#lineCount = lines;
      for (let offset = lines - 1; offset >= 0; offset--) {
        const { name, used } = this.#lineInfo(offset);
        if (name !== '') this.#offsets.set(name, offset);
        if (used) this.#used.add(offset);
      }
    } catch (error) {
      this.close();
      throw openTrouble(path, error);
    }
  }

  /** "/dev/gpiochip0 (pinctrl-rp1)" */
  get title(): string {
    return `${this.path} (${this.label})`;
  }

  /**
   * Offset of the line that is meant, if the chip has it. The kernel's name for a line is exact and
   * comes first: a carrier board may call another line GPIO4, and that is what `gpioinfo` shows.
   * Where no line bears the name, GPIO4 is the Pi's BCM number.
   */
  offset(name: string): number | undefined {
    const named = this.#offsets.get(name);
    if (named !== undefined || !this.isHeader) return named;
    const number = bcmNumber(name);
    return number !== undefined && number < this.#lineCount ? number : undefined;
  }

  /** Those of `names` that the chip has no line for. */
  missing(names: readonly string[]): string[] {
    return names.filter((name) => this.offset(name) === undefined);
  }

  /** True if somebody held the line when the chip was opened. */
  isUsed(offset: number): boolean {
    return this.#used.has(offset);
  }

  /** The chip has no such line, and what it has. */
  missingTrouble(name: string): GpioTrouble {
    const names = [...this.#offsets].sort(([, a], [, b]) => a - b).map(([line]) => line);
    const listed = names.slice(0, NAMES_MAX).join(', ');
    const more = names.length > NAMES_MAX ? ' …' : '';
    const bcm = this.isHeader ? `GPIO0 to GPIO${this.#lineCount - 1}` : '';
    const has = [bcm, names.length === 0 ? '' : `${listed}${more}`]
      .filter((part) => part !== '')
      .join(', also called ');
    const what = has === '' ? `${this.#lineCount} lines, none of which has a name` : has;
    return new GpioTrouble('lines', `there is no line ${name}: the chip has ${what} ("gpioinfo" lists them)`);
  }

  /**
   * Takes lines for this process until the returned descriptor is closed: all or none of them.
   *
   * @param names of the lines, for the text of a trouble
   * @param levels makes outputs of them, at these levels
   * @throws GpioTrouble
   */
  request(offsets: readonly number[], names: readonly string[], flags: number, levels?: readonly Level[]): number {
    const argument = lineRequestArgument(offsets, CONSUMER, flags, levels);
    try {
      this.#calls.ioctl(this.#fd, GPIO_V2_GET_LINE_IOCTL, argument);
    } catch (error) {
      throw this.#requestTrouble(offsets, names, error);
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

  #requestTrouble(offsets: readonly number[], names: readonly string[], error: unknown): GpioTrouble {
    switch (errorCode(error)) {
      case 'EBUSY':
        return this.#busyTrouble(offsets, names);
      case 'ENODEV':
        return openTrouble(this.path, error);
      default:
        return new GpioTrouble(
          'failed',
          `the kernel refuses ${names.join(', ')} (${errorCode(error)}: ${messageOf(error)}): use another line`,
        );
    }
  }

  #busyTrouble(offsets: readonly number[], names: readonly string[]): GpioTrouble {
    for (const [index, offset] of offsets.entries()) {
      const { used, consumer } = this.#lineInfo(offset);
      if (used) return busyTrouble(names[index] ?? '', consumer);
    }
    // Its user let go in between, and the next try gets it; or nobody may know who it is.
    return busyTrouble(names.join(', '), '');
  }
}
