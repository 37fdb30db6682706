const FEND = 0xc0;
const FESC = 0xdb;
/**
 * Prompts and errors of command interpreters: TAPR TNC 2 and its clones `cmd:` and `?EH`,
 * Kantronics `cmd:` and `EH?`, AEA `cmd:` and `?What?`.
 */
const COMMAND_MODE = /cmd:|\?EH|EH\?|\?What\?/i;
const TEXT_MAX = 160;

/**
 * Finds the text that a TNC prints for a person while it is in command mode. Only text outside data
 * frames counts. What stations on the air send is inside data frames, so no station can make the
 * TNC appear to be in command mode.
 */
export class CommandModeWatch {
  /** The last characters outside data frames, 7 bits each. */
  #text: number[] = [];
  #afterFend = false;
  #inFrame = false;

  /** A new byte stream begins. */
  reset(): void {
    this.#text = [];
    this.#afterFend = false;
    this.#inFrame = false;
  }

  /** @returns the prompt or error since the last one, such as `cmd:` */
  push(chunk: Uint8Array): string | undefined {
    let said: string | undefined;
    for (const byte of chunk) {
      if (byte === FEND) said ??= this.#fend();
      else this.#take(byte);
    }
    return said ?? this.#said();
  }

  #fend(): string | undefined {
    const said = this.#said();
    this.#text = [];
    this.#afterFend = true;
    this.#inFrame = false;
    return said;
  }

  #said(): string | undefined {
    if (this.#text.length === 0) return undefined;
    const [said] = COMMAND_MODE.exec(String.fromCharCode(...this.#text)) ?? [];
    if (said !== undefined) this.#text = [];
    return said;
  }

  #take(byte: number): void {
    // The low half of a frame's first byte is its command; 0 is data. No prompt begins with such a
    // character, nor with the escape that a data frame of port 12 begins with.
    if (this.#afterFend) this.#inFrame = (byte & 0x0f) === 0 || byte === FESC;
    this.#afterFend = false;
    if (this.#inFrame) return;
    // Command interpreters send 7 bits and a parity bit, unless configured otherwise.
    this.#text.push(byte & 0x7f);
    if (this.#text.length > 2 * TEXT_MAX) this.#text = this.#text.slice(-TEXT_MAX);
  }
}
