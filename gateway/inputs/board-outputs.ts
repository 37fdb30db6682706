import type { Board, Led as LedOf, Relay as RelayOf } from 'johnny-five';
import type { WiredOutput } from './wired-contact.ts';

/** What this needs of johnny-five; drivers load it only when a board is configured. */
export interface OutputParts {
  readonly Led: new (options: { pin: string | number; board: Board }) => Pick<LedOf, 'on' | 'off'>;
  readonly Relay: new (options: {
    pin: string | number;
    type: 'NO' | 'NC';
    board: Board;
  }) => Pick<RelayOf, 'open' | 'close'>;
}

/** The relays and LEDs of one board, by configuration id; all off when made. */
export class BoardOutputs {
  readonly #switches = new Map<string, (on: boolean) => void>();

  /** @param pinOf what the board calls the pin that the configuration names */
  constructor(
    parts: OutputParts,
    board: Board,
    outputs: readonly WiredOutput[],
    pinOf: (name: string) => string | number,
  ) {
    for (const { id, pin, type, activeLow } of outputs) {
      const flip =
        type === 'relay' ? relay(parts, board, pinOf(pin), activeLow) : led(parts, board, pinOf(pin), activeLow);
      flip(false);
      this.#switches.set(id, flip);
    }
  }

  set(output: string, on: boolean): void {
    this.#switches.get(output)?.(on);
  }

  allOff(): void {
    for (const flip of this.#switches.values()) flip(false);
  }
}

/**
 * johnny-five's type NC writes the opposite level to NO: what a relay board with active-low inputs
 * needs. "Closed" is energised here.
 */
function relay({ Relay }: OutputParts, board: Board, pin: string | number, activeLow: boolean): (on: boolean) => void {
  const part = new Relay({ pin, type: activeLow ? 'NC' : 'NO', board });
  return (on) => {
    if (on) part.close();
    else part.open();
  };
}

function led({ Led }: OutputParts, board: Board, pin: string | number, activeLow: boolean): (on: boolean) => void {
  // Not by johnny-five's `isAnode`, which asks for a pin with PWM.
  const part = new Led({ pin, board });
  return (on) => {
    if (on !== activeLow) part.on();
    else part.off();
  };
}
