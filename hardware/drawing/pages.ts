import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawSvg } from './svg.ts';
import { fillPage } from './tables.ts';
import { readWiring } from './wiring-file.ts';

/** Folders below `hardware` that have a `wiring.yaml`. */
export function pageFolders(hardware: string): string[] {
  return readdirSync(hardware)
    .filter((name) => existsSync(join(hardware, name, 'wiring.yaml')))
    .sort();
}

/** Every generated file as it should be. */
export function generatedFiles(hardware: string): { readonly path: string; readonly text: string }[] {
  return pageFolders(hardware).flatMap((name) => {
    const folder = join(hardware, name);
    const page = join(folder, 'README.md');
    try {
      const wiring = readWiring(readFileSync(join(folder, 'wiring.yaml'), 'utf8'));
      return [
        { path: join(folder, 'wiring.svg'), text: drawSvg(wiring) },
        { path: page, text: fillPage(readFileSync(page, 'utf8'), wiring) },
      ];
    } catch (error) {
      throw new Error(`${name}/wiring.yaml: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  });
}
