import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BthomeMessage, composeObjects, parseBthomeFrame, parseObjects } from '../../../protocol/ble/bthome.ts';
import { valueSize } from '../../../protocol/ble/bthome-objects.ts';
import { hexToBytes } from '../../../protocol/bytes.ts';

const bytes = (hex: string) => hexToBytes(hex.replaceAll(' ', '')) ?? expect.fail(`${hex} is no hex`);

const PATTERNS = ['single', 'double', 'triple', 'long', 'longDouble', 'longTriple', 'hold', undefined] as const;

const said: fc.Arbitrary<Omit<BthomeMessage, 'complete'>> = fc
  .record(
    {
      packetId: fc.integer({ min: 0, max: 255 }),
      batteryPercent: fc.integer({ min: 0, max: 100 }),
      voltageMv: fc.integer({ min: 0, max: 0xffff }),
      batteryLow: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .chain((battery) =>
    fc
      .record({
        buttons: fc.array(fc.constantFrom(...PATTERNS), { maxLength: 4 }),
        openings: fc.array(fc.boolean(), { maxLength: 2 }),
        locks: fc.array(fc.boolean(), { maxLength: 2 }),
        tampers: fc.array(fc.boolean(), { maxLength: 2 }),
      })
      .map((lists) => ({ ...battery, ...lists })),
  );

describe('objects', () => {
  it('what is composed is read again', () => {
    fc.assert(
      fc.property(said, (message) => {
        expect(parseObjects(composeObjects(message))).toEqual({ ...message, complete: true });
      }),
    );
  });

  it('any bytes are read without harm, and reading ends within them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        const message = parseObjects(data);
        expect(message.buttons.length * 2).toBeLessThanOrEqual(data.length);
        parseBthomeFrame(data);
      }),
      { numRuns: 2_000 },
    );
  });

  it('every published id is stepped over: a press behind it is not lost', () => {
    let published = 0;
    for (let id = 0; id <= 0xff; id++) {
      const size = valueSize(id, Uint8Array.of(0), 0);
      if (size === undefined) continue;
      published += 1;
      const payload = Uint8Array.from([id, ...new Array<number>(size).fill(0), 0x3a, 0x03]);
      expect(parseObjects(payload).buttons.at(-1), `id ${id.toString(16)}`).toBe('triple');
    }
    expect(published).toBe(93);
  });

  it('text and raw say their own length', () => {
    expect(parseObjects(bytes('53 03 414243 3a 02'))).toMatchObject({ buttons: ['double'], complete: true });
    expect(parseObjects(bytes('54 00 3a 02'))).toMatchObject({ buttons: ['double'], complete: true });
    expect(parseObjects(bytes('3a 01 53'))).toMatchObject({ buttons: ['single'], complete: false });
  });

  it('an unknown id ends the reading, and what came before it stays', () => {
    expect(parseObjects(bytes('00 07 3a 01 39 05 3a 02'))).toMatchObject({
      packetId: 7,
      buttons: ['single'],
      complete: false,
    });
  });

  it('cut anywhere, what was whole stays', () => {
    const whole = bytes('00 07 01 50 0c b80b 2b 01 3a 04');
    for (let length = 0; length < whole.length; length++) {
      const message = parseObjects(whole.subarray(0, length));
      expect(message.packetId).toBe(length >= 2 ? 7 : undefined);
      expect(message.batteryPercent).toBe(length >= 4 ? 80 : undefined);
      expect(message.voltageMv).toBe(length >= 7 ? 3_000 : undefined);
      expect(message.tampers).toEqual(length >= 9 ? [true] : []);
      expect(message.buttons).toEqual([]);
    }
  });

  it('other versions, and nothing at all, are not BTHome v2', () => {
    for (const hex of ['', '20', '60013a01', '02', '4201020304']) expect(parseBthomeFrame(bytes(hex))).toBeUndefined();
  });
});
