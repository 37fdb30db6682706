import { chipFiles, DEVICE_DIRECTORY } from '../gpio-chip-files.ts';
import { GpioChip } from './gpio-chip.ts';
import { allTroubles, GpioTrouble } from './gpio-trouble.ts';
import type { SystemCalls } from './system-calls.ts';

/**
 * Opens the chip that is meant. The number of a chip differs from kernel to kernel (the header of a
 * Pi 5 was gpiochip4 and is gpiochip0), so that a label or the lines' names say it better than a
 * device file.
 *
 * @param chip device file or label; absent: the chip that has most of the lines. Among equals a
 *   Pi's header goes before an expander with the same names, then the lower number.
 * @throws GpioTrouble if there is no such chip, or it has none of the lines
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
  let best: GpioChip | undefined;
  for (const path of chipFiles(directory)) {
    let candidate: GpioChip;
    try {
      candidate = new GpioChip(calls, path);
    } catch (error) {
      refused ??= error;
      continue;
    }
    seen.push(candidate.title);
    const suits = chip === undefined ? hasSome(candidate, lines) : candidate.label === chip;
    if (suits && (best === undefined || (chip === undefined && rank(candidate, lines) > rank(best, lines)))) {
      best?.close();
      best = candidate;
    } else candidate.close();
  }
  // A chip that may not be looked into may be the one, unless a header is there: a line that it has
  // not is that line's own trouble.
  if (refused !== undefined && (best === undefined || (!best.isHeader && best.missing(lines).length > 0))) {
    best?.close();
    throw refused;
  }
  if (best !== undefined) return withLines(best, lines);
  if (seen.length === 0)
    throw new GpioTrouble('absent', `this machine has no gpiochip: ${directory}/gpiochip* is not there`);
  const wanted = chip === undefined ? `has a line ${lines.join(', ')}` : `is labelled "${chip}"`;
  throw new GpioTrouble('absent', `no GPIO chip ${wanted}; this machine has ${seen.join(', ')}`);
}

/** The lines that the chip has, two for each, and one more for a header. */
function rank(chip: GpioChip, lines: readonly string[]): number {
  return 2 * (lines.length - chip.missing(lines).length) + (chip.isHeader ? 1 : 0);
}

function hasSome(chip: GpioChip, lines: readonly string[]): boolean {
  return lines.length === 0 || chip.missing(lines).length < lines.length;
}

function withLines(chip: GpioChip, lines: readonly string[]): GpioChip {
  if (hasSome(chip, lines)) return chip;
  chip.close();
  throw allTroubles(chip.title, [chip.missingTrouble(lines.join(', '))]);
}
