import fs from 'node:fs';
import { loadLibc } from '../system/libc.ts';
import { chipFiles } from './gpio-chip-files.ts';
import { bcmNumber, hasHeader } from './gpio-header.ts';

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

/*
 * Requests and layouts of Linux include/uapi/linux/gpio.h, uAPI v2: `struct gpiochip_info` (name,
 * label, number of lines) and `struct gpio_v2_line_info` (name, consumer, offset, number of
 * attributes, flags). The driver has its own: it also takes lines, and this must not know how.
 */
const GET_CHIPINFO = 0x8044b401;
const GET_LINEINFO = 0xc100b405;
const NAME_BYTES = 32;
const CHIP_BYTES = 68;
const LINE_BYTES = 256;
const OFFSET_AT = 64;
const FLAGS_AT = 72;
const FLAG_USED = 1;

/**
 * Reads the lines of one chip.
 *
 * @throws Error if it is no GPIO chip or may not be opened
 */
async function readChip(path: string): Promise<ChipLines> {
  const libc = await loadLibc();
  const ioctl: (fd: number, request: number, argument: Uint8Array) => number = libc.func(
    'int ioctl(int, unsigned long, _Inout_ void *)',
  );
  const fd = fs.openSync(path, 'r');
  const ask = (request: number, argument: Buffer): Buffer => {
    if (ioctl(fd, request, argument) < 0)
      throw new Error(`${path} is not a GPIO chip, or its kernel is older than 5.10`);
    return argument;
  };
  try {
    const chip = ask(GET_CHIPINFO, Buffer.alloc(CHIP_BYTES));
    const count = chip.readUInt32LE(2 * NAME_BYTES);
    const lines = Array.from({ length: count }, (_, offset) => {
      const argument = Buffer.alloc(LINE_BYTES);
      argument.writeUInt32LE(offset, OFFSET_AT);
      const line = ask(GET_LINEINFO, argument);
      const isUsed = (line.readUInt32LE(FLAGS_AT) & FLAG_USED) !== 0;
      return { name: textAt(line, 0), user: isUsed ? textAt(line, NAME_BYTES) || 'the kernel' : undefined };
    });
    return { path, label: textAt(chip, NAME_BYTES), lines };
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

function textAt(bytes: Buffer, at: number): string {
  const field = bytes.subarray(at, at + NAME_BYTES);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? NAME_BYTES : end);
}
