import { terminalLines } from '../terminal/text.ts';

/** JSON escapes the first 32 itself. A terminal may take these for the start of a sequence. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/** One thing that happened. `event` names it. */
export interface SimEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/**
 * Prints what happens: a text for a person, or with `--json` one object in each line.
 *
 * @param text absent: nothing that a person needs
 * @param event absent: nothing that a program needs
 */
export type Say = (text: string | undefined, event?: SimEvent) => void;

export function sayer(isJson: boolean): Say {
  if (isJson) {
    return (_text, event) => {
      if (event !== undefined) printJson({ at: new Date().toISOString(), ...event });
    };
  }
  return (text) => {
    if (text !== undefined) printText(text);
  };
}

export function printText(text: string): void {
  process.stdout.write(`${terminalLines(text, process.stdout).join('\n')}\n`);
}

/** As one line. */
export function printJson(document: object): void {
  const json = JSON.stringify(document).replace(
    UNSAFE_IN_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  process.stdout.write(`${json}\n`);
}

/** Does the command line ask for JSON? It may be wrong otherwise, so it is not parsed. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).includes('--json');
}
