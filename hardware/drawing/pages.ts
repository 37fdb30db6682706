import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawSvgs } from './svg.ts';
import { drawingName, fillPage } from './tables.ts';
import { readWiring } from './wiring-file.ts';

/** Folders below `hardware` that have a `wiring.yaml`. */
export function pageFolders(hardware: string): string[] {
  return readdirSync(hardware)
    .filter((name) => existsSync(join(hardware, name, 'wiring.yaml')))
    .sort();
}

/** Returns every generated file with its proper content. */
export function generatedFiles(hardware: string): { readonly path: string; readonly text: string }[] {
  return pageFolders(hardware).flatMap((name) => {
    const folder = join(hardware, name);
    const page = join(folder, 'README.md');
    try {
      const wiring = readWiring(readFileSync(join(folder, 'wiring.yaml'), 'utf8'));
      const drawings = drawSvgs(wiring);
      return [
        ...drawings.map((text, i) => ({ path: join(folder, drawingName(i)), text })),
        { path: page, text: fillPage(readFileSync(page, 'utf8'), wiring, drawings.length) },
      ];
    } catch (error) {
      throw new Error(`${name}/wiring.yaml: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  });
}
