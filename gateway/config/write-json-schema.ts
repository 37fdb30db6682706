import { writeFileSync } from 'node:fs';
import { siteJsonSchemaText } from './json-schema.ts';

/** Renews `callpoint.schema.json` after a change of the schema: `npx tsx gateway/config/write-json-schema.ts` */
writeFileSync(new URL('callpoint.schema.json', import.meta.url), siteJsonSchemaText());
