import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, unhex } from '../vectors/button-bus-reference.ts';
import { readVectors, type Vector } from '../vectors/button-bus-vector-file.ts';
import { RFC_3610, RFC_3610_KEY } from '../vectors/rfc-3610.ts';
import { core } from './core-library.ts';

const FAULTS = ['ok', 'tooShort', 'tooLong', 'cobs', 'crc', 'version', 'type', 'address', 'notAuthentic'];
const vectors = readVectors();

/** What the core says of a body, and the open frame. */
function opened(body: Uint8Array, key: Uint8Array): { readonly fault: string; readonly frame: Uint8Array } {
  const frame = Uint8Array.from(body);
  const length = Uint8Array.of(body.length);
  const fault = FAULTS[core.open(frame, length, key)] ?? 'none';
  return { fault, frame: frame.subarray(0, length[0]) };
}

/** The receiver's key; a record that is refused without a key has none. */
const keyOf = (vector: Vector) => (vector.value('key') === '' ? new Uint8Array(16) : unhex(vector.value('key')));

describe("the core's AES-CCM", () => {
  it.each(RFC_3610)(
    'seals and opens the packet vector of RFC 3610 with %i clear of %i bytes',
    (clear, total, n, sealed) => {
      const [key, nonce] = [unhex(RFC_3610_KEY), unhex(n)];
      const packet = Uint8Array.from({ length: total }, (_, i) => i);
      const text = Uint8Array.of(...packet.subarray(clear), ...new Uint8Array(8));
      core.ccmSeal(key, nonce, packet, clear, text, total - clear);
      expect(hex(text)).toBe(sealed);
      expect(core.ccmOpen(key, nonce, packet, clear, text, total - clear)).toBe(true);
      expect(hex(text.subarray(0, total - clear))).toBe(hex(packet.subarray(clear)));
    },
  );
});

describe("the core's frames", () => {
  it.each(vectors)('$name is $expect', (vector) => {
    const { fault, frame } = opened(unhex(vector.value('body')), keyOf(vector));
    // The node refuses a payload out of its range. That is tested with what it obeys.
    expect(fault).toBe(vector.expect === 'malformed' ? 'ok' : vector.expect);
    if (fault === 'ok') expect(hex(frame.subarray(11, -8))).toBe(vector.value('payload'));
  });

  it.each(vectors.filter(({ expect }) => expect === 'ok'))('$name is sealed to the same bytes', (vector) => {
    const [address, epoch, counter] = ['address', 'epoch', 'counter'].map((name) => Number(vector.value(name)));
    const type = Number.parseInt(vector.value('typeCode'), 16);
    const payload = unhex(vector.value('payload'));
    const frame = new Uint8Array(64);
    const sealed = core.seal(
      frame,
      keyOf(vector),
      address ?? 0,
      type,
      epoch ?? 0,
      counter ?? 0,
      payload,
      payload.length,
    );
    expect(hex(frame.subarray(0, sealed))).toBe(vector.value('wire'));
  });

  const good = vectors.filter(({ expect, name }) => expect === 'ok' && /ack|silent|poll|hello/.test(name)).slice(0, 8);
  it.each(good)('$name with any bit flipped or any byte missing is not taken', (vector) => {
    const [body, key] = [unhex(vector.value('body')), keyOf(vector)];
    for (let at = 0; at < body.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = body.with(at, (body[at] ?? 0) ^ (1 << bit));
        // A byte that becomes 00 is a delimiter, and two shorter runs.
        const zero = flipped.indexOf(0);
        const runs = zero < 0 ? [flipped] : [flipped.subarray(0, zero), flipped.subarray(zero + 1)];
        for (const run of runs) expect(opened(run, key).fault).not.toBe('ok');
      }
      const shorter = Uint8Array.of(...body.subarray(0, at), ...body.subarray(at + 1));
      expect(opened(shorter, key).fault).not.toBe('ok');
    }
  });

  it('never takes noise', () => {
    const key = unhex(RFC_3610_KEY);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 62 }), (noise) => {
        expect(opened(noise, key).fault).not.toBe('ok');
      }),
    );
  });
});
