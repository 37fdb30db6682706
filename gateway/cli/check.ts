import { checkSite } from '../config/load.ts';
import { formatMistake } from '../config/mistake.ts';

export interface CheckOptions {
  /** Path of `site.yaml`. */
  readonly config: string;
  /** Data directory, as `run` would be given it. */
  readonly data: string;
  /** One JSON object instead of lines. */
  readonly json: boolean;
}

/** `callpoint check`: every mistake at once. Exit code 0 if the gateway would start, else 1. */
export function runCheck(options: CheckOptions, out: (line: string) => void): number {
  const mistakes = checkSite(options.config, options.data);
  const errors = mistakes.filter(({ severity }) => severity === 'error').length;
  const warnings = mistakes.length - errors;
  if (options.json) {
    out(JSON.stringify({ ok: errors === 0, errors, warnings, mistakes }));
  } else {
    for (const mistake of mistakes) out(formatMistake(mistake));
    out(summary(options.config, errors, warnings));
  }
  return errors === 0 ? 0 : 1;
}

function summary(config: string, errors: number, warnings: number): string {
  const counted = [count(errors, 'error'), count(warnings, 'warning')].filter((part) => part !== '').join(', ');
  if (counted === '') return `${config}: no mistakes found`;
  return errors === 0
    ? `${config}: ${counted}; the gateway would start`
    : `${config}: ${counted}; the gateway would not start`;
}

function count(number: number, what: string): string {
  if (number === 0) return '';
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
