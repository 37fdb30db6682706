import { chipFiles, DEVICE_DIRECTORY } from '../gpio-chip-files.ts';
import { GpioChip } from './gpio-chip.ts';
import { GpioTrouble } from './gpio-trouble.ts';
import type { SystemCalls } from './system-calls.ts';

/**
 * Opens the chip that is meant. The number of a chip differs from kernel to kernel (the header of a
 * Pi 5 was gpiochip4 and is gpiochip0), so that a label or the lines' names say it better than a
 * device file.
 *
 * @param chip device file or label; absent: the first chip that has all lines
 * @throws GpioTrouble
 */
export function findChip(
  calls: SystemCalls,
  chip: string | undefined,
  lines: readonly string[],
  directory: string = DEVICE_DIRECTORY,
): GpioChip {
  if (chip?.startsWith('/') === true) return withLines(new GpioChip(calls, chip), lines);
  const seen: string[] = [];
  let refused: unknown;
  for (const path of chipFiles(directory)) {
    let candidate: GpioChip;
    try {
      candidate = new GpioChip(calls, path);
    } catch (error) {
      refused ??= error;
      continue;
    }
    if (chip === undefined ? candidate.missing(lines).length === 0 : candidate.label === chip) {
      return withLines(candidate, lines);
    }
    seen.push(candidate.title);
    candidate.close();
  }
  // A chip that may not be looked into may be the one.
  if (refused !== undefined) throw refused;
  if (seen.length === 0)
    throw new GpioTrouble('absent', `this machine has no gpiochip: ${directory}/gpiochip* is not there`);
  const wanted = chip === undefined ? `has all of ${lines.join(', ')}` : `is labelled "${chip}"`;
  throw new GpioTrouble('absent', `no GPIO chip ${wanted}; this machine has ${seen.join(', ')}`);
}

function withLines(chip: GpioChip, lines: readonly string[]): GpioChip {
  const missing = chip.missing(lines);
  if (missing.length === 0) return chip;
  chip.close();
  throw new GpioTrouble('lines', `${chip.title} has no line ${missing.join(', ')}: "gpioinfo" lists the lines it has`);
}
