import { type Command, InvalidArgumentError } from 'commander';

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('a whole number, 0 or more, is wanted');
  }
  return value;
}

export function positive(text: string): number {
  const value = Number(text);
  if (!/^\d{1,6}(?:\.\d{1,3})?$/.test(text) || value <= 0) throw new InvalidArgumentError('a number above 0 is wanted');
  return value;
}

export function signedNumber(text: string): number {
  if (!/^[+-]?\d{1,8}$/.test(text)) throw new InvalidArgumentError('a whole number of seconds is wanted, such as -90');
  return Number(text);
}

export function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('a port from 0 to 65535 is wanted');
  return port;
}

/** Collects an option that may be given several times. */
export function several(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one];
}

export interface JsonFlag {
  readonly json?: boolean;
}

/** Of a command that does one thing. */
export function jsonOption(command: Command): Command {
  return command.option('--json', 'one JSON object on stdout, also for an error');
}

/** Of a command that goes on and tells what happens. */
export function jsonLinesOption(command: Command): Command {
  return command.option('--json', 'one JSON object in each line, for each thing that happens');
}
