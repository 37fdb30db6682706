import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callpointVersion } from '../gateway/cli/version.ts';
import { manualFiles, manualPages } from './manual.ts';

/** `npm run man`: writes the manual into a directory, in place of an older one. */
const [, , directory = 'dist/man'] = process.argv;
// The same source gives the same pages (reproducible-builds.org/specs/source-date-epoch).
const { SOURCE_DATE_EPOCH: epoch } = process.env;
const now = epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);
const edition = { source: `Callpoint ${callpointVersion()}`, date: now.toISOString().slice(0, 10) };
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const files = manualFiles(manualPages(), edition);
for (const [name, text] of files) writeFileSync(join(directory, name), text);
process.stdout.write(`${directory}: ${files.size} files\n`);
