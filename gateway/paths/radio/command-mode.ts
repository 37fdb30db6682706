const FEND = 0xc0;
/**
 * Prompt and complaint of command interpreters: TAPR TNC 2 and its clones `cmd:` and `?EH`,
 * Kantronics `cmd:` and `EH?`, AEA `cmd:` and `?What?`.
 */
const COMMAND_MODE = /cmd:|\?EH|EH\?|\?What\?/i;
const TEXT_MAX = 80;

/**
 * Finds what a TNC says to a person while it is in command mode. Only text outside data frames
 * counts: what stations on the air say stands in data frames, so none of them can make the TNC look
 * as if it were in command mode.
 */
export class CommandModeWatch {
  #text = '';
  #afterFend = false;
  #inFrame = false;

  /** The stream is another one from here on. */
  reset(): void {
    this.#text = '';
    this.#afterFend = false;
    this.#inFrame = false;
  }

  /** @returns the prompt or complaint in what has come since the last one, such as `cmd:` */
  push(chunk: Uint8Array): string | undefined {
    for (const byte of chunk) this.#take(byte);
    const [said] = COMMAND_MODE.exec(this.#text) ?? [];
    if (said !== undefined) this.#text = '';
    return said;
  }

  #take(byte: number): void {
    if (byte === FEND) {
      this.#text = '';
      this.#afterFend = true;
      this.#inFrame = false;
      return;
    }
    // The low half of a frame's first byte is its command; 0 is data. No prompt begins with such a
    // character.
    if (this.#afterFend) this.#inFrame = (byte & 0x0f) === 0;
    this.#afterFend = false;
    // Command interpreters send 7 bits and a parity bit, unless they are set otherwise.
    if (!this.#inFrame) this.#text = `${this.#text}${String.fromCharCode(byte & 0x7f)}`.slice(-TEXT_MAX);
  }
}
