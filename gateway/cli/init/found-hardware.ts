import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { weakName } from '../../config/fields/usb-serial-names.ts';
import { chipFiles } from '../../inputs/gpio-chip-files.ts';
import { kernelRadios } from '../../inputs/kernel-radios.ts';

/** What is plugged into this machine, by the names that `site.yaml` should use. */
export interface FoundHardware {
  /** Serial ports by id; by the USB socket if the id is not that of one adapter only. */
  readonly ports: readonly string[];
  readonly hasGpio: boolean;
  /** `hci0` … */
  readonly radios: readonly string[];
}

export function findHardware(dev = '/dev'): FoundHardware {
  return {
    ports: serialPorts(dev),
    hasGpio: chipFiles(dev).length > 0,
    radios: kernelRadios().map(({ name }) => name),
  };
}

function serialPorts(dev: string): string[] {
  const named = entriesOf(join(dev, 'serial', 'by-id')).flatMap((name) => {
    const port = `/dev/serial/by-id/${name}`;
    const weak = weakName(port);
    return weak?.isShared ? weak.paths : [port];
  });
  return [...new Set(named)].sort();
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // udev makes the directory when the first adapter is plugged in.
    return [];
  }
}
