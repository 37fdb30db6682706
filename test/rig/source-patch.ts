import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin as BundlerPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vitest/config';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A change of one source file, made while it is loaded or bundled: a planted bug, or a point at
 * which the process dies. The file on disk stays as it is, and nothing in it knows of the change.
 */
export interface SourcePatch {
  readonly name: string;
  /** From the project's root: `gateway/journal/journal-engine.ts`. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/**
 * Returns the text with all patches made. Each finds its place in the text as it was, so that their
 * order does not matter.
 * @throws Error naming each patch whose place is not there exactly once, or overlaps another's
 */
export function patched(text: string, patches: readonly SourcePatch[]): string {
  const faults: string[] = [];
  const places = patches.flatMap((patch) => {
    const times = patch.find === '' ? 0 : text.split(patch.find).length - 1;
    if (times !== 1) faults.push(`${patch.name}: ${patch.file} has this ${times} times, not once:\n${patch.find}`);
    const from = text.indexOf(patch.find);
    return times === 1 ? [{ patch, from, to: from + patch.find.length }] : [];
  });
  places.sort((a, b) => a.from - b.from);
  let result = '';
  let done = 0;
  for (const { patch, from, to } of places) {
    if (from < done) faults.push(`${patch.name}: ${patch.file} is changed there by another patch too`);
    result += text.slice(done, from) + patch.replace;
    done = to;
  }
  if (faults.length > 0) throw new Error(`patches that do not fit the sources:\n${faults.join('\n')}`);
  return result + text.slice(done);
}

/** @throws Error naming each patch that does not fit the file on disk */
export function checkPatches(patches: readonly SourcePatch[]): void {
  const faults = [...byFile(patches)].flatMap(([file, own]) => {
    try {
      patched(readFileSync(join(PROJECT, file), 'utf8'), own);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** Patches the sources that Vitest loads. Give it to `plugins` of its configuration. */
export function vitePatches(patches: readonly SourcePatch[]): VitePlugin {
  checkPatches(patches);
  const ofFile = byFile(patches);
  return {
    name: 'callpoint-source-patches',
    enforce: 'pre',
    transform(text, id) {
      const own = ofFile.get(projectPath(id));
      return own === undefined ? null : { code: patched(text, own), map: null };
    },
  };
}

/** Patches the sources of the compiled gateway. Give it to `bundle`. */
export function bundlerPatches(patches: readonly SourcePatch[]): BundlerPlugin {
  checkPatches(patches);
  const ofFile = byFile(patches);
  return {
    name: 'callpoint-source-patches',
    setup(build) {
      build.onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path }) => {
        const own = ofFile.get(projectPath(path));
        if (own === undefined) return undefined;
        return { contents: patched(readFileSync(path, 'utf8'), own), loader: 'ts' };
      });
    },
  };
}

function byFile(patches: readonly SourcePatch[]): Map<string, SourcePatch[]> {
  const ofFile = new Map<string, SourcePatch[]>();
  for (const patch of patches) ofFile.set(patch.file, [...(ofFile.get(patch.file) ?? []), patch]);
  return ofFile;
}

/** @param id a path, to which Vite may have added a query */
function projectPath(id: string): string {
  return relative(PROJECT, id.split('?')[0] ?? '');
}
