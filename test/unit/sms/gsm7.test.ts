import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gsmBytes, toGsmText } from '../../../protocol/sms/gsm7.ts';

describe('texts in the GSM alphabet', () => {
  test.each([
    ['Intruder, Rm 101', 'Intruder, Rm 101'],
    ['Größe, à la carte, Ñandú, Ålesund', 'Größe, à la carte, Ñandu, Ålesund'],
    ['Škola Čapek, Łódź', 'Skola Capek, Lodz'],
    ['“Hall” — wing {A} [2] ~ a_b|c\\d ^ `x`', "\"Hall\" - wing (A) (2) - a-b/c/d ' 'x'"],
    ['5 € … ½ ﬁre ²', '5 EUR ... 1/2 fire 2'],
    ['decomposed e\u0301 u\u0308', 'decomposed é ü'],
    ['line\r\nbreak\ttab\u001a\u001b\u0008', 'line  break tab   '],
    ['学校 🔥', '- -'],
  ])('%j is sent as %j', (text, sent) => expect(toGsmText(text)).toBe(sent));

  test('one octet a character, by the table of 23.038', () => {
    expect(gsmBytes('@£$ Aa')).toEqual(Uint8Array.of(0x00, 0x01, 0x02, 0x20, 0x41, 0x61));
    expect(gsmBytes('ÄÖÑÜ§¿äöñüà')).toEqual(
      Uint8Array.of(0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f),
    );
    expect(gsmBytes('ΔΩéèÇß')).toEqual(Uint8Array.of(0x10, 0x15, 0x05, 0x04, 0x09, 0x1e));
  });

  test('whatever the text, no octet of it is a key of the modem, and each is one septet', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const sent = toGsmText(text);
        const bytes = gsmBytes(sent);
        expect(bytes).toHaveLength(sent.length);
        for (const key of [0x08, 0x0a, 0x0d, 0x11, 0x13, 0x1a, 0x1b]) expect(bytes).not.toContain(key);
        expect(Math.max(0, ...bytes)).toBeLessThan(0x80);
        expect(toGsmText(sent)).toBe(sent);
      }),
    );
  });
});
