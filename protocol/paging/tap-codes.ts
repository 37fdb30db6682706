/** A terminal's own words for what it made of something; `code` since TAP 1.8. */
export interface TapNote {
  readonly text: string;
  readonly code?: number;
}

/**
 * TAP 1.8 response codes about a page itself: tone-only or numeric pager, illegal or unknown pager,
 * too long, wrong format. It would be refused again. All other codes are about the call or the
 * moment.
 */
const OF_THE_PAGE: ReadonlySet<number> = new Set([504, 505, 510, 511, 513, 515, 517]);
/**
 * Can't deliver now, quota exceeded: in a NAK they are no checksum errors, and sending at once
 * again is of no use.
 */
const NOT_NOW: ReadonlySet<number> = new Set([512, 516]);
/** Words by which terminals without codes say that their queue is full. */
const WORDS_NOT_NOW = /\b(busy|full|later|try again|temporar\w*|quota)\b/i;
/** Words by which they say that the line damaged the block. Then it is sent again at once. */
const WORDS_DAMAGED = /checksum|parity|damaged|garbled|line error/i;

/**
 * Would a page that was refused (RS) be refused again? A refusal without a code is taken as meant
 * (TAP 1.8: the transaction is to be abandoned), unless its words say that it may pass.
 */
export function isLasting(note: TapNote | undefined): boolean {
  return note?.code === undefined ? !saysNotNow(note) : OF_THE_PAGE.has(note.code);
}

/** Does it condemn the page, although the answer itself (NAK, ESC EOT) is about the call? */
export function isOfThePage(note: TapNote | undefined): boolean {
  return note?.code !== undefined && OF_THE_PAGE.has(note.code);
}

/** Does it refuse a block for now, not for being damaged? */
export function saysNotNow(note: TapNote | undefined): boolean {
  if (note === undefined) return false;
  if (note.code !== undefined) return NOT_NOW.has(note.code);
  return WORDS_NOT_NOW.test(note.text) && !WORDS_DAMAGED.test(note.text);
}
