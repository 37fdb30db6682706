import type { Command } from 'commander';
import type { ErrorCode } from '../../protocol/errors.ts';
import { inLocalTime, sentence } from './terminal-text.ts';

/** What a command prints with `--json` when it did not do what was asked. */
interface Failure {
  readonly ok: false;
  readonly code: ErrorCode;
  /** What happened and what to do next, as without `--json`. */
  readonly text: string;
}

export interface JsonFlag {
  readonly json?: boolean;
}

/** Adds `--json`. Every command has it, so that a program need not read texts for people. */
export function jsonOption(command: Command): Command {
  return command.option('--json', 'one JSON object on stdout, also for an error');
}

/** Does the command line ask for JSON? It may be wrong otherwise, so it is not parsed. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).includes('--json');
}

export function failureJson(code: ErrorCode, text: string): string {
  return JSON.stringify({ ok: false, code, text } satisfies Failure);
}

/** One object, readable for a person as well. */
export function jsonText(document: object): string {
  return JSON.stringify(document, undefined, 2);
}

/** Prints what a command answers: as a text with local times, or as JSON with times in UTC. */
export function printAnswer(
  { json }: JsonFlag,
  answer: { readonly text: string; readonly [name: string]: unknown },
  out: (line: string) => void,
): void {
  out(json ? jsonText({ ok: true, ...answer }) : inLocalTime(sentence(answer.text)));
}
