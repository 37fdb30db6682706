import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PartCollector, readSubmit } from '../../../device-sim/sms/phone.ts';
import { smsText } from '../../../gateway/paths/sms/message-text.ts';
import { encodeSubmits, ucs2Parts } from '../../../protocol/sms/sms-submit.ts';
import { baseReport } from '../../integration/dc09-rig.ts';

describe('messages in UCS-2', () => {
  test('one part, octet by octet as 23.040 §9.2.2.2 has them', () => {
    expect(encodeSubmits('+15551234567', ['Бой'], 1)).toEqual([
      { length: 20, pdu: `00${'1100'}${'0B91'}${'5155214365F7'}${'0008A7'}06${'0411043E0439'}` },
    ]);
  });

  test('several parts name their message, how many there are and their place', () => {
    const [first, second] = encodeSubmits('+4412345678', ['А'.repeat(67), 'Б'], 0x1f3);
    expect(first?.pdu.slice(0, 40)).toBe(`00${'5100'}${'0A91'}${'4421436587'}${'0008A7'}8C${'050003F30201'}`);
    expect(second?.pdu).toContain('0008A708050003F302020411');
    expect(first?.length).toBe(13 + 140);
  });

  test('a phone puts any text together again, whatever it is cut through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 190 }), fc.nat(9_999), (text, reference) => {
        fc.pre(text.length <= 199);
        const parts = ucs2Parts(text);
        const collector = new PartCollector();
        const read = encodeSubmits('+15551234567', parts, reference).map(({ pdu, length }) => readSubmit(pdu, length));
        for (const each of parts) expect(each).not.toMatch(/^[\uDC00-\uDFFF]/);
        expect(parts.length).toBeLessThanOrEqual(3);
        const whole = read.map((part) => (part === undefined ? undefined : collector.take(part)));
        expect(whole.at(-1)).toBe(text);
      }),
    );
  });
});

test('a report goes in the GSM alphabet unless that loses letters; no ? is in it that the report has not', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 190 }), (text) => {
      const report = { ...baseReport, text };
      const sent = smsText(report);
      const [part] = sent.parts('+15551234567', 1);
      if (part?.type === 'pdu') expect(sent.text.slice(0, 190)).toBe(text.slice(0, 190));
      else expect(sent.text.split('?').length).toBe(text.normalize('NFKC').split('?').length);
    }),
  );
});
