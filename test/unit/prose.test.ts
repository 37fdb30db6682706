import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from './source-files.ts';

const COLUMNS_MAX = 100;

const FOLDERS = ['.', '.github', 'device-sim', 'gateway', 'hardware', 'protocol', 'test'];

test('comments are wrapped', () => {
  expect(inFiles(/\.m?ts$/, (text) => tooLong(commentLines(text)))).toEqual([]);
});

test('the prose of every page is wrapped', () => {
  expect(inFiles(/\.md$/, (text) => tooLong(proseLines(text)))).toEqual([]);
});

test('a long comment and a long line of prose are found, and what cannot be wrapped is not', () => {
  const long = 'word '.repeat(21);
  const code = `const a = '${long}';\n/** ${long} */\n/*\n * ${long}\n */\n  ${'//'} ${long}\nf(); ${'//'} ${long}`;
  expect(tooLong(commentLines(code))).toHaveLength(4);
  const page = `${long}\n- ${long}\n| ${long} |\n\n    ${long}\n\n\`\`\`\n${long}\n\`\`\`\n<!-- pins -->\n${long}\n<!-- /pins -->\n`;
  expect(tooLong(proseLines(page))).toHaveLength(2);
  expect(tooLong([`see https://example.org/${'x'.repeat(100)}`, `[a page](${long})`])).toEqual([]);
});

/** Returns each line found, after the path of its file. */
function inFiles(name: RegExp, find: (text: string) => readonly string[]): string[] {
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: folder !== '.', encoding: 'utf8' }).map((path) =>
      join(folder, path),
    ),
  );
  const wanted = paths.filter((path) => name.test(path) && !/node_modules/.test(path));
  expect(wanted.length).toBeGreaterThan(10);
  return wanted.flatMap((path) => find(readFileSync(join(PROJECT, path), 'utf8')).map((line) => `${path}: ${line}`));
}

/**
 * Returns lines that are a comment or end in one. A directive to a tool has to stay on one line.
 */
function commentLines(code: string): string[] {
  let isInBlock = false;
  return code.split('\n').filter((line) => {
    const isComment = isInBlock || /^\s*(\/\*|\/\/)/.test(line) || /[;,{}]\s+\/\/ /.test(line);
    if (/^\s*\/\*/.test(line)) isInBlock = true;
    if (line.includes('*/')) isInBlock = false;
    return isComment && !/biome-ignore|@ts-|@vitest|\/\/\/ </.test(line);
  });
}

/** Returns lines that are no table, code, heading, HTML or generated part. */
function proseLines(page: string): string[] {
  const prose = page
    .replace(/^<!-- (\S+) -->$[\s\S]*?^<!-- \/\1 -->$/gm, '')
    .replace(/^ *```[\s\S]*?^ *```$/gm, '')
    .split('\n');
  return prose.filter((line, at) => !/^\s*[|<#]/.test(line) && !(/^ {4}/.test(line) && isCode(prose, at)));
}

/** Returns true for an indented line after an empty one, or after another such line. */
function isCode(lines: readonly string[], at: number): boolean {
  let first = at;
  while (/^ {4}/.test(lines[first - 1] ?? '')) first -= 1;
  return (lines[first - 1] ?? '').trim() === '' || /^ {8}/.test(lines[at] ?? '');
}

/** Returns lines over the limit. Targets of links and URLs do not count. */
function tooLong(lines: readonly string[]): string[] {
  return lines.filter((line) => [...line.replace(/\]\([^)]*\)|https?:\/\/\S+/g, '')].length > COLUMNS_MAX);
}
