/** Output of a modem: a whole line, or the prompt for the text of a message. */
export type AtItem = { readonly type: 'line'; readonly text: string } | { readonly type: 'prompt' };

/** Longest line. Answers are shorter; a longer line is garbage and is dropped to its end. */
const LINE_CHARACTERS_MAX = 1_024;
const NUL = 0;
const LF = 10;
const CR = 13;
const SPACE = 32;
const GREATER_THAN = 62;

/**
 * Cuts a modem's output into lines. Any bytes may come, in any pieces; it keeps at most one line.
 * CR, LF, and both in either order end a line. NUL means nothing (ITU-T T.50): some modems fill
 * pauses with it.
 *
 * The prompt is "> " at the beginning of a line that never ends (3GPP TS 27.005 §3.5.1). Its first
 * character is sufficient, since some modems leave out the space. The rest of its line is the echo
 * of the text and means nothing.
 */
export class AtScanner {
  #line = '';
  /** True while the rest of the line is dropped: the line is too long, or it follows a prompt. */
  #skipping = false;

  push(bytes: Uint8Array): AtItem[] {
    const items: AtItem[] = [];
    for (const byte of bytes) {
      if (byte === CR || byte === LF) {
        const text = this.#line.trim();
        if (text !== '') items.push({ type: 'line', text });
        this.reset();
      } else if (!this.#skipping && byte !== NUL) this.#take(byte, items);
    }
    return items;
  }

  /** Drops an unfinished line. */
  reset(): void {
    this.#line = '';
    this.#skipping = false;
  }

  #take(byte: number, items: AtItem[]): void {
    if (this.#line === '' && byte === GREATER_THAN) {
      items.push({ type: 'prompt' });
      this.#skipping = true;
    } else if (this.#line.length >= LINE_CHARACTERS_MAX) {
      this.#line = '';
      this.#skipping = true;
    } else if (this.#line !== '' || byte > SPACE) this.#line += String.fromCharCode(byte);
  }
}
