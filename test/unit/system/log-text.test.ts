import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logText } from '../../../gateway/system/log-text.ts';

const AT = new Date(2026, 10, 28, 17, 4, 5, 78);
const HEAD = '2026-11-28 17:04:05.078';

const line = (fields: object) => `${JSON.stringify({ level: 'info', time: AT.toISOString(), ...fields })}\n`;

describe('a line of the log for a person: local time, level, event, text, then the fields as they come', () => {
  test.each<[string, object, string]>([
    ['nothing more', { event: 'stopped' }, `${HEAD} INFO  stopped\n`],
    ['fields in their order', { records: 3, path: 'central', event: 'x' }, `${HEAD} INFO  x records=3 path=central\n`],
    [
      'the text first, without quotes',
      { subject: 'bus-1', text: 'Input bus-1 down: "gone"', event: 'trouble' },
      `${HEAD} INFO  trouble Input bus-1 down: "gone" subject=bus-1\n`,
    ],
    ['quotes where a text has spaces', { detail: 'no answer', event: 'x' }, `${HEAD} INFO  x detail="no answer"\n`],
    ['an empty text', { detail: '', event: 'x' }, `${HEAD} INFO  x detail=""\n`],
    ['lists and mappings as JSON', { at: [1, 'a b'], event: 'x' }, `${HEAD} INFO  x at=[1,"a b"]\n`],
    [
      'a stack below the line',
      { level: 'fatal', error: 'Error: a defect\n    at f (x.ts:1)', event: 'defect' },
      `${HEAD} FATAL defect error: Error: a defect\n    at f (x.ts:1)\n`,
    ],
  ])('%s', (_name, fields, expected) => {
    expect(logText(line(fields), false)).toBe(expected);
    expect(stripVTControlCharacters(logText(line(fields), true))).toBe(expected);
  });

  test('what is no line of the log stays as it is', () => {
    for (const text of ['site.yaml:1:1: error\n', '{ braces\n', '{"a":1}\n']) expect(logText(text, true)).toBe(text);
  });
});

test('no text that a far end chose can act on the terminal, hide itself or begin a line of its own', () => {
  const hostile = fc.string({ unit: fc.constantFrom('\u001b[2J', '\r', '\n', '\u009b', '\u202e', '\ud800', 'a', ' ') });
  fc.assert(
    fc.property(hostile, hostile, hostile, (text, detail, name) => {
      const lines = logText(line({ text, detail, [`n${name}`]: detail, event: 'x' }), false).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      for (const each of lines.slice(1)) expect(each).toMatch(/^ {4}/);
    }),
  );
});
