/** A terminal's own words for what it made of something; `code` since TAP 1.8. */
export interface TapNote {
  readonly text: string;
  readonly code?: number;
}

/** TAP 1.8 response codes that may go away by themselves: input time-out, checksum errors, can't deliver now, quota. */
const PASSING: ReadonlySet<number> = new Set([501, 503, 512, 514, 516]);

/** Is it no use to send the same page again? */
export function isLasting(code: number | undefined): boolean {
  return code !== undefined && code >= 500 && code < 600 && !PASSING.has(code);
}

/** Passing by its code; a refusal without one is taken as meant. */
export function isPassing(code: number | undefined): boolean {
  return code !== undefined && PASSING.has(code);
}
