import { BoardOutputs } from '../board-outputs.ts';
import { inputLines } from './input-lines.ts';
import { GpioIo } from './io-plugin.ts';
import type { GpioSettings } from './settings.ts';

/** The header as johnny-five's board, with its relays and LEDs. */
export interface HeaderBoard {
  readonly io: GpioIo;
  readonly outputs: BoardOutputs;
}

/** @throws Error if johnny-five can't be loaded, or can't do with the outputs */
export async function loadHeaderBoard(settings: GpioSettings): Promise<HeaderBoard> {
  const { default: five } = await import('johnny-five');
  const inputs = inputLines(settings.contacts);
  const io = new GpioIo([...inputs.map(({ name }) => name), ...settings.outputs.map(({ pin }) => pin)]);
  const quiet = { repl: false, debug: false, sigint: false };
  const board = new five.Board({ io, ...quiet });
  for (const { name, pull } of inputs) io.pinMode(name, pull === 'up' ? io.MODES.PULLUP : io.MODES.INPUT);
  return { io, outputs: new BoardOutputs(five, board, settings.outputs, (pin) => pin) };
}
