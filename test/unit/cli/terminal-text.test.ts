import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  columns,
  inLocalTime,
  localTime,
  sentence,
  table,
  terminalLines,
  wrapped,
} from '../../../gateway/cli/terminal-text.ts';

const ROWS = [
  ['central', 'down', 'never answered', '1 waiting', 'the receiver refused the connection: is it on?'],
  ['北野の監視センター', 'up', '', '', ''],
];

describe('a table', () => {
  test('puts the last column below the others where there is no room beside them, as on a telephone', () => {
    expect(table(ROWS, 40)).toEqual([
      [
        '  central  down  never answered  1',
        '    waiting',
        '    the receiver refused the connection:',
        '    is it on?',
      ],
      ['  北野の監視センター  up'],
    ]);
  });

  test('lines wide letters up by the columns that they take', () => {
    const [first = [], second = []] = table(
      [
        ['受付', 'ok', 'heard 3 s ago'],
        ['Reception', 'ok', 'heard 3 s ago'],
      ],
      80,
    );
    expect(columns(first[0]?.split('ok')[0] ?? '')).toBe(columns(second[0]?.split('ok')[0] ?? ''));
  });

  test('is never wider than the screen, from 40 columns on, unless a single word is', () => {
    const cell = fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,8}){0,6}$/);
    const row = fc.tuple(fc.stringMatching(/^[a-z-]{1,16}$/), cell, cell, cell);
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), fc.integer({ min: 40, max: 130 }), (rows, width) => {
        for (const line of table(rows, width).flat()) expect(columns(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('a line that is too long', () => {
  const LINE = '  1. Agree on the path keys in keys.yaml with the monitoring centre.';

  test('is broken between words at a terminal, and further lines are indented', () => {
    expect(terminalLines(LINE, { isTTY: true, columns: 40 })).toEqual([
      '  1. Agree on the path keys in keys.yaml',
      '    with the monitoring centre.',
    ]);
  });

  test('is one line for a program that reads a pipe', () => {
    expect(terminalLines(`${LINE}\nand another`, {})).toEqual([LINE, 'and another']);
  });
});

describe('a text for a person', () => {
  test('has no blanks where a line is broken between two columns', () => {
    const line = '28 Nov 14:16:37  acknowledged by central  Hold-up, Room 102  (wb-102.1.7)';
    expect(wrapped(line, 40, 2)).toEqual([
      '28 Nov 14:16:37  acknowledged by central',
      '  Hold-up, Room 102  (wb-102.1.7)',
    ]);
  });

  test('has the times of this machine, and the rest as the gateway wrote it', () => {
    const now = new Date();
    const iso = '2026-11-28T14:05:00.250Z';
    expect(inLocalTime(`drill in site until ${iso}; it goes on`, now)).toBe(
      `drill in site until ${localTime(iso, now)}; it goes on`,
    );
    expect(inLocalTime('wb-101.1795311296.4 2026-11-28', now)).toBe('wb-101.1795311296.4 2026-11-28');
  });

  test('is a sentence; a name at its beginning stays as it is written', () => {
    expect(sentence('drill ended in building:A')).toBe('Drill ended in building:A.');
    expect(sentence('wb-101.1.4 cancelled')).toBe('wb-101.1.4 cancelled.');
  });
});
