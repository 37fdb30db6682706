/**
 * KISS, the bytes between a host and a packet radio's modem (TNC), on a serial port or TCP.
 * M. Chepponis K3MC, P. Karn KA9Q: "The KISS TNC", 1987.
 */

const FEND = 0xc0;
const FESC = 0xdb;
const TFEND = 0xdc;
const TFESC = 0xdd;

/**
 * An AX.25 frame has at most 10 addresses, 2 bytes of control and 256 of information. Some TNCs
 * send longer ones.
 */
const PAYLOAD_MAX = 1_024;

/**
 * Values of the low half of a frame's first byte. Times are in units of 10 ms; the persistence is
 * 0…255.
 */
export const KISS_COMMANDS = {
  data: 0,
  txDelay: 1,
  persistence: 2,
  slotTime: 3,
  txTail: 4,
  fullDuplex: 5,
  setHardware: 6,
} as const;

export interface KissFrame {
  /** Radio port of the TNC, 0…15. */
  readonly port: number;
  /** 0…15; see `KISS_COMMANDS`. */
  readonly command: number;
  /** In a data frame: an AX.25 frame without flags and check sequence. */
  readonly payload: Uint8Array;
}

/**
 * Writes a KISS frame. The first byte is escaped too: a data frame to port 12 would begin with a
 * FEND.
 * @throws RangeError if the port or the command is outside 0…15
 */
export function encodeKiss({ port, command, payload }: KissFrame): Uint8Array {
  if (!isNibble(port) || !isNibble(command)) throw new RangeError(`no KISS port and command: ${port}, ${command}`);
  const bytes = [FEND];
  for (const byte of [(port << 4) | command, ...payload]) {
    if (byte === FEND) bytes.push(FESC, TFEND);
    else if (byte === FESC) bytes.push(FESC, TFESC);
    else bytes.push(byte);
  }
  bytes.push(FEND);
  return Uint8Array.from(bytes);
}

function isNibble(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 15;
}

/**
 * Cuts a byte stream into KISS frames, however it is split. Empty frames are normal. Three things
 * are dropped up to the next FEND: bytes before the first FEND (a TNC's sign-on text), a frame with
 * a bad escape, and one that is too long. A KISS frame has no check sequence, so a damaged one must
 * not be guessed at. The scanner holds at most one frame.
 */
export class KissScanner {
  readonly #buffer = new Uint8Array(1 + PAYLOAD_MAX);
  #length = 0;
  #escaped = false;
  #dropping = true;

  /** Returns the frames that this chunk completed, each payload as its own copy. */
  push(chunk: Uint8Array): readonly KissFrame[] {
    const frames: KissFrame[] = [];
    for (const byte of chunk) {
      if (byte === FEND) this.#finish(frames);
      else if (!this.#dropping) this.#take(byte);
    }
    return frames;
  }

  /** Starts with a new stream. */
  reset(): void {
    this.#restart();
    this.#dropping = true;
  }

  #take(byte: number): void {
    if (this.#escaped) {
      this.#escaped = false;
      if (byte === TFEND) this.#append(FEND);
      else if (byte === TFESC) this.#append(FESC);
      else this.#dropping = true;
    } else if (byte === FESC) this.#escaped = true;
    else this.#append(byte);
  }

  #append(byte: number): void {
    if (this.#length === this.#buffer.length) this.#dropping = true;
    else this.#buffer[this.#length++] = byte;
  }

  #finish(frames: KissFrame[]): void {
    const type = this.#buffer[0] ?? 0;
    if (!this.#dropping && !this.#escaped && this.#length > 0) {
      frames.push({ port: type >> 4, command: type & 0x0f, payload: this.#buffer.slice(1, this.#length) });
    }
    this.#restart();
  }

  #restart(): void {
    this.#length = 0;
    this.#escaped = false;
    this.#dropping = false;
  }
}
