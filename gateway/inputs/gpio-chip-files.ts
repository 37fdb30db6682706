import fs from 'node:fs';
import { join } from 'node:path';

/** Where the kernel's device files are. */
export const DEVICE_DIRECTORY = '/dev';

/** Device files of all GPIO chips of this machine, in the order of their numbers. */
export function chipFiles(directory: string = DEVICE_DIRECTORY): string[] {
  let names: string[];
  try {
    names = fs.readdirSync(directory);
  } catch {
    // Without the directory there are none.
    return [];
  }
  const numbers = names.flatMap((name) => /^gpiochip(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  return numbers.sort((a, b) => a - b).map((number) => join(directory, `gpiochip${number}`));
}

/**
 * Why this machine can't have such a GPIO chip, in words for a person; `undefined` if it may. Opens
 * nothing, loads nothing.
 *
 * @param chip as configured: device file or label
 */
export function gpioProblem(chip?: string, directory: string = DEVICE_DIRECTORY): string | undefined {
  const isPath = chip?.startsWith('/') === true;
  if (isPath && fs.existsSync(chip)) return undefined;
  const files = chipFiles(directory);
  if (files.length === 0 && !isPath) {
    return `this machine has no gpiochip: ${directory}/gpiochip* is not there; is this the Pi, and its kernel 5.10 or newer?`;
  }
  if (!isPath) return undefined;
  const others = files.length === 0 ? 'no gpiochip' : files.join(', ');
  return `${chip} is not there: this machine has ${others}`;
}
