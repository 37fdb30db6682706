import { writeFileSync } from 'node:fs';
import { settingsPage } from './settings-page.ts';

/** Writes `gateway/SETTINGS.md` anew after a change of the schema: `npm run schema` */
writeFileSync(new URL('../../SETTINGS.md', import.meta.url), settingsPage());
