import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readScenarioText } from '../../../device-sim/scenario/scenario-file.ts';
import { namesOfSite } from '../../../device-sim/scenario/site-texts.ts';
import { formatMistake, type Mistake } from '../../../gateway/config/read/mistake.ts';
import { BROKEN_PROMISES } from '../../scenarios/broken-promises.ts';

const folder = fileURLToPath(new URL('../../../device-sim/scenarios/', import.meta.url));
const shipped = readdirSync(folder).flatMap((file) => (file.endsWith('.yaml') ? [file.replace('.yaml', '')] : []));
const page = readFileSync(new URL('../../../device-sim/README.md', import.meta.url), 'utf8');
const textOf = (scenario: string) => readFileSync(`${folder}${scenario}.yaml`, 'utf8');

test('a planted fault breaks the promise of each shipped scenario', () => {
  expect(BROKEN_PROMISES.map(({ scenario }) => scenario).toSorted()).toEqual(shipped.toSorted());
});

test('the table in README.md has each of them, with its promise and that fault', () => {
  const rows = [...page.matchAll(/^\| \[([^\]]+)\]\(scenarios\/.+$/gm)].map(([row]) => row);
  const expected = BROKEN_PROMISES.map(({ scenario, how }) => {
    const [, name] = /^name: (.+)$/m.exec(textOf(scenario)) ?? [];
    return `| [${scenario}](scenarios/${scenario}.yaml) | ${name} | ${how} |`;
  });
  expect(rows.toSorted()).toEqual(expected.toSorted());
});

describe.each(shipped)('%s', (scenario) => {
  test('has no mistake', () => {
    const mistakes: Mistake[] = [];
    readScenarioText(`${folder}${scenario}.yaml`, textOf(scenario), mistakes, namesOfSite);
    expect(mistakes.map(formatMistake)).toEqual([]);
  });

  test('begins with whom it protects and what it promises', () => {
    const [head = ''] = textOf(scenario).split(/^name:/m);
    const [schema, ...comment] = head.trim().split('\n');
    expect(schema).toBe('# yaml-language-server: $schema=../scenario/scenario.schema.json');
    expect(comment.join(' ').replaceAll(' # ', ' ')).toMatch(/^# For .+ The promise: .+\.$/);
  });
});
