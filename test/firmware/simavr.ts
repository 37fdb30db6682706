import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BoardKind, Pin } from '../../device-sim/firmware/node-pins.ts';
import { imageFile } from './image.ts';

const HEADERS = '/usr/include/simavr/sim_avr.h';
const DIVIDER = 11;
const { CI } = process.env;

/** True if simavr is missing, so that its tests are left out. In CI they fail instead. */
export const isSimavrMissing = CI === undefined && !existsSync(HEADERS);

/** A program of simavr/, compiled in a directory of its own. */
export interface SimavrProgram {
  readonly file: string;
  /** Its arguments for a board with this memory. */
  arguments(board: BoardKind, eeprom: Uint8Array): string[];
  remove(): void;
}

/** @param name `script`: as fast as it can; `live`: in real time, at a pseudo-terminal */
export function compileSimavr(name: 'script' | 'live'): SimavrProgram {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-simavr-'));
  const file = join(directory, name);
  const sources = [name, 'board'].map((each) => join(import.meta.dirname, `simavr/${each}.c`));
  const flags = ['-std=c99', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-O2'];
  execFileSync('cc', [...flags, '-o', file, ...sources, '-lsimavr', '-lelf', '-lm']);
  return {
    file,
    arguments: (board, eeprom) => {
      const memory = join(directory, 'eeprom');
      writeFileSync(memory, eeprom);
      const pins = [board.driverEnable, board.red, board.green].map(pinName);
      return [imageFile(board, 'elf'), board.chip.name, String(board.hz), memory, ...pins];
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function pinName([port, bit]: Pin): string {
  return `${port}${bit}`;
}

/** What happens to a board that stands alone. */
export type Stimulus =
  | readonly [what: 'button' | 'point', number: number, isClosed: boolean]
  | readonly [what: 'cover', isOn: boolean]
  | readonly [what: 'supply' | 'battery', mv: number]
  /** A byte of its RAM. */
  | readonly [what: 'ram', address: number, byte: number];

/** The command of simavr/board.c. A closed contact is low. */
export function simavrCommand(board: BoardKind, stimulus: Stimulus): string {
  const contact = (pin: Pin | undefined, isClosed: boolean) => {
    if (pin === undefined) throw new RangeError(`the board ${board.name} has no such contact`);
    return `pin ${pinName(pin)} ${Number(!isClosed)}`;
  };
  switch (stimulus[0]) {
    case 'button':
      return contact(board.buttons[stimulus[1]], stimulus[2]);
    case 'point':
      return contact(board.points[stimulus[1]], stimulus[2]);
    case 'cover':
      return contact(board.cover, stimulus[1]);
    case 'supply':
      return `channel ${board.supplyChannel} ${Math.floor(stimulus[1] / DIVIDER)}`;
    case 'battery':
      return `chip ${stimulus[1]}`;
    case 'ram':
      return `ram ${stimulus[1].toString(16)} ${stimulus[2].toString(16)}`;
  }
}

/** A board at rest: only the cover is closed. RXD and the jumper are high. */
export function simavrAtRest(board: BoardKind, supplyMv: number, chipMv: number): string[] {
  return [
    ...board.buttons.map((_, number) => simavrCommand(board, ['button', number, false])),
    ...board.points.map((_, number) => simavrCommand(board, ['point', number, false])),
    simavrCommand(board, ['cover', true]),
    ...[board.rxd, board.jumper].map((pin) => `pin ${pinName(pin)} 1`),
    simavrCommand(board, ['supply', supplyMv]),
    simavrCommand(board, ['battery', chipMv]),
  ];
}
