import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from './site-fixture.ts';

const CYRILLIC = [
  ['name: Main building', 'name: Главный корпус'],
  ['name: First floor', 'name: Первый этаж'],
  ['name: Reception', 'name: Приёмная'],
  ['name: Lockdown,', 'name: Нападение,'],
] as const;
const SPELT = [
  ['name: Main building', 'name: Главный корпус\n    latin: Glavny korpus'],
  ['name: First floor', 'name: Первый этаж\n        latin: First floor'],
  ['name: Reception', 'name: Приёмная, latin: Reception'],
  ['name: Lockdown,', 'name: Нападение, latin: Attack,'],
] as const;
const DOOR = ['deadlines:', 'doors:\n  - { id: yard, contact: wb-101/door, name: Двор }\ndeadlines:'] as const;

const CASES: readonly Case[] = [
  {
    promise: 'a building whose letters get lost is named, with the paths and what they would show',
    edits: CYRILLIC,
    at: 'Главный корпус',
    says: `"Главный корпус" has letters that paths central, backup can't carry: it goes out there as "Glavnyy korpus"`,
    hint: 'latin: Glavnyy korpus',
    severity: 'warning',
  },
  {
    promise: 'a kind of alert as well',
    edits: CYRILLIC,
    at: 'Нападение',
    says: '"Napadenie"',
    hint: 'latin: Napadenie',
    severity: 'warning',
  },
  {
    promise: 'and a door',
    edits: [DOOR],
    at: 'Двор',
    says: '"Dvor"',
    hint: 'latin: Dvor',
    severity: 'warning',
  },
  {
    promise: 'a spelling that is itself in other letters is refused',
    edits: [['name: Main building', 'name: Главный корпус\n    latin: Главный']],
    at: 'Главный\n    floors',
    says: 'latin',
    hint: 'Latin letters without accents',
  },
  {
    promise: 'a spelling that is never used is told',
    edits: [['name: Main building', 'name: Café\n    latin: Cafe']],
    at: 'Cafe',
    says: '"Café" needs no other spelling',
    hint: 'remove latin',
    severity: 'warning',
  },
  {
    promise: 'two spellings of one name are refused: texts could have one only',
    edits: [
      ['name: Reception', 'name: Химия, latin: Chemistry'],
      ['name: Hall', 'name: Химия, latin: Chem lab'],
    ],
    at: 'Chem lab',
    says: '"Химия" is spelt "Chemistry" at site.yaml:11',
    hint: 'one spelling',
  },
  {
    promise: 'two buildings that are one in Latin letters are told',
    edits: [
      ['name: Main building', 'name: Корпус Е, latin: Korpus E'.replace(', ', '\n    ')],
      ['  - id: B\n', '  - id: B\n    name: Корпус Э\n'],
    ],
    at: 'Корпус Э',
    says: '"Корпус Э" and "Корпус Е" (site.yaml:6) are the same over paths central, backup: "Korpus E"',
    hint: 'latin:',
    severity: 'warning',
  },
  {
    promise: 'two room numbers that differ by the script of one letter as well',
    edits: [
      ['number: "101", name: Reception', 'number: 101A, name: Reception'],
      ['number: 102 ', 'number: 101А '],
      ['location: A/1/101', 'location: A/1/101A'],
      ['location: A/1/102', 'location: A/1/101А'],
    ],
    at: '101А }',
    says: '"101А" and "101A" (site.yaml:11) are the same over paths central, backup: "101A"',
    hint: 'give one of them another number: letters of two scripts may look alike',
    severity: 'warning',
  },
  {
    promise: 'a name that was saved in the wrong encoding is told',
    edits: [['name: Reception', 'name: "????????"']],
    at: '"????????"',
    says: 'letters got lost when the file was saved',
    hint: 'save the file as UTF-8',
    severity: 'warning',
  },
  {
    promise: 'a spelling without a letter or digit is refused',
    edits: [['name: Main building', 'name: Главный корпус\n    latin: "???"']],
    at: '"???"',
    says: 'latin is "???"',
    hint: 'Latin letters without accents',
  },
  {
    promise: 'a spelling of nothing is refused',
    edits: [['      - id: "2"\n', '      - id: "2"\n        latin: Upper\n']],
    at: 'Upper',
    says: 'no name',
    hint: 'write name:',
  },
];

