/** Makes every page's drawing and tables from its data files: npm run draw-wiring */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { patternFiles } from './drawing/node-page.ts';
import { generatedFiles } from './drawing/pages.ts';

for (const place of ['.', './links/']) {
  const directory = fileURLToPath(new URL(place, import.meta.url));
  for (const { path, text } of generatedFiles(directory)) writeFileSync(path, text);
}
for (const { path, text } of patternFiles(fileURLToPath(new URL('.', import.meta.url)))) writeFileSync(path, text);
