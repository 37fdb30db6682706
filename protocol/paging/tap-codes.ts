/** A terminal's own words for what it made of something; `code` since TAP 1.8. */
export interface TapNote {
  readonly text: string;
  readonly code?: number;
}

/** TAP 1.8 response codes that may go away by themselves: input time-out, checksum errors, can't deliver now, quota. */
const PASSING: ReadonlySet<number> = new Set([501, 503, 512, 514, 516]);
/** About a page itself: tone-only or numeric pager, service not supported, illegal or unknown pager, too long, format. */
const OF_THE_PAGE: ReadonlySet<number> = new Set([504, 505, 508, 510, 511, 513, 515, 517]);

/** May a page be sent again that was refused (RS) with this code? A refusal without one is taken as meant. */
export function isPassing(code: number | undefined): boolean {
  return code !== undefined && PASSING.has(code);
}

/** Does the code condemn the page, although the answer itself (NAK, ESC EOT) is about the call? */
export function isOfThePage(code: number | undefined): boolean {
  return code !== undefined && OF_THE_PAGE.has(code);
}
