/** Makes every page's drawing and tables from its `wiring.yaml`: npm run draw-wiring */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from './drawing/pages.ts';

for (const place of ['.', './links/']) {
  const directory = fileURLToPath(new URL(place, import.meta.url));
  for (const { path, text } of generatedFiles(directory)) writeFileSync(path, text);
}
