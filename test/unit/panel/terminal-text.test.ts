import fc from 'fast-check';
import { expect, test } from 'vitest';
import { terminalLines, widthOf, wrapped } from '../../../device-sim/terminal/text.ts';

test.each([
  ['short', 10, ['short']],
  ['one two three', 7, ['one two', '  three']],
  ['  indented text goes on', 14, ['  indented', '    text goes', '    on']],
  ['abcdefghij', 4, ['abcd', '  ef', '  gh', '  ij']],
])('%j in %i columns', (line, width, lines) => {
  expect(wrapped(line, width)).toEqual(lines);
});

test('no letter is lost, and no line is wider than the terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 8, max: 80 }), (text, width) => {
      const [line = ''] = terminalLines(text.replaceAll('\n', ' '), {});
      const lines = wrapped(line, width);
      const letters = (of: string) => of.replaceAll(/\s/g, '');
      expect(letters(lines.join(''))).toBe(letters(line));
      if (!/^ {4}/.test(line)) for (const each of lines) expect(widthOf(each)).toBeLessThanOrEqual(width);
    }),
  );
});

test('a pipe gets whole lines, a terminal broken ones, and neither a control character', () => {
  const text = `${'word '.repeat(30)}\u001b[2J\u202e`;
  expect(terminalLines(text, {})).toHaveLength(1);
  const lines = terminalLines(text, { isTTY: true, columns: 40 });
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
