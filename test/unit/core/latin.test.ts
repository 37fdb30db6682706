import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { label } from '../../../gateway/config/fields/fields.ts';
import { latinSpelling } from '../../../gateway/config/fields/latin-spelling.ts';
import { LatinSpelling } from '../../../gateway/core/latin.ts';
import { pageText } from '../../../gateway/paths/page-text.ts';
import { textEndingWith } from '../../../protocol/dc09/text.ts';
import { messageText } from '../../../protocol/radio/aprs-message.ts';
import { cleanText } from '../../../protocol/text.ts';
import { baseReport } from '../../integration/dc09-rig.ts';

const NAMES = new Map([
  ['Нападение', 'Attack'],
  ['Главный корпус', 'Glavny korpus'],
  ['Главный', 'Main'],
  ['А', 'A'],
  ['2 этаж', '2nd floor'],
  ['学校', 'XueXiao'],
]);

describe('a report for a link that carries Latin letters only', () => {
  const latin = new LatinSpelling(NAMES);

  test.each([
    ['Нападение, Главный корпус, 2 этаж, Rm 203', 'Attack, Glavny korpus, 2nd floor, Rm 203'],
    ['DRILL: Нападение, Главный, 2 этаж', 'DRILL: Attack, Main, 2nd floor'],
    ['Cancelled: Нападение А: 12 more, Rm 1', 'Cancelled: Attack A: 12 more, Rm 1'],
    ['学校; doors not secured: Rm 5 学校 open', 'XueXiao; doors not secured: Rm 5 XueXiao open'],
    // A name within another word does not count.
    ['Аня', 'Аня'],
    ['Intruder, Main building', 'Intruder, Main building'],
  ])('%j is sent as %j', (text, sent) => expect(latin.report({ ...baseReport, text }).text).toBe(sent));

  test('without such names it is the same report', () => {
    expect(new LatinSpelling(new Map()).report(baseReport)).toBe(baseReport);
    expect(latin.report(baseReport)).toEqual(baseReport);
  });
});

describe('a name without a spelling of its own', () => {
  test.each([
    ['Химия', 'Khimiya'],
    ['Κτίριο Α', 'Ktirio A'],
    ['学校', 'XueXiao'],
    ['בניין', 'vnyyn'],
    ['\ue000', 'its id'],
    ['\ufffd\ufffd\ufffd', 'its id'],
    ['غرفة ٢٠٣', 'ghrfh 203'],
  ])('%s is transliterated: %s', (name, spelt) => expect(latinSpelling(name, undefined, 'its id')).toBe(spelt));

  test.each(['Café', 'Größe', 'Łódź', 'Reception 2'])('%s needs none: accents fall away', (name) => {
    expect(latinSpelling(name, undefined, 'its id')).toBeUndefined();
  });
});

/** Every coding of text for links that carry Latin letters only. */
const CODINGS: Readonly<Record<string, (text: string) => string>> = {
  'DC-09': (text) => textEndingWith(text, '(wb-101.1.1)', 500),
  pager: (text) => pageText({ ...baseReport, text }, 7, 500),
  radio: messageText,
  clean: cleanText,
};
/** As `label` and `place` of the configuration take them. */
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((text) => /\S/.test(text) && !/[\p{Cc}?]/u.test(text.normalize('NFKD')) && text === text.trim());
const marks = (text: string) => text.split('?').length - 1;

test.each(Object.keys(CODINGS))('no ? is sent by %s that the site has not written, whatever its names', (coding) => {
  fc.assert(
    fc.property(name, name, name, (kind, building, room) => {
      const spelt = [kind, building, room].flatMap((each) => {
        const latin = latinSpelling(each, undefined, '-');
        return latin === undefined ? [] : [[each, latin] as const];
      });
      const latin = new LatinSpelling(new Map(spelt));
      const text = `DRILL: ${kind}, ${building}, Rm 203 ${room}`;
      const sent = CODINGS[coding]?.(latin.report({ ...baseReport, text }).text) ?? '';
      expect(sent).toMatch(/^[ -~]*$/);
      // AnyAscii writes question marks of other scripts as ours: they mean the same.
      expect(marks(sent)).toBeLessThanOrEqual(spelt.reduce((sum, [, each]) => sum + marks(each), 0));
    }),
  );
});

test.each(Object.keys(CODINGS))('not even text that is no name of the site becomes ? by %s', (coding) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(marks(CODINGS[coding]?.(text) ?? '')).toBeLessThanOrEqual(marks(text.normalize('NFKD')));
    }),
  );
});

test('whatever name the configuration accepts, something of it shows on every link', () => {
  const accepted = label('a name');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), (written) => {
      fc.pre(accepted.safeParse(written).success);
      const sent = cleanText(latinSpelling(written, undefined, 'its id') ?? written);
      expect(sent).toMatch(/^[!-~]/);
      // A half of a surrogate pair would become U+FFFD in UTF-8.
      expect(Buffer.from(written).toString()).toBe(written);
    }),
    { examples: [['¨'], ['´'], ['\u200fא'], ['🔥'], ['\u0301e']] },
  );
});
