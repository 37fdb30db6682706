import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as emulator from 'avr8js';
import { readIntelHex } from '../../device-sim/firmware/intel-hex.ts';
import { NodeMachine } from '../../device-sim/firmware/node-machine.ts';
import { type BoardKind, NANO } from '../../device-sim/firmware/node-pins.ts';
import { type MachineSettings, writeEpoch, writeSettings } from '../../device-sim/firmware/node-storage.ts';
import { seededRandom } from '../../device-sim/random.ts';

const BUILD = join(import.meta.dirname, '../../hardware/node/build');
const { CI } = process.env;

export const imageFile = (board: BoardKind, end = 'hex') => join(BUILD, `node-${board.name}.${end}`);

/**
 * True if an image is missing, so that its tests are left out. In CI, where everything is
 * installed, they fail instead.
 */
export function isImageMissing(board: BoardKind = NANO): boolean {
  return CI === undefined && !existsSync(imageFile(board));
}

const images = new Map<string, Uint8Array<ArrayBuffer>>();

export function image(board: BoardKind): Uint8Array<ArrayBuffer> {
  const known = images.get(board.name);
  if (known !== undefined) return known;
  const read = readIntelHex(readFileSync(imageFile(board), 'utf8'), board.chip.flashBytes);
  images.set(board.name, read);
  return read;
}

export const KEY = Uint8Array.from({ length: 16 }, (_, at) => 0xa0 + at);
export const SETTINGS: MachineSettings = {
  key: KEY,
  serial: '001a790000004002',
  address: 17,
  buttons: 2,
  points: 3,
};

/** An EEPROM as the installer leaves it. The node starts with the epoch after `epoch`. */
export function storageOf(changes: Partial<MachineSettings> = {}, epoch = 0, { chip }: BoardKind = NANO): Uint8Array {
  const storage = new Uint8Array(chip.eepromBytes).fill(0xff);
  writeSettings(storage, { ...SETTINGS, ...changes });
  writeEpoch(storage, epoch);
  return storage;
}

export function machine(
  storage: Uint8Array,
  {
    board = NANO,
    seed = 1,
    clockError = 0,
    watchdogError = 0,
    flash = image(board),
    isQuiet = false,
  }: {
    board?: BoardKind;
    seed?: number;
    clockError?: number;
    watchdogError?: number;
    flash?: Uint8Array<ArrayBuffer>;
    /** Nothing is random: its converter has no noise. */
    isQuiet?: boolean;
  } = {},
): NodeMachine {
  return new NodeMachine({
    emulator,
    board,
    flash,
    storage,
    random: isQuiet ? () => 0.5 : seededRandom(seed),
    clockError,
    watchdogError,
  });
}
