import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeAesCcm } from '../../../device-sim/nodes/node-aes-ccm.ts';
import { BODY_BYTES_MAX, sealFrame } from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import { concatBytes } from '../../../protocol/bytes.ts';
import { anyHeader, anyMessage, hear, KEY, split } from './arbitrary.ts';

const cuts = fc.array(fc.nat(10_000), { maxLength: 40 });
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 200, size: 'max' }),
  fc.uint8Array({ maxLength: 200, min: 1, size: 'max' }),
  fc.constant(new Uint8Array(5)),
);

function scan(chunks: readonly Uint8Array[]): { bodies: readonly string[]; overlong: number } {
  const scanner = new FrameScanner();
  const bodies: string[] = [];
  let overlong = 0;
  for (const chunk of chunks) {
    scanner.push(
      chunk,
      (body) => bodies.push(String(body)),
      () => overlong++,
    );
  }
  return { bodies, overlong };
}

describe('FrameScanner', () => {
  it('hears every good frame through any split, merge and garbage', () => {
    const framesInNoise = fc.array(fc.tuple(noise, anyHeader, anyMessage), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(framesInNoise, cuts, (sent, at) => {
        const stream = sent.map(([before, header, message]) =>
          concatBytes(before, sealFrame(nodeAesCcm, KEY, header, message)),
        );
        const heard = hear(...split(concatBytes(...stream), at));
        expect(heard).toEqual(sent.map(([, , message]) => message));
      }),
    );
  });

  it('hears frames that share a delimiter', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyHeader, anyMessage), { minLength: 1, maxLength: 6 }), cuts, (sent, at) => {
        const bodies = sent.map(([header, message]) => sealFrame(nodeAesCcm, KEY, header, message).subarray(1));
        expect(hear(...split(concatBytes(...bodies), at))).toEqual(sent.map(([, message]) => message));
      }),
    );
  });

  it('finds the same in a stream however it is split', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500, max: 40, size: 'max' }),
        fc.uint8Array({ maxLength: 200, min: 1, size: 'max' }),
        cuts,
        (a, b, at) => {
          const stream = concatBytes(a, b, a);
          const whole = scan([stream]);
          expect(scan(split(stream, at))).toEqual(whole);
          expect(scan(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(whole);
        },
      ),
    );
  });

  it('passes a run of 62 bytes and drops one of 63, telling so once', () => {
    const run = (length: number) => concatBytes(new Uint8Array(length).fill(7), Uint8Array.of(0, 9, 0));
    expect(scan([run(BODY_BYTES_MAX)])).toMatchObject({ overlong: 0, bodies: [expect.any(String), '9'] });
    expect(scan([run(BODY_BYTES_MAX + 1)])).toEqual({ overlong: 1, bodies: ['9'] });
    expect(scan([run(100_000)])).toEqual({ overlong: 1, bodies: ['9'] });
  });

  it('tells of an endless run at once, not at its end', () => {
    expect(scan([new Uint8Array(BODY_BYTES_MAX + 1).fill(1)])).toEqual({ overlong: 1, bodies: [] });
  });

  it('takes no part of a long run for a frame, however it arrives', () => {
    const run = new Uint8Array(BODY_BYTES_MAX + 1).fill(1);
    const tail = Uint8Array.of(2, 2, 2, 0, 9, 0);
    expect(scan([run, tail])).toEqual({ overlong: 1, bodies: ['9'] });
    expect(scan([run, run, run.subarray(9), tail])).toEqual({ overlong: 1, bodies: ['9'] });
  });

  it('is silent about empty bodies', () => {
    expect(scan([new Uint8Array(1000)])).toEqual({ overlong: 0, bodies: [] });
  });

  it('holds at most 63 bytes, whatever comes', () => {
    const scanner = new FrameScanner();
    const ignore = () => undefined;
    for (let i = 0; i < 1000; i++) scanner.push(new Uint8Array(997).fill(1 + (i % 255)), ignore, ignore);
    const held = Object.values(scanner).filter((value): value is Uint8Array => value instanceof Uint8Array);
    expect(held.reduce((sum, bytes) => sum + bytes.buffer.byteLength, 0)).toBeLessThanOrEqual(63);
    expect(Object.values(scanner).filter((value) => typeof value === 'object')).toEqual(held);
  });
});
