import { describe, expect, test } from 'vitest';
import { receiverAesCbc } from '../../../device-sim/receiver/aes-cbc.ts';
import { asciiToBytes, bytesToAscii, hexToBytes } from '../../../protocol/bytes.ts';
import { type Dc09Message, encodeMessage, parseContent, parseEnvelope } from '../../../protocol/dc09/message.ts';
import { Dc09Scanner } from '../../../protocol/dc09/scanner.ts';
import file from '../../vectors/dc09.json' with { type: 'json' };
import { sealerWithPad } from './sealer-with-pad.ts';

interface Vector {
  readonly name: string;
  readonly source: string;
  readonly frame: string;
  readonly message: Dc09Message;
  readonly keyHex?: string;
  readonly padHex?: string;
}

const vectors = file.vectors as readonly Vector[];
const bytes = (hex: string | undefined) => hexToBytes(hex ?? '') ?? new Uint8Array();

describe.each(vectors)('$source vector: $name', (vector) => {
  const key = vector.keyHex === undefined ? undefined : bytes(vector.keyHex);

  test('is encoded byte for byte', () => {
    const sealer = key === undefined ? undefined : sealerWithPad(key, bytes(vector.padHex));
    expect(bytesToAscii(encodeMessage(vector.message, sealer))).toBe(vector.frame);
    // Memory that was used before: nothing of it may leave with the frame.
    const used = (length: number) => new Uint8Array(length).fill(0x5b);
    expect(bytesToAscii(encodeMessage(vector.message, sealer, used))).toBe(vector.frame);
  });

  test('is cut, verified and decoded to its fields', () => {
    const [frame = new Uint8Array(), ...others] = new Dc09Scanner().push(asciiToBytes(vector.frame));
    expect(others).toEqual([]);
    const envelope = parseEnvelope(frame);
    if (typeof envelope === 'string') throw new Error(envelope);
    const { rest: _, encrypted, lengthMatches, ...head } = envelope;
    expect(lengthMatches).toBe(true);
    expect(encrypted).toBe(key !== undefined);
    const content = parseContent(envelope, key === undefined ? undefined : { aes: receiverAesCbc(key) });
    if (content === undefined) throw new Error('no content');
    const { trailing, ...fields } = content;
    expect(trailing).toBe('');
    expect({ ...head, ...fields }).toEqual(vector.message);
  });

  test('any single bit flip is refused', () => {
    const frame = asciiToBytes(vector.frame);
    for (let bit = 8; bit < (frame.length - 1) * 8; bit++) {
      const flipped = frame.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const accepted = new Dc09Scanner().push(flipped).map(parseEnvelope).filter(isSound);
      // A flip may change the case of a hexadecimal letter in CRC or length (bytes 1…8), which
      // changes nothing.
      const sameDigits = bytesToAscii(flipped).toLowerCase() === vector.frame.toLowerCase() && bit < 9 * 8;
      if (!sameDigits) expect(accepted).toEqual([]);
    }
  });
});

function isSound(envelope: ReturnType<typeof parseEnvelope>): boolean {
  return typeof envelope !== 'string' && envelope.lengthMatches;
}