describe('names in other scripts', () => {
  for (const one of CASES) test(one.promise, () => checkCase(one));

  test('with their spelling, or with accents only, nothing is wrong with them', () => {
    expect(mistakesOf({ site: edited(SITE, ...SPELT), keys: KEYS })).toEqual([]);
    expect(mistakesOf({ site: edited(SITE, ['name: Main building', 'name: Größe']), keys: KEYS })).toEqual([]);
  });

  test('a name that is spelt once is spelt everywhere', () => {
    const once = edited(SITE, ['name: Reception', 'name: Химия, latin: Chemistry'], ['name: Hall', 'name: Химия']);
    expect(mistakesOf({ site: once, keys: KEYS })).toEqual([]);
  });

  test.each([
    ['a zero width space', '\\u200b'],
    ['marks of direction alone', '\\u200f\\u200e'],
    ['an accent without a letter', '\\u0301'],
    ['a soft hyphen', '\\u00ad'],
    ['a filler of Hangul', '\\u3164'],
    ['an empty Braille cell', '\\u2800'],
    ['half a surrogate pair', 'Hall \\ud83d'],
    ['no character', 'Hall \\uffff'],
    ['a control character of the terminal', '\\u009b31m'],
    ['an override of direction', 'Hall \\u202e'],
    ['an isolate of direction', 'Hall \\u2067'],
    ['a separator of lines', 'Hall\\u2028North'],
  ])('%s is no name: nothing of it, or something else, would be seen', (_, escaped) => {
    const site = edited(SITE, ['name: Hall', `name: "${escaped}"`]);
    const [mistake, ...more] = mistakesOf({ site, keys: KEYS });
    expect(more).toEqual([]);
    expect(mistake?.hint).toContain('that can be seen');
    // What can't be seen is escaped: the message shows what is in the file, and turns no line
    // round.
    const seen = escaped === '\\u0301' ? JSON.parse(`"${escaped}"`) : escaped;
    expect(mistake?.message).toBe(`name is "${seen}"`);
  });

  test.each(['חדר 5\u200f', 'می\u200cخواهم', '👩\u200d🔬 Labor', '½', '🔥', 'Ｒｏｏｍ', 'e\u0301'])(
    '%j is a name',
    (name) => {
      const errors = mistakesOf({ site: edited(SITE, ['name: Hall', `name: ${name}`]), keys: KEYS }).filter(
        ({ severity }) => severity === 'error',
      );
      expect(errors).toEqual([]);
    },
  );

  test('each name is told once, however many rooms have it', () => {
    const twice = edited(SITE, ['name: Reception', 'name: Химия'], ['name: Hall', 'name: Химия']);
    expect(mistakesOf({ site: twice, keys: KEYS })).toHaveLength(1);
  });

  test('the core gets the site’s spelling, a transliteration where there is none, and ids that need one', () => {
    const written = edited(
      SITE,
      ...SPELT.slice(0, 2),
      ['name: Reception', 'name: Приёмная'],
      ['"201"', '"201б"'],
      DOOR,
    );
    const latin = withSite(
      { site: written, keys: KEYS },
      (file, directory) => loadSettings(file, directory).site.latin,
    );
    expect(latin).toEqual(
      new Map([
        ['Двор', 'Dvor'],
        ['Главный корпус', 'Glavny korpus'],
        ['Первый этаж', 'First floor'],
        ['Приёмная', 'Priemnaya'],
        ['201б', '201b'],
      ]),
    );
  });

  test('a site in Latin letters has none of it', () => {
    expect(withSite({ site: SITE, keys: KEYS }, (file, directory) => loadSettings(file, directory).site.latin)).toBe(
      undefined,
    );
  });
});
