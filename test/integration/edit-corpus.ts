import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { readWantedKeys } from '../../gateway/config/load.ts';
import { makeStarter } from '../../gateway/config/starter.ts';
import { EVERY_INPUT } from '../unit/config/every-input-fixture.ts';
import { SITE } from '../unit/config/site-fixture.ts';

const ROOT = join(import.meta.dirname, '../..');
const HARDWARE = join(ROOT, 'hardware');

let drawn = 0;
/** Other bytes each time, the same in each run. */
export const random = (length: number) => {
  drawn += 1;
  return createHash('sha512').update(`${drawn}`).digest().subarray(0, length);
};

/** Every site of the repository: the examples of the hardware pages, the starter, the fixtures. */
export function everySite(): readonly (readonly [name: string, site: string])[] {
  const files = readdirSync(HARDWARE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('site.yaml'))
    .map((name) => join(HARDWARE, name));
  return [
    ...files.map((file) => [relative(ROOT, file), readFileSync(file, 'utf8')] as const),
    ['the starter', makeStarter(random).site],
    ['a bit of everything', SITE],
    ['every input', EVERY_INPUT],
  ];
}

/** The site in a new directory, with the keys and certificates that it needs. */
export function placeSite(site: string, form: (keys: string) => string = (keys) => keys) {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-corpus-'));
  const siteFile = join(directory, 'site.yaml');
  const keysFile = join(directory, 'keys.yaml');
  writeFileSync(siteFile, site);
  for (const file of ['centre.pem', 'county.pem'])
    copyFileSync(join(ROOT, 'test/integration/fixtures/https-ca.pem'), join(directory, file));
  writeFileSync(keysFile, form(keysFor(siteFile)));
  chmodSync(keysFile, 0o600);
  return { directory, siteFile, keysFile, data: join(directory, 'data') };
}

function keysFor(siteFile: string): string {
  const wanted = readWantedKeys(siteFile);
  if (wanted === undefined) throw new Error(`${siteFile} does not fit`);
  const text = () => random(30).toString('base64url');
  const hex = () => random(16).toString('hex');
  const section = (name: string, names: readonly string[], secret: (name: string) => string) =>
    names.length === 0 ? '' : `${name}:\n${names.map((each) => `  ${each}: ${secret(each)}\n`).join('')}`;
  return [
    section('devices', wanted.devices, hex),
    section('paths', wanted.paths, (name) => (wanted.textPaths.has(name) ? text() : hex())),
    section('mqtt', wanted.mqtt, text),
  ].join('');
}
