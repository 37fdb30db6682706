import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scenarioJsonSchemaText } from '../../../device-sim/scenario/json-schema.ts';
import { withReference } from '../../../device-sim/scenario/reference.ts';
import { readScenarioText } from '../../../device-sim/scenario/scenario-file.ts';
import { namesOfSite } from '../../../device-sim/scenario/site-texts.ts';
import { formatMistake, type Mistake } from '../../../gateway/config/read/mistake.ts';

const read = (path: string) => readFileSync(new URL(`../../../device-sim/${path}`, import.meta.url), 'utf8');

test('scenario.schema.json is fresh (if not: npm run schema)', () => {
  expect(JSON.parse(read('scenario/scenario.schema.json'))).toEqual(JSON.parse(scenarioJsonSchemaText()));
});

test('README.md has every step and every expectation as they are (if not: npm run schema)', () => {
  const page = read('README.md');
  expect(withReference(page)).toBe(page);
});

test('the example in README.md is a scenario without a mistake', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  const mistakes: Mistake[] = [];
  expect(readScenarioText('README.md', example, mistakes, namesOfSite)?.timeline).toHaveLength(5);
  expect(mistakes.map(formatMistake)).toEqual([]);
});

test('a name that the site does not have is shown with its line, and the one that was meant', () => {
  const mistakes: Mistake[] = [];
  const text = [
    'name: N',
    'site: small',
    'timeline:',
    '  - press: wb-1O1',
    '    hold: 1s',
    '  - wait: { alert: any, acknowledged: centrl }',
    'expect: [{ noAlert: any }]',
  ].join('\n');
  readScenarioText('s.yaml', text, mistakes, namesOfSite);
  expect(mistakes.map(formatMistake)).toEqual([
    's.yaml:4:12: error: the site has no device "wb-1O1"; did you mean "wb-101"?',
    's.yaml:6:39: error: the site has no path "centrl"; did you mean "central"?',
  ]);
});
