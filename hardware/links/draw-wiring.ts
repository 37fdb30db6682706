/** Makes every link's drawing and tables from its `wiring.yaml`: npx tsx hardware/links/draw-wiring.ts */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from '../drawing/pages.ts';

for (const { path, text } of generatedFiles(fileURLToPath(new URL('.', import.meta.url)))) writeFileSync(path, text);
