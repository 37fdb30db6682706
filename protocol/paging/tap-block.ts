import { asciiToBytes, bytesToAscii, concatBytes } from '../bytes.ts';
import { CR, ETB, ETX, STX, SUB, US } from './control-bytes.ts';

interface TapBlockOptions {
  /**
   * True to send a control character as SUB and another character. Terminals before TAP 1.6 do not
   * know SUB and get a blank instead. Default false.
   */
  readonly escapes?: boolean;
  /**
   * Largest number of characters between STX and the terminator, 8…250 (TAP 1.8: 256 with three
   * control and three checksum characters). Default 250.
   */
  readonly informationMax?: number;
}

export const INFORMATION_CHARACTERS_MAX = 250;
/** Length of STX, terminator, checksum and CR. */
const AROUND = 6;

/**
 * Writes one transaction as blocks in their order. CR ends each field. A field that does not fit
 * continues in the next block.
 * @param fields pager id and message, including empty ones; characters outside ASCII must have been
 * replaced, because bit 7 is cut off
 */
export function encodeTapBlocks(fields: readonly string[], options: TapBlockOptions = {}): Uint8Array[] {
  const { escapes = false, informationMax = INFORMATION_CHARACTERS_MAX } = options;
  const blocks: Uint8Array[] = [];
  let information: number[] = [];
  let fieldEnds = true;
  for (const atom of atoms(fields, escapes)) {
    if (information.length + atom.bytes.length > informationMax) {
      // ETB means that the last field is complete. US means that it continues in the next block;
      // then no CR follows its part.
      blocks.push(blockOf(information, fieldEnds ? ETB : US));
      information = [];
    }
    information.push(...atom.bytes);
    fieldEnds = atom.endsField;
  }
  blocks.push(blockOf(information, ETX));
  return blocks;
}

/**
 * Returns three characters `0`…`?`: the sum of the 7-bit values from STX through the terminator,
 * modulo 4096, high nibble first.
 */
export function tapChecksum(bytes: Uint8Array): string {
  let sum = 0;
  for (const byte of bytes) sum += byte & 0x7f;
  return String.fromCharCode(0x30 + ((sum >> 8) & 15), 0x30 + ((sum >> 4) & 15), 0x30 + (sum & 15));
}

/** Splits a field into units that the end of a block must not split. */
function* atoms(fields: readonly string[], escapes: boolean): Generator<{ bytes: number[]; endsField: boolean }> {
  for (const field of fields) {
    // TAP 1.8: trailing blanks carry nothing and count against the length.
    for (const byte of asciiToBytes(field.replace(/ +$/, ''))) {
      const code = byte & 0x7f;
      const plain = code >= 0x20 && code < 0x7f;
      const bytes = plain ? [code] : escapes && code < 0x20 ? [SUB, code + 0x40] : [0x20];
      yield { bytes, endsField: false };
    }
    yield { bytes: [CR], endsField: true };
  }
}

function blockOf(information: readonly number[], terminator: number): Uint8Array {
  const summed = Uint8Array.from([STX, ...information, terminator]);
  return concatBytes(summed, asciiToBytes(tapChecksum(summed)), Uint8Array.of(CR));
}

export interface TapBlock {
  /** Fields with escapes undone. The last one is a part if `end` is `fieldGoesOn`. */
  readonly fields: readonly string[];
  readonly end: 'transaction' | 'field' | 'fieldGoesOn';
}

/**
 * Reads the bytes from STX to before the last CR as a terminal does, or returns why they are not a
 * block. Never throws.
 */
export function readTapBlock(bytes: Uint8Array): TapBlock | 'tooLong' | 'noBlock' | 'wrongChecksum' | 'badFields' {
  const stripped = bytes.map((byte) => byte & 0x7f);
  if (stripped.length + 1 > INFORMATION_CHARACTERS_MAX + AROUND) return 'tooLong';
  const terminator = stripped[stripped.length - 4];
  const end = terminator === ETX ? 'transaction' : terminator === ETB ? 'field' : 'fieldGoesOn';
  if (stripped[0] !== STX || stripped.length < 5 || (end === 'fieldGoesOn' && terminator !== US)) return 'noBlock';
  const summed = stripped.subarray(0, -3);
  if (tapChecksum(summed) !== bytesToAscii(stripped, stripped.length - 3)) return 'wrongChecksum';
  const fields = bytesToAscii(summed, 1, summed.length - 1).split('\r');
  const last = fields.at(-1) ?? '';
  if (end === 'fieldGoesOn') return { fields: fields.map(unescaped), end };
  if (last !== '') return 'badFields';
  return { fields: fields.slice(0, -1).map(unescaped), end };
}

function unescaped(field: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: SUB is what is looked for
  return field.replace(/\x1a([@-_])/g, (_, code: string) => String.fromCharCode(code.charCodeAt(0) - 0x40));
}
