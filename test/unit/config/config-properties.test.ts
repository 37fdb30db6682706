import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Mistake } from '../../../gateway/config/read/mistake.ts';
import { EVERY_INPUT, EVERY_KEY, EVERY_SECRET } from './every-input-fixture.ts';
import { KEYS, mistakesOf, SECRETS, SITE } from './site-fixture.ts';

/** Strings that YAML or a naive reader trips over. */
const NASTY = [
  '\t',
  '- ',
  ': ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '&a ',
  '*a',
  '!!binary ',
  '!x ',
  '---\n',
  '...',
  '%YAML 9\n',
  '|',
  '>',
  '#',
  '\0',
  '\u2028',
  '\r',
  '\uFEFF',
  '__proto__: ',
  'constructor: ',
  '<<: ',
  '? ',
  '~',
  '.inf',
  '-.nan',
  '0x7f',
  '1e999',
  '9'.repeat(40),
  '99999',
  '-1',
  '0.5',
  'true',
  'null',
  '[[[[',
  '💥',
];

const edit = fc.record({
  at: fc.nat(1_000_000),
  drop: fc.nat(30),
  put: fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 6 }), fc.constant('')),
});

const mangled = (text: string) =>
  fc.array(edit, { minLength: 1, maxLength: 5 }).map((edits) =>
    edits.reduce((before, { at, drop, put }) => {
      const start = at % (before.length + 1);
      return before.slice(0, start) + put + before.slice(start + drop);
    }, text),
  );

function wellFormed(found: readonly Mistake[]): void {
  for (const { line, column, message, hint, file } of found) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(message).not.toBe('');
    expect(hint).not.toBe('');
    expect(['site.yaml', 'keys.yaml']).toContain(file);
    // A file cannot write to the terminal of the person who checks it.
    expect(message + hint).not.toMatch(/\p{Cc}/u);
  }
}

test('however a site file is mangled, reading it ends in mistakes with a place, or in none', () => {
  fc.assert(
    fc.property(mangled(SITE), (site) => wellFormed(mistakesOf({ site, keys: KEYS }))),
    { numRuns: 50 },
  );
});

test('however a site file with every input is mangled, reading it ends in mistakes with a place, or in none', () => {
  fc.assert(
    fc.property(mangled(EVERY_INPUT), (site) => wellFormed(mistakesOf({ site, keys: EVERY_KEY }))),
    { numRuns: 25 },
  );
});

test('whatever word of a site is replaced by another or by a key, no message holds the key', () => {
  const words = EVERY_INPUT.match(/[\w./-]+/g) ?? [];
  const keys = Object.values(EVERY_SECRET).filter((secret) => secret.length === 32);
  fc.assert(
    fc.property(fc.nat(words.length - 1), fc.oneof(fc.constantFrom(...words), fc.constantFrom(...keys)), (at, word) => {
      let place = -1;
      const site = EVERY_INPUT.replace(/[\w./-]+/g, (old) => {
        place += 1;
        return place === at ? word : old;
      });
      const found = mistakesOf({ site, keys: EVERY_KEY });
      wellFormed(found);
      const told = found.map(({ message, hint }) => `${message} ${hint}`).join('\n');
      expect(keys.filter((key) => told.includes(key))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('however a keys file is mangled, no message holds eight characters of a secret', () => {
  const pieces = Object.values(SECRETS).flatMap((secret) =>
    Array.from({ length: secret.length - 7 }, (_, i) => secret.slice(i, i + 8)),
  );
  fc.assert(
    fc.property(mangled(KEYS), (keys) => {
      const found = mistakesOf({ site: SITE, keys });
      wellFormed(found);
      const told = found.map(({ message, hint }) => `${message} ${hint}`).join('\n');
      expect(pieces.filter((piece) => told.includes(piece))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('arbitrary bytes in place of either file are told as mistakes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      (site, keys) => {
        const found = mistakesOf({ site, keys });
        wellFormed(found);
        expect(found.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 50 },
  );
});

test('a file nested without end is one mistake, not a crash', () => {
  for (const site of [
    '['.repeat(3000),
    '{a: '.repeat(3000),
    `${'- '.repeat(20_000)}x`,
    `${'['.repeat(50)}${']'.repeat(50)}`,
  ]) {
    const [mistake, ...more] = mistakesOf({ site, keys: KEYS }).filter(({ severity }) => severity === 'error');
    expect(mistake?.message).toBe('the file is nested too deeply to be read');
    expect(more).toEqual([]);
  }
});
