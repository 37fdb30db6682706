/**
 * How a contact is wired.
 * - `normallyOpen`, `normallyClosed`: a bare contact; a cut cable can't be told from an open
 * contact.
 * - `endOfLine`: normally open, a resistor across the button at the end of the line: pressed =
 * short, cut = open. A shorted cable counts as pressed. On a board with analogue inputs `pin` is
 * measured. Elsewhere a window comparator pulls `pin` active when pressed and `cutPin` active when
 * cut; both at once count as pressed.
 * - `doubleEndOfLine`: normally closed, one resistor in series and one across the contact: four
 * states (EN 50131 practice). Analogue only.
 */
export type ContactWiring = 'normallyOpen' | 'normallyClosed' | 'endOfLine' | 'doubleEndOfLine';

/** One button or point of a device on a pin of a board or module. */
export interface WiredContact {
  /** Device (configuration id). */
  readonly device: string;
  readonly of: 'button' | 'point';
  /** The button's or point's number. */
  readonly number: number;
  /**
   * As the board names it: `GPIO17` on a Pi's header, `2` or `A0` on a Firmata board, `0` on a
   * Modbus module.
   */
  readonly pin: string;
  /** Only with `endOfLine` on digital lines. */
  readonly cutPin?: string;
  readonly contact: ContactWiring;
  /** What holds the pin while the contact is open. `none`: a resistor outside. */
  readonly pull: 'up' | 'down' | 'none';
}

/** A relay or LED on a pin of the board. */
export interface WiredOutput {
  /** Output (configuration id). */
  readonly id: string;
  readonly pin: string;
  readonly type: 'relay' | 'led';
  /** The board's driver switches on at a low level. */
  readonly activeLow: boolean;
}
