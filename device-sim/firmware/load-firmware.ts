import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../protocol/errors.ts';
import { usageError } from '../errors.ts';
import type { MakeNode } from '../nodes/line-node.ts';
import type { Emulator } from './avr-chip.ts';
import { readIntelHex } from './intel-hex.ts';
import { MachineNode } from './machine-node.ts';
import { NANO } from './node-pins.ts';

/** From the sources and from dist: both lie in the project. */
const PLACES = ['../../hardware/node/build', '../../../hardware/node/build'];
const EMULATOR = 'avr8js@0.21.1';

/**
 * Returns what makes nodes that run the firmware.
 *
 * @param image a file in Intel's hexadecimal format for the Nano; `true` for that of the project
 * @throws CallpointError USAGE if there is no image or no emulator
 */
export async function firmwareNodes(image: string | true): Promise<MakeNode> {
  const flash = readImage(image === true ? projectImage() : image);
  const emulator = await loadEmulator();
  return (settings, random) => new MachineNode(settings, { emulator, board: NANO, flash, random });
}

function projectImage(): string {
  const name = `node-${NANO.name}.hex`;
  const file = PLACES.map((place) => join(import.meta.dirname, place, name)).find((each) => existsSync(each));
  if (file !== undefined) return file;
  throw usageError(`the firmware is not built: run make -C hardware/node, which makes build/${name}`);
}

function readImage(file: string): Uint8Array<ArrayBuffer> {
  try {
    return readIntelHex(readFileSync(file, 'utf8'), NANO.chip.flashBytes);
  } catch (error) {
    throw usageError(`the image ${file} can't be read: ${messageOf(error)}; make -C hardware/node builds one`);
  }
}

/** The emulator is no dependency of the package: few who simulate a site need it. */
async function loadEmulator(): Promise<Emulator> {
  try {
    return await import('avr8js');
  } catch (error) {
    throw usageError(`the emulator is missing: npm install ${EMULATOR} (${messageOf(error)})`);
  }
}
