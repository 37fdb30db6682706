import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CallpointError, ERROR_CATALOGUE } from '../../protocol/errors.ts';
import { PROJECT, sourceFiles } from './source-files.ts';

const codes = Object.keys(ERROR_CATALOGUE);
const used = sourceFiles('gateway', 'device-sim').flatMap(({ code }) =>
  [...code.matchAll(/new CallpointError\(\s*'([A-Z_]+)'|\bcode: '([A-Z_]+)'/g)].map(([, made, named]) => made ?? named),
);

describe.each(codes)('%s', (code) => {
  test('is used by the code', () => {
    expect(used).toContain(code);
  });

  test('stands in a table of ARCHITECTURE.md', () => {
    const file = join(PROJECT, 'ARCHITECTURE.md');
    expect(existsSync(file)).toBe(true);
    const rows = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trimStart().startsWith('|'));
    expect(rows.filter((row) => row.includes(`\`${code}\``))).not.toEqual([]);
  });
});

test('no code is used that the catalogue does not have', () => {
  // Codes of Node's own errors are compared. Only the simulator's full disk makes one.
  expect(used.filter((code) => code !== undefined && code !== 'ENOSPC' && !codes.includes(code))).toEqual([]);
});

test('an error carries its code, its words and its cause', () => {
  const cause = new Error('EADDRINUSE');
  const error = new CallpointError('PORT_TAKEN', 'Port 7700 is used by another program', { cause });
  expect(error).toMatchObject({ name: 'CallpointError', code: 'PORT_TAKEN', cause });
  expect(error).toBeInstanceOf(Error);
});
