import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { percent, startProgress } from '../../../gateway/cli/progress.ts';
import { columns, fitted } from '../../../gateway/cli/terminal-text.ts';

function terminal(isTTY: boolean, width = 20) {
  const written: string[] = [];
  const stream = { isTTY, columns: width, write: (text: string) => written.push(text) > 0 };
  return { stream: stream as unknown as NodeJS.WriteStream, written };
}

describe('progress of long work', () => {
  test('is one line that is replaced, never wider than the terminal, and leaves nothing behind', () => {
    const { stream, written } = terminal(true);
    let now = 0;
    const progress = startProgress(stream, { TERM: 'xterm' }, () => now);
    progress.show('Reading the journal: 0 %');
    now = 50;
    progress.show('Reading the journal: 1 %');
    now = 150;
    progress.show('Short');
    progress.end();
    expect(written).toEqual(['\r\u001b[KReading the journa…', '\r\u001b[KShort', '\r\u001b[K']);
  });

  test.each([
    ['a file or a pipe', false, 'xterm'],
    ['a dumb terminal', true, 'dumb'],
  ])('is not shown on %s', (_name, isTTY, TERM) => {
    const { stream, written } = terminal(isTTY);
    const progress = startProgress(stream, { TERM });
    progress.show('Reading');
    progress.end();
    expect(written).toEqual([]);
  });

  test('is 100 % only when all is done, and never more', () => {
    expect(percent(0, 0)).toBe('0 %');
    expect(percent(999, 1000)).toBe('99 %');
    expect(percent(1000, 1000)).toBe('100 %');
    expect(percent(5, 4)).toBe('100 %');
  });
});

describe('columns of a text', () => {
  test.each([
    ['Reception', 9],
    ['Café', 4],
    ['Cafe\u0301', 4],
    ['学校', 4],
    ['화학실', 6],
    ['Химия', 5],
    ['מזכירות', 7],
    ['🚨', 2],
    ['\u001b[31mred\u001b[39m', 3],
    ['Ａ', 2],
    ['\u200fא', 1],
  ])('%s takes %i', (text, expected) => {
    expect(columns(text)).toBe(expected);
  });

  test('a cut text is never wider than its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        expect(columns(fitted(text, width))).toBeLessThanOrEqual(Math.max(width, 0));
      }),
    );
  });
});
