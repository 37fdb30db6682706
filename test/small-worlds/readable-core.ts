import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Core } from '../../gateway/core/core.ts';

/** In sources without strings that look like it: a private name of a class. */
const PRIVATE_NAME = /#(?=[a-zA-Z])/g;

/** Makes private fields ordinary ones, so that a state can be told from another. */
const readable: Plugin = {
  name: 'readable',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(PRIVATE_NAME, 'private$'),
      loader: 'ts',
    }));
  },
};

/** The class of the real core, whose private fields can be read. */
export async function readableCore(): Promise<typeof Core> {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-core-'));
  try {
    const outfile = join(directory, 'core.mjs');
    const entry = fileURLToPath(new URL('../../gateway/core/core.ts', import.meta.url));
    await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', target: 'es2022', plugins: [readable] });
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)).Core;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
