import type { Firmata } from 'firmata-io';
import type { Board } from 'johnny-five';
import { messageOf } from '../../../protocol/errors.ts';
import { BoardOutputs } from '../board-outputs.ts';
import type { WiredOutput } from '../wired-contact.ts';
import { PinFault, planOutput } from './board-pins.ts';
import { forgetBoard, type Libraries, moveBoard } from './libraries.ts';

/**
 * The relays and LEDs of a board, by configuration id. johnny-five keeps every part it ever made,
 * so they are made once and moved to the board as it is found again; only a board of another make
 * gets new ones.
 */
export class BoardSwitches {
  readonly #libraries: Libraries;
  readonly #configured: readonly WiredOutput[];
  #board: Board | undefined;
  #make = '';
  readonly #outputs = new Map<string, BoardOutputs>();
  readonly #modes = new Map<number, number>();
  readonly #faults = new Map<string, string>();

  constructor(libraries: Libraries, configured: readonly WiredOutput[]) {
    this.#libraries = libraries;
    this.#configured = configured;
  }

  /** Outputs that the board can't have, in words for a person, by configuration id. */
  get faults(): ReadonlyMap<string, string> {
    return this.#faults;
  }

  /** The board is there, and set up but for its outputs. All are off afterwards. */
  attach(io: Firmata): void {
    if (this.#configured.length === 0) return;
    const make = JSON.stringify([io.pins.map(({ supportedModes }) => supportedModes), io.analogPins]);
    if (this.#board === undefined || make !== this.#make) {
      this.release();
      this.#make = make;
      this.#makeAll(io);
      return;
    }
    moveBoard(this.#board, io);
    for (const [pin, mode] of this.#modes) io.pinMode(pin, mode);
    this.allOff();
  }

  set(output: string, on: boolean): void {
    try {
      this.#outputs.get(output)?.set(output, on);
    } catch (error) {
      // johnny-five refuses some pins only when they are switched.
      this.#refuse(output, error);
    }
  }

  allOff(): void {
    for (const output of this.#outputs.keys()) this.set(output, false);
  }

  release(): void {
    if (this.#board !== undefined) forgetBoard(this.#libraries, this.#board);
    this.#board = undefined;
    this.#outputs.clear();
    this.#modes.clear();
    this.#faults.clear();
  }

  #makeAll(io: Firmata): void {
    const board = new this.#libraries.Board({ io, repl: false, debug: false, sigint: false });
    this.#board = board;
    for (const output of this.#configured) {
      try {
        const { pin, name } = planOutput(output, io);
        // johnny-five's Relay leaves the mode as it is.
        io.pinMode(pin, io.MODES.OUTPUT);
        // Each by itself: one that can't be made leaves the others.
        this.#outputs.set(output.id, new BoardOutputs(this.#libraries, board, [output], () => name));
        this.#modes.set(pin, io.pins[pin]?.mode ?? io.MODES.OUTPUT);
      } catch (error) {
        this.#refuse(output.id, error);
      }
    }
  }

  #refuse(output: string, error: unknown): void {
    const detail = messageOf(error);
    this.#outputs.delete(output);
    this.#faults.set(output, error instanceof PinFault ? detail : `output ${output}: ${detail}`);
  }
}
