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
