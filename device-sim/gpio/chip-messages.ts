import type { Drive, Level } from './gpio-chip.ts';

/**
 * Environment variable that names the simulator's socket to the process that gets the simulated
 * chip.
 */
export const SOCKET_VARIABLE = 'CALLPOINT_SIM_GPIO';

/**
 * Messages from the simulator to the process with the chip, one JSON line each. The first one is
 * `chip`.
 */
export type ToChip =
  | {
      readonly type: 'chip';
      readonly path: string;
      readonly label: string;
      readonly lines: readonly string[];
      readonly drives: Readonly<Record<string, Drive>>;
      /** Consumer of each line that the kernel or another program holds. */
      readonly users: Readonly<Record<string, string>>;
      readonly plugged: boolean;
    }
  | { readonly type: 'drive'; readonly line: string; readonly drive: Drive }
  /** Another program takes the line, or (without `consumer`) frees it. */
  | { readonly type: 'use'; readonly line: string; readonly consumer?: string }
  | { readonly type: 'plug'; readonly plugged: boolean };

/** Message from the process with the chip: an output has taken this level. */
export interface FromChip {
  readonly line: string;
  readonly level: Level;
}
