import type { ErrorCode } from '../../../protocol/errors.ts';

/**
 * One mistake in the configuration: where it is, what is wrong, and what to write. Never holds a
 * secret.
 */
export interface Mistake {
  /** `error` keeps the gateway from starting; `warning` does not. */
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  readonly message: string;
  readonly hint: string;
  /** Catalogue code, where one fits better than `CONFIG_INVALID`. */
  readonly code?: ErrorCode;
  /**
   * It rests on what this machine has at the moment, such as a port: the same files may be without
   * it later.
   */
  readonly ofMachine?: true;
}

/** `site.yaml:12:14: error: address is 300; write a whole number from 1 to 254, such as 17` */
export function formatMistake(mistake: Mistake): string {
  const { file, line, column, severity, message, hint } = mistake;
  return `${file}:${line}:${column}: ${severity}: ${message}; ${hint}`;
}

/**
 * A message quotes the file, and the quoted text may be a key in the wrong place: 24 hex digits or
 * more are left out.
 */
export function withoutKeys(text: string): string {
  return text.replaceAll(/[0-9A-Fa-f]{24,}/g, '…');
}

/** A file of junk may have 100,000 mistakes. A person reads no more than these at once. */
const SHOWN_MAX = 100;

/**
 * The mistakes to show, errors before warnings if there are too many, and the number of the others.
 */
export function firstMistakes(mistakes: readonly Mistake[]): {
  readonly shown: readonly Mistake[];
  readonly more: number;
} {
  const more = Math.max(0, mistakes.length - SHOWN_MAX);
  if (more === 0) return { shown: mistakes, more };
  const errors = mistakes.filter(({ severity }) => severity === 'error');
  const shown = [...errors, ...mistakes.filter(({ severity }) => severity !== 'error')].slice(0, SHOWN_MAX);
  return { shown, more };
}

/** Sorts in place: by file in the order of first appearance, then by place in the file. */
export function sortMistakes(mistakes: Mistake[]): void {
  const files = [...new Set(mistakes.map((mistake) => mistake.file))];
  mistakes.sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column);
}
