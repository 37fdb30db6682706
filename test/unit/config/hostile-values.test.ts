import { expect, test } from 'vitest';
import { isCollection, isScalar, parseDocument, visit } from 'yaml';
import { EVERY_INPUT, EVERY_KEY } from './every-input-fixture.ts';
import { KEYS, mistakesOf, SITE } from './site-fixture.ts';

/** To make a text of them throws. */
const MAPPING = '{ toString: 1 }';
const LIST = `[${MAPPING}]`;

/** The site, each time with another of its values replaced by this text. */
function* spoiled(site: string, by: string): Generator<string> {
  const ends: (readonly [number, number])[] = [];
  visit(parseDocument(site), {
    Pair: (_, { value }) => {
      if ((isScalar(value) || isCollection(value)) && value.range) ends.push([value.range[0], value.range[1]]);
    },
  });
  for (const [from, to] of ends)
    yield `${site.slice(0, from)}${by}${site.slice(to).replace(/^(?=\S)(?![,}\]])/, '\n')}`;
}

test.each([
  ['a mapping', 'a small site', SITE, KEYS, MAPPING],
  ['a list', 'a site with every input', EVERY_INPUT, EVERY_KEY, LIST],
])('%s in the place of any value of %s is a mistake, and never a crash', (_, __, site, keys, by) => {
  const all = [...spoiled(site, by)];
  expect(all.length).toBeGreaterThan(20);
  for (const each of all) expect(mistakesOf({ site: each, keys }), each).not.toEqual([]);
});
