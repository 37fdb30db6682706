import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path within the project; `undefined` for a package or a module of Node. */
  readonly file: string | undefined;
  /** `import type …`: gone when compiled. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Path within the project, e.g. `gateway/core/core.ts`. */
  readonly path: string;
  readonly text: string;
  /** Without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/**
 * Every TypeScript file of these folders, with what it imports, loads at run time or starts as a
 * thread.
 */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(PROJECT, join(entry.parentPath, entry.name)))
      .filter((path) => !path.includes('node_modules/'))
      .map(readSource),
  );
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(PROJECT, path), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
  return { path, text, code, imports: importsOf(path, code) };
}

/**
 * `import`/`export … from`, bare `import '…'`, `import('…')`, `require('…')`, and modules named by
 * `new URL('./…', import.meta.url)`.
 */
function importsOf(path: string, code: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean) => {
    const file = specifier.startsWith('.') ? relative(PROJECT, resolve(PROJECT, dirname(path), specifier)) : undefined;
    found.push({ specifier, file, typeOnly });
  };
  for (const [, kind, type, specifier = ''] of code.matchAll(
    /^\s*(import|export)\s+(type\s)?[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  )) {
    if (kind !== undefined) add(specifier, type !== undefined);
  }
  for (const [, specifier = ''] of code.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm)) add(specifier, false);
  for (const [, specifier = ''] of code.matchAll(/\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g))
    add(specifier, false);
  for (const [, specifier = ''] of code.matchAll(/new URL\(\s*['"](\.[^'"]+)['"],\s*import\.meta\.url/g)) {
    if (!specifier.endsWith('/')) add(/\.\w+$/.test(specifier) ? specifier : `${specifier}.ts`, false);
  }
  return found;
}

/**
 * Returns everything that a file imports, directly or through others: files of the project, and
 * packages as written.
 */
export function reachable(from: SourceFile, files: ReadonlyMap<string, SourceFile>): Set<string> {
  const seen = new Set<string>();
  const waiting = [from];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const { file: target, specifier } of file.imports) {
      const name = target ?? specifier;
      if (seen.has(name)) continue;
      seen.add(name);
      const next = target === undefined ? undefined : files.get(target);
      if (next !== undefined) waiting.push(next);
    }
  }
  return seen;
}
