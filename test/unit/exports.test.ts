import { describe, expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './source-files.ts';

const files = sourceFiles('protocol', 'gateway', 'device-sim', 'hardware', 'test');

const DECLARED = /^export (?:declare |abstract |async )*(?:function\*?|class|const|let|type|interface|enum) (\w+)/gm;
const TAKEN = /^\s*import\s+(?:type\s+)?(?:\w+\s*,\s*)?\{([^}]*)\}\s*from\s*['"](\.[^'"]+)['"]/gm;
const LOADED = /\bimport\(\s*['"](\.[^'"]+)['"]/g;

function exportedBy({ code }: SourceFile): string[] {
  return [...code.matchAll(DECLARED)].flatMap(([, name]) => name ?? []);
}

/**
 * Names that other files import, as `file name`. If a file is loaded or started as a whole, all its
 * names count as used.
 */
function takenNames(): Set<string> {
  const taken = new Set<string>();
  for (const file of files) {
    const named = new Map<string, string[]>();
    for (const [, names = '', specifier = ''] of file.code.matchAll(TAKEN)) {
      const list = names.split(',').map((name) =>
        name
          .trim()
          .replace(/^type /, '')
          .replace(/ as .*$/, ''),
      );
      named.set(specifier, [...(named.get(specifier) ?? []), ...list]);
    }
    const loaded = new Set([...file.code.matchAll(LOADED)].map(([, specifier = '']) => specifier));
    for (const { specifier, file: path } of file.imports) {
      const whole = files.find((each) => each.path === path);
      if (whole === undefined) continue;
      const names = loaded.has(specifier) ? undefined : named.get(specifier);
      for (const name of names ?? exportedBy(whole)) taken.add(`${whole.path} ${name}`);
    }
  }
  return taken;
}

describe('exports', () => {
  const taken = takenNames();
  const unused = files.flatMap((file) =>
    exportedBy(file)
      .map((name) => `${file.path} ${name}`)
      .filter((name) => !taken.has(name)),
  );

  test('what only its own file uses is not exported', () => {
    expect(taken.size).toBeGreaterThan(500);
    expect(unused).toEqual([]);
  });
});

test('members are private by #, which holds when the program runs; only constructors have no other way', () => {
  const keyword = /^\s+(?:private|protected) (?!constructor\()/m;
  expect(files.filter(({ code }) => keyword.test(code)).map(({ path }) => path)).toEqual([]);
});
