import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawPatterns, patternTable, readPatterns } from './patterns.ts';

/** The picture and the table of blink patterns on the node's page, with their proper content. */
export function patternFiles(hardware: string): { readonly path: string; readonly text: string }[] {
  const folder = join(hardware, 'node');
  const patterns = readPatterns(readFileSync(join(folder, 'light/patterns.yaml'), 'utf8'));
  const page = join(folder, 'README.md');
  const block = `<!-- patterns -->\n\n${patternTable(patterns)}\n\n<!-- /patterns -->`;
  return [
    { path: join(folder, 'light/patterns.svg'), text: drawPatterns(patterns) },
    {
      path: page,
      text: readFileSync(page, 'utf8').replace(/<!-- patterns -->[\s\S]*?<!-- \/patterns -->/, () => block),
    },
  ];
}
