import fs from 'node:fs';
import { join } from 'node:path';

/**
 * What an output of the header does when the process that drove it is gone. `unknown`: this is no
 * Raspberry Pi.
 */
type FreedOutputs = 'kept' | 'released' | 'unknown';

/** The Pi 5 has its header on another chip. */
const PI_5 = 'brcm,bcm2712';
const DRIVERS = { pi5: 'pinctrl_rp1', others: 'pinctrl_bcm2835' } as const;

/**
 * Raspberry Pi's kernels keep the level of an output that no program holds any more, unless
 * `dtparam=strict_gpiod` makes it an input (raspberrypi/linux, pull requests 6117 and 6150). Opens
 * nothing, loads nothing.
 * @param root where /proc and /sys are
 */
export function freedOutputs(root = '/'): FreedOutputs {
  const compatible = textOf(join(root, 'proc/device-tree/compatible'));
  if (compatible === undefined || !compatible.includes('raspberrypi,')) return 'unknown';
  const driver = compatible.includes(PI_5) ? DRIVERS.pi5 : DRIVERS.others;
  // Before the parameter was there, outputs were kept or not by version of the kernel: nothing to
  // rely on.
  const persists = textOf(join(root, 'sys/module', driver, 'parameters/persist_gpio_outputs'))?.trim() ?? 'Y';
  return persists === 'N' || persists === '0' ? 'released' : 'kept';
}

function textOf(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    // Not this kind of machine, or not this version of its kernel.
    return undefined;
  }
}
