import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { jsonSafe, terminalSafe } from '../../../gateway/cli/terminal-safe.ts';
import { terminalLines } from '../../../gateway/cli/terminal-text.ts';

const CLI = fileURLToPath(new URL('../../../gateway/cli', import.meta.url));
const CONTROL = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/u;
const hostile = fc.string({ unit: 'binary', maxLength: 60 });
/** Titles, clipboards, screens, links, hidden text, and C1 instead of ESC. */
const SEQUENCES = [
  '\u001b]0;title\u0007',
  '\u001b]52;c;ZWNobyBoaQ==\u001b\\',
  '\u001b[2J\u001b[H',
  '\u001b]8;;http://x\u001b\\all well\u001b]8;;\u001b\\',
  '\u001b[8m',
  '\u001bP+q544e\u001b\\',
  '\u009b2J',
  'sound \r  ok',
  'back\b\b\b',
  '\u202egnp.\u202c',
];

describe('a terminal gets no control character from outside', () => {
  afterEach(() => void vi.unstubAllEnvs());

  test.each(SEQUENCES)('%j', (text) => {
    expect(terminalSafe(text)).not.toMatch(CONTROL);
    expect(terminalLines(`a ${text} b`).join('')).not.toMatch(CONTROL);
    expect(jsonSafe(JSON.stringify({ text }))).not.toMatch(CONTROL);
  });

  test('whatever is sent: one line stays one line, JSON stays the same document, and colours stay', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = text.replaceAll('\n', '').replaceAll('\t', '');
        const shown = terminalSafe(line);
        expect(shown).not.toMatch(/\p{Cc}/u);
        const json = jsonSafe(JSON.stringify({ text }));
        expect(json).not.toMatch(/\p{Cc}/u);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
    expect(terminalSafe('a\tb\nc')).toBe('a\tb\nc');
  });

  test('the colours of our own texts stay where there are colours, and nothing else of that kind', () => {
    const coloured = styleText('red', 'critical', { validateStream: false });
    vi.stubEnv('FORCE_COLOR', '1');
    expect(terminalSafe(`${coloured} \u001b[5mname\u001b[0m`)).toBe(`${coloured} \uFFFD[5mname\uFFFD[0m`);
  });
});

/** What else writes, and why it may. */
const OTHERS = new Map([
  ['completion/completion-command.ts', 'a script'],
  ['devices/output-file.ts', 'a sheet of a checked site'],
  ['devices/table.ts', 'a table of a checked site'],
  ['live-screen.ts', 'it has made the lines harmless before'],
  ['program.ts', 'the lines are harmless already'],
  ['report/write-report.ts', 'a document'],
]);

test('nothing in the command line writes to a terminal in another way', () => {
  const written = readdirSync(CLI, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const statements = readFileSync(join(CLI, name), 'utf8').split(/;\n/);
      return statements.map((statement) => ({ name, statement: statement.trim() }));
    })
    .filter(({ statement }) => /\b(stdout|stderr|terminal)\.write\(|console\.|terminal\.question\(/.test(statement))
    .filter(({ statement }) => !/terminalSafe|terminalLines|jsonSafe/.test(statement))
    // Texts of our own.
    .filter(({ statement }) => !/write\((''|'[^'$]*'|`(\$\{[A-Z_]+\})+`|[A-Z_]+)[,)]|question\('/.test(statement));
  expect([...new Set(written.map(({ name }) => name))].sort()).toEqual([...OTHERS.keys()].sort());
});
