import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../protocol/errors.ts';
import { usageError } from '../errors.ts';
import type { MakeNode } from '../nodes/line-node.ts';
import type { WallNodeSettings } from '../nodes/wall-node.ts';
import type { Emulator } from './avr-chip.ts';
import { readIntelHex } from './intel-hex.ts';
import { MachineNode } from './machine-node.ts';
import { obstaclesOf } from './machine-settings.ts';
import { NANO } from './node-pins.ts';
import { tryImage } from './try-image.ts';

interface Line {
  readonly baudRate: number;
  readonly nodes: readonly { readonly settings: WallNodeSettings }[];
}

interface Sources {
  /** Where an image of the project may be. */
  readonly places?: readonly string[];
  readonly emulator?: () => Promise<Emulator>;
}

/** From the sources and from dist: both lie in the project. */
const PLACES = ['../../hardware/node/build', '../../../hardware/node/build'].map((place) =>
  join(import.meta.dirname, place),
);
const EMULATOR = 'avr8js@0.21.1';
const OBSTACLES_MAX = 10;
/** The flash in hexadecimal, and more than each record needs besides. */
const IMAGE_BYTES_MAX = 1_000_000;

/**
 * Returns what makes nodes that run the firmware, after it has tried whether the board can be each
 * node of these lines, and whether the image runs.
 *
 * @param image a file in Intel's hexadecimal format for the Nano; `true` for that of the project
 * @throws CallpointError USAGE
 */
export async function firmwareNodes(
  image: string | true,
  lines: readonly Line[],
  { places = PLACES, emulator: load = () => import('avr8js') }: Sources = {},
): Promise<MakeNode> {
  refuseUnfitNodes(lines);
  const file = image === true ? projectImage(places) : image;
  const flash = readImage(file);
  const emulator = await loadEmulator(load);
  const makeNode: MakeNode = (settings, random, baudRate) =>
    new MachineNode(settings, { emulator, board: NANO, flash, random, baudRate });
  const fault = tryImage(makeNode);
  if (fault !== undefined) throw usageError(`the image ${file} ${fault}. Is it ${imageName()}? ${BUILD}`);
  return makeNode;
}

const imageName = () => `node-${NANO.name}.hex`;
const BUILD = 'make -C hardware/node builds it';

/** @throws CallpointError USAGE naming the nodes that the board cannot be */
export function refuseUnfitNodes(lines: readonly Line[]): void {
  const nodes = lines.flatMap(({ baudRate, nodes: members }) =>
    members.map(({ settings }) => ({ settings, baudRate })),
  );
  if (nodes.length === 0)
    throw usageError('--firmware is for wall nodes: this site has no button-bus input with devices');
  const obstacles = nodes.flatMap(({ settings, baudRate }) => obstaclesOf(settings, baudRate, NANO));
  if (obstacles.length === 0) return;
  const more = obstacles.length > OBSTACLES_MAX ? [`  and ${obstacles.length - OBSTACLES_MAX} more`] : [];
  const shown = obstacles.slice(0, OBSTACLES_MAX).map((each) => `  ${each}`);
  const then = 'Change the site, or leave --firmware away.';
  throw usageError(['the firmware can not run these nodes:', ...shown, ...more, then].join('\n'));
}

function projectImage(places: readonly string[]): string {
  const file = places.map((place) => join(place, imageName())).find((each) => existsSync(each));
  if (file !== undefined) return file;
  throw usageError(`the firmware is not built: run make -C hardware/node, which makes build/${imageName()}`);
}

function readImage(file: string): Uint8Array<ArrayBuffer> {
  try {
    const about = statSync(file);
    if (!about.isFile() || about.size > IMAGE_BYTES_MAX) throw new RangeError('it is no image, or too long for one');
    return readIntelHex(readFileSync(file, 'utf8'), NANO.chip.flashBytes);
  } catch (error) {
    throw usageError(`the image ${file} can't be read: ${messageOf(error)}. Give ${imageName()}: ${BUILD}`);
  }
}

/** The emulator is no dependency of the package: few who simulate a site need it. */
async function loadEmulator(load: () => Promise<Emulator>): Promise<Emulator> {
  try {
    return await load();
  } catch (error) {
    throw usageError(`the emulator is missing: npm install ${EMULATOR} (${messageOf(error)})`);
  }
}
