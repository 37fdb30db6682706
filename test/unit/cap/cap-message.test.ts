import { CAP_1_2 } from '@dec112/cap-ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capMessageOf } from '../../../gateway/paths/cap-report.ts';
import { capReference, capTime, encodeCap } from '../../../protocol/cap/cap-message.ts';
import * as reports from './cap-reports.ts';

const { alarm, source } = reports;

/** As it stands in OASIS CAP 1.2 §3.4: the order of the schema. */
const ORDER = {
  alert: 'identifier sender sent status msgType source scope restriction addresses code note references incidents info',
  info: 'language category event responseType urgency severity certainty audience eventCode effective onset expires senderName headline description instruction web contact parameter resource area',
  area: 'areaDesc polygon circle geocode altitude ceiling',
};

const WHOLE = `<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>wb-101.5.17</identifier>
<sender>gw-1@northfield.example</sender>
<sent>2026-01-02T03:04:05-00:00</sent>
<status>Actual</status>
<msgType>Alert</msgType>
<scope>Restricted</scope>
<restriction>For those who answer alarms</restriction>
<incidents>wb-101.5.17</incidents>
<info>
<language>en-US</language>
<category>Security</category>
<event>Intruder</event>
<responseType>Shelter</responseType>
<urgency>Immediate</urgency>
<severity>Extreme</severity>
<certainty>Observed</certainty>
<eventCode>
<valueName>SIA</valueName>
<value>HA</value>
</eventCode>
<eventCode>
<valueName>CID</valueName>
<value>1122</value>
</eventCode>
<senderName>Northfield School (gw-1)</senderName>
<headline>Intruder, Main building, Floor 1, Rm 101 Reception; doors not secured: Rm 102 Office open, Rm 103 &lt;Lab&gt; &amp; Store unlocked</headline>
<description>Intruder, Main building, Floor 1, Rm 101 Reception; doors not secured: Rm 102 Office open, Rm 103 &lt;Lab&gt; &amp; Store unlocked</description>
<parameter>
<valueName>zone</valueName>
<value>101</value>
</parameter>
<parameter>
<valueName>partition</valueName>
<value>1</value>
</parameter>
<parameter>
<valueName>kind</valueName>
<value>intruder</value>
</parameter>
<parameter>
<valueName>device</valueName>
<value>wb-101</value>
</parameter>
<parameter>
<valueName>building</valueName>
<value>A</value>
</parameter>
<parameter>
<valueName>floor</valueName>
<value>1</value>
</parameter>
<parameter>
<valueName>room</valueName>
<value>101</value>
</parameter>
<parameter>
<valueName>authenticated</valueName>
<value>true</value>
</parameter>
<parameter>
<valueName>doorsNotSecured</valueName>
<value>Rm 102 Office open</value>
</parameter>
<parameter>
<valueName>doorsNotSecured</valueName>
<value>Rm 103 &lt;Lab&gt; &amp; Store unlocked</value>
</parameter>
<area>
<areaDesc>Main building, Floor 1, Rm 101 Reception, Northfield School, Elm Street 12, 62704 Springfield, IL, US</areaDesc>
<circle>39.781721,-89.650148 0.08</circle>
</area>
</info>
</alert>
`;

test('an alarm, byte for byte', () => {
  expect(encodeCap(capMessageOf(alarm, source))).toBe(WHOLE);
});

describe('the schema', () => {
  const everything = Object.entries(reports).flatMap(([name, value]) =>
    typeof value === 'object' && 'occurredMs' in value ? [[name, value] as const] : [],
  );
  const kinds = [...everything, ['private', alarm] as const];

  test.each(kinds)('%s: elements are known and in order', (name, report) => {
    const scope = name === 'private' ? { type: 'Private' as const, addresses: ['a@x', 'The desk'] } : source.scope;
    const xml = encodeCap(capMessageOf(report, { ...source, scope }));
    for (const [parent, known] of Object.entries(ORDER)) {
      const order = known.split(' ');
      const places = children(xml, parent).map((child) => order.indexOf(child));
      expect(places.length).toBeGreaterThan(0);
      expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
    expect(xml).not.toMatch(/<(\w+)><\/\1>/);
  });
});

/** Names of the direct children of the only `parent`. */
function children(xml: string, parent: string): string[] {
  const inside = new RegExp(`<${parent}[^>]*>([\\s\\S]*)</${parent}>`).exec(xml)?.[1] ?? '';
  const names: string[] = [];
  let depth = 0;
  for (const [, slash, name = ''] of inside.matchAll(/<(\/?)(\w+)>/g)) {
    if (slash === '/') depth -= 1;
    else if (depth++ === 0) names.push(name);
  }
  return names;
}

test('times are whole seconds, UTC is -00:00', () => {
  expect(capTime(Date.UTC(2026, 11, 31, 23, 59, 59, 999))).toBe('2026-12-31T23:59:59-00:00');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      expect(capTime(ms)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00$/);
      expect(Date.parse(capTime(ms).replace('-00:00', 'Z'))).toBe(Math.floor(ms / 1000) * 1000);
    }),
  );
});

test('names lose what would divide them, in the message and where it is referred to', () => {
  const odd = { sender: 'a b,c<d&e', identifier: 'x\ty', sentMs: 0 };
  expect(capReference(odd)).toBe('a_b_c_d_e,x_y,1970-01-01T00:00:00-00:00');
  const xml = encodeCap({ ...capMessageOf(alarm, source), sender: odd.sender, identifier: odd.identifier });
  expect(xml).toContain('<identifier>x_y</identifier>\n<sender>a_b_c_d_e</sender>');
});

test('any text survives', async () => {
  // Any code unit, lone surrogates and control characters too.
  const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
  const nasty = fc.oneof(text, fc.constantFrom(']]>', '<!--', '&amp;', '&#0;', '\r\n', '</headline>', '\u0000', '"\''));
  const words = fc.array(nasty).map((parts) => `x${parts.join('')}x`);
  await fc.assert(
    fc.asyncProperty(words, async (any) => {
      const message = capMessageOf(alarm, source);
      const parameters = [{ valueName: any, value: any }];
      const xml = encodeCap({ ...message, note: any, info: { ...message.info, description: any, parameters } });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not be there
      expect(xml).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/);
      const read = await CAP_1_2.Alert.fromXML(xml);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML can't carry is shown as such
      const expected = any.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu, '\ufffd');
      expect(read.note).toBe(expected);
      expect(read.info_list[0]?.description).toBe(expected);
      expect(read.info_list[0]?.parameter_list).toEqual([{ valueName: expected, value: expected }]);
    }),
  );
});
