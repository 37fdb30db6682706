import type { Firmata, Transport } from 'firmata-io';
import type { Board } from 'johnny-five';
import type { OutputParts } from '../board-outputs.ts';

/** What a board's driver uses of firmata-io and johnny-five. */
export interface Libraries extends OutputParts {
  readonly Firmata: new (
    transport: Transport,
    options: { reportVersionTimeout: number; samplingInterval: number },
  ) => Firmata;
  readonly Board: BoardMaker;
}

interface BoardMaker {
  new (options: { io: Firmata; repl: boolean; debug: boolean; sigint: boolean }): Board;
  /** Every board ever made. */
  readonly cache: Board[];
  readonly Pins: { readonly normalize: { clear(): void } };
}

/**
 * Loaded only where a board is configured: it takes 15 MB and holds the event loop for about 150
 * ms. @throws Error if one is missing.
 */
export async function loadLibraries(): Promise<Libraries> {
  const [{ default: five }, { default: firmata }] = await Promise.all([import('johnny-five'), import('firmata-io')]);
  const { Board, Led, Relay } = five;
  return { Firmata: firmata.Firmata, Board: Board as unknown as BoardMaker, Led, Relay };
}

/** What johnny-five's types leave out. */
interface Insides {
  io: Firmata | undefined;
  transport: unknown;
  readonly register: { io: Firmata | undefined; board: Board | undefined }[];
  removeAllListeners(): void;
}

/** Lets a board and its parts write to another connection of the same board. */
export function moveBoard(board: Board, io: Firmata): void {
  const insides = board as unknown as Insides;
  insides.io = io;
  insides.transport = undefined;
  for (const part of insides.register) part.io = io;
}

/**
 * Cuts a board that is no longer used out of johnny-five, which keeps every board, its pin names
 * and its parts for ever. What stays is each LED's and relay's own state, about 1 kB.
 */
export function forgetBoard({ Board }: Libraries, board: Board): void {
  const at = Board.cache.indexOf(board);
  if (at >= 0) Board.cache.splice(at, 1);
  // A cache: what other boards still need of it is made again.
  Board.Pins.normalize.clear();
  const insides = board as unknown as Insides;
  for (const part of insides.register) {
    part.board = undefined;
    part.io = undefined;
  }
  insides.removeAllListeners();
}
