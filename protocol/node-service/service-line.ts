import { asciiToBytes, bytesToAscii } from '../bytes.ts';
import { crc16Genibus } from '../crc16.ts';

/** The service port of a wall node: `hardware/node/core/service.h`. */
export const SERVICE_BAUD_RATE = 38_400;
/** Of a line, with its end. */
export const SERVICE_LINE_MAX = 96;

/** What a node answered to a line. */
export type ServiceAnswer =
  | { readonly ok: true; readonly words: readonly string[] }
  /** `code` is the first of the words: crc, command, value, missing, storage, epoch. */
  | { readonly ok: false; readonly code: string; readonly text: string };

const LINE = /^([+-])([ -~]*)\*([0-9A-Fa-f]{4})$/;

function crcOf(words: string): string {
  return crc16Genibus(asciiToBytes(words)).toString(16).toUpperCase().padStart(4, '0');
}

/** `@WORDS*CRC` with its line end. */
export function serviceLine(words: string): Uint8Array {
  const line = `@${words}*${crcOf(words)}\n`;
  if (!/^[ -~]*$/.test(words) || line.length > SERVICE_LINE_MAX) throw new RangeError('no line of the service port');
  return asciiToBytes(line);
}

/** Reads a line without its end. @returns `undefined`: it is none, or damaged */
export function readServiceAnswer(line: string): ServiceAnswer | undefined {
  const [, sign, text = '', crc = ''] = LINE.exec(line) ?? [];
  if (sign === undefined || crc.toUpperCase() !== crcOf(text)) return undefined;
  const words = text.split(' ');
  return sign === '+' ? { ok: true, words } : { ok: false, code: words[0] ?? '', text };
}

/** Cuts what a node sends into lines. What is longer than a line is dropped. */
export class ServiceLineReader {
  #line = '';
  #isTooLong = false;

  /** @returns the lines that have ended, without their ends */
  read(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    for (const character of bytesToAscii(bytes)) {
      if (character !== '\n' && character !== '\r') this.#add(character);
      else lines.push(...this.#ended());
    }
    return lines;
  }

  #add(character: string): void {
    if (this.#line.length >= SERVICE_LINE_MAX) this.#isTooLong = true;
    else this.#line += character;
  }

  #ended(): readonly string[] {
    const lines = this.#line === '' || this.#isTooLong ? [] : [this.#line];
    this.#line = '';
    this.#isTooLong = false;
    return lines;
  }
}
