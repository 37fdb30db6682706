/** What a modem says: a whole line, or the sign that it waits for the text of a message. */
export type AtItem = { readonly type: 'line'; readonly text: string } | { readonly type: 'prompt' };

/** Answers are shorter. A longer line is garbage and is dropped to its end. */
const LINE_CHARACTERS_MAX = 1_024;
const NUL = 0;
const LF = 10;
const CR = 13;
const SPACE = 32;
const GREATER_THAN = 62;

/**
 * Cuts what a modem sends into lines. Any bytes may come, in any pieces; at most one line is kept.
 * CR, LF and both in any order end a line. NUL means nothing (ITU-T T.50): some modems fill pauses
 * with it.
 *
 * The prompt is "> " at the beginning of a line that never ends (3GPP TS 27.005 §3.5.1). It counts
 * as soon as its first character is there, since some modems leave out the space. What follows on
 * its line is the echo of the text and says nothing.
 */
export class AtScanner {
  #line = '';
  /** The rest of the line is dropped: it is too long, or it follows a prompt. */
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

  /** Forgets a line begun. */
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
