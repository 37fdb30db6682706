import fs from 'node:fs';
import { loadStructIoctl } from '../system/libc.ts';
import { chipFiles } from './gpio-chip-files.ts';
import { bcmNumber, hasHeader } from './gpio-header.ts';
import {
  CHIP_INFO_BYTES,
  GPIO_GET_CHIPINFO_IOCTL,
  GPIO_V2_GET_LINEINFO_IOCTL,
  lineInfoArgument,
  readChipInfo,
  readLineInfo,
} from './gpio-line-info.ts';

/** One chip as the kernel describes it. To look at it takes no line. */
export interface ChipLines {
  readonly path: string;
  readonly label: string;
  /** By offset. */
  readonly lines: readonly LineUser[];
}

interface LineUser {
  readonly name: string;
  /** Who holds the line; `undefined`: nobody. */
  readonly user: string | undefined;
}

/**
 * Reads the lines of one chip.
 *
 * @throws Error if it is no GPIO chip or may not be opened
 */
export async function readChip(path: string): Promise<ChipLines> {
  const ioctl = await loadStructIoctl();
  const fd = fs.openSync(path, 'r');
  try {
    const chip = new Uint8Array(CHIP_INFO_BYTES);
    ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, chip);
    const { label, lines: count } = readChipInfo(chip);
    const lines = Array.from({ length: count }, (_, offset) => {
      const argument = lineInfoArgument(offset);
      ioctl(fd, GPIO_V2_GET_LINEINFO_IOCTL, argument);
      const { name, consumer, used } = readLineInfo(argument);
      return { name, user: used ? consumer || 'the kernel' : undefined };
    });
    return { path, label, lines };
  } catch (cause) {
    throw new Error(`${path} is not a GPIO chip, or its kernel is older than 5.10`, { cause });
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * The chip that is meant: a device file, a label, or the one that has most of these lines.
 *
 * @throws Error if a chip cannot be read
 */
export async function chipFor(
  chip: string | undefined,
  names: readonly string[],
  directory?: string,
): Promise<ChipLines | undefined> {
  const paths = chip?.startsWith('/') === true ? [chip] : chipFiles(directory);
  const all = await Promise.all(paths.map(readChip));
  const suiting = chip === undefined || chip.startsWith('/') ? all : all.filter(({ label }) => label === chip);
  const rank = (each: ChipLines) =>
    2 * names.filter((name) => lineOf(each, name)).length + Number(hasHeader(each.label));
  return suiting.reduce<ChipLines | undefined>(
    (best, each) => (best === undefined || rank(each) > rank(best) ? each : best),
    undefined,
  );
}

/** The kernel's name of a line comes first; without one, GPIO17 is line 17 of a Pi's header. */
export function lineOf({ label, lines }: ChipLines, name: string): LineUser | undefined {
  const named = lines.find((line) => line.name === name);
  if (named !== undefined || !hasHeader(label)) return named;
  const number = bcmNumber(name);
  return number === undefined ? undefined : lines[number];
}
