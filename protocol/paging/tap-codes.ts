/** A terminal's own text about its decision, with a `code` since TAP 1.8. */
export interface TapNote {
  readonly text: string;
  readonly code?: number;
}

/**
 * TAP 1.8 response codes about a page itself: tone-only or numeric pager, illegal or unknown pager,
 * too long, wrong format. A repeat would be refused as well. All other codes are about the call or
 * a passing state.
 */
const OF_THE_PAGE: ReadonlySet<number> = new Set([504, 505, 510, 511, 513, 515, 517]);
/**
 * Codes for "cannot deliver now" and "quota exceeded". In a NAK they do not mean a checksum error,
 * and an immediate repeat is useless.
 */
const NOT_NOW: ReadonlySet<number> = new Set([512, 516]);
/** Texts of terminals without codes when their queue is full. */
const WORDS_NOT_NOW = /\b(busy|full|later|try again|temporar\w*|quota)\b/i;
/** Texts of terminals when the line damaged the block. The block is then repeated at once. */
const WORDS_DAMAGED = /checksum|parity|damaged|garbled|line error/i;

/**
 * Returns true if a page that was refused (RS) would be refused again. A refusal without a code
 * counts as final (TAP 1.8: the transaction is to be abandoned), unless its text says that the
 * cause may pass.
 */
export function isLasting(note: TapNote | undefined): boolean {
  return note?.code === undefined ? !saysNotNow(note) : OF_THE_PAGE.has(note.code);
}

/**
 * Returns true if the text refuses the page for good, although the answer itself (NAK, ESC EOT) is
 * about the call.
 */
export function isOfThePage(note: TapNote | undefined): boolean {
  return note?.code !== undefined && OF_THE_PAGE.has(note.code);
}

/** Returns true if the text refuses a block for now, and not because of damage. */
export function saysNotNow(note: TapNote | undefined): boolean {
  if (note === undefined) return false;
  if (note.code !== undefined) return NOT_NOW.has(note.code);
  return WORDS_NOT_NOW.test(note.text) && !WORDS_DAMAGED.test(note.text);
}
