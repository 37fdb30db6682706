import { writeFileSync } from 'node:fs';
import { siteJsonSchemaText } from './json-schema.ts';

/** Writes `callpoint.schema.json` anew after a change of the schema: `npm run schema` */
writeFileSync(new URL('callpoint.schema.json', import.meta.url), siteJsonSchemaText());
