import type { Drive, Level } from './gpio-chip.ts';

/** Names the simulator's socket to a process that is to find the simulated chip. */
export const SOCKET_VARIABLE = 'CALLPOINT_SIM_GPIO';

/** From the simulator to the process with the chip; a JSON line each. The first one is `chip`. */
export type ToChip =
  | {
      readonly type: 'chip';
      readonly path: string;
      readonly label: string;
      readonly lines: readonly string[];
      readonly drives: Readonly<Record<string, Drive>>;
      readonly plugged: boolean;
    }
  | { readonly type: 'drive'; readonly line: string; readonly drive: Drive }
  | { readonly type: 'plug'; readonly plugged: boolean };

/** From the process with the chip: a level an output takes. */
export interface FromChip {
  readonly line: string;
  readonly level: Level;
}
