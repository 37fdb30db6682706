import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCheck } from '../../../gateway/cli/check.ts';
import { loadSettings } from '../../../gateway/config/load.ts';

const root = mkdtempSync(join(tmpdir(), 'callpoint-junk-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const file = join(root, 'site.yaml');

function check(text: string, json = false): string[] {
  writeFileSync(file, text);
  const lines: string[] = [];
  expect(runCheck({ config: file, data: root, json }, (line) => lines.push(line))).toBe(1);
  return lines;
}

const SIZE = 100_000;
const repeated = (text: string) => text.repeat(SIZE / text.length);
const numbered = (line: (n: number) => string) => Array.from({ length: 30_000 }, (_, n) => line(n)).join('\n');

/**
 * Each took minutes, or filled the terminal with lines, at a few megabytes. The time limit is that
 * of the test.
 */
describe('a file of junk is judged in seconds, in a screenful of lines', () => {
  test.each([
    ['one line', repeated('a'), 'the file is'],
    ['brackets that open', repeated('['), 'nested too deeply'],
    ['brackets after brackets', repeated('{[}]'), 'is not closed'],
    ['brackets that close first', `${repeated(']')}${repeated('[')}`, ''],
    ['names nobody knows', numbered((n) => `name${n}: v`), 'is not known here'],
    ['one name again and again', numbered(() => 'name: v'), 'stands twice'],
    ['anchors and aliases', `a: &a [x]\n${numbered((n) => `b${n}: *a`)}`, 'aliases'],
    ['documents', numbered(() => '---\na: 1'), 'second document'],
    ['a log', numbered((n) => `12:00 gw[${n}]: "level":30`), 'not well formed'],
    ['tabs', repeated('\t:\n'), 'not well formed'],
    ['quotes', repeated('"\n'), 'not well formed'],
    ['zeros', repeated('\0'), ''],
  ])('%s', (_, text, says) => {
    const lines = check(text);
    expect(lines.length).toBeLessThanOrEqual(102);
    expect(lines.join('\n')).toContain(says);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(500);
  });

  test('aliases of aliases take no room', () => {
    const levels = Array.from(
      { length: 20 },
      (_, n) => `n${n + 1}: &n${n + 1} [${Array(9).fill(`*n${n}`).join(', ')}]`,
    );
    expect(check(`n0: &n0 [x]\n${levels.join('\n')}\n`).length).toBeLessThanOrEqual(102);
  });
});

test('of many mistakes the first hundred are shown and all are counted, also by the run that refuses them', () => {
  const text = Array.from({ length: 2000 }, (_, n) => `name${n}: v`).join('\n');
  const lines = check(text);
  expect(lines.at(-2)).toMatch(/^… and 19\d\d more that are not shown/);
  expect(lines.at(-1)).toMatch(/20\d\d errors, 1 warning; the gateway would not start$/);
  const { errors, warnings, mistakes, not_shown: notShown } = JSON.parse(check(text, true)[0] ?? '');
  expect(mistakes).toHaveLength(100);
  expect(errors + warnings).toBe(notShown + 100);
  const load = () => loadSettings(file, root);
  expect(load).toThrow(/^([^\n]*\n){100}… and \d+ more errors[^\n]*$/);
});

test('a file larger than any site is not read at all', () => {
  const lines = check('a'.repeat(1024 * 1024 + 1));
  expect(lines[0]).toContain('the site file is larger than 1 MiB: it is not a site');
});
