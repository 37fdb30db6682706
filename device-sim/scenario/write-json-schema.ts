import { readFileSync, writeFileSync } from 'node:fs';
import { scenarioJsonSchemaText } from './json-schema.ts';
import { withReference } from './reference.ts';

const README = new URL('../README.md', import.meta.url);

/**
 * Writes `scenario.schema.json` and the tables of README.md anew after a change of the shapes:
 * `npm run schema`
 */
writeFileSync(new URL('scenario.schema.json', import.meta.url), scenarioJsonSchemaText());
writeFileSync(README, withReference(readFileSync(README, 'utf8')));
