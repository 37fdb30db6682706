import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT, sourceFiles } from './source-files.ts';

interface Manifest {
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
const shipped = sourceFiles('protocol', 'gateway', 'device-sim');

/** `serialport/lib` and `@scope/name/lib` without what is inside the package. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

test('what the shipped code imports is among its dependencies, so that it is installed with it', () => {
  const packages = new Set(
    shipped.flatMap(({ code }) =>
      [...code.matchAll(/^\s*(?:import|export)\s(?!type\b)[^;]*?from '([^'.][^']*)'|import\('([^'.][^']*)'\)/gm)].map(
        ([, fixed, late]) => packageOf(fixed ?? late ?? ''),
      ),
    ),
  );
  for (const known of ['serialport', 'commander', 'string-width']) expect(packages).toContain(known);
  const missing = [...packages].filter((name) => !name.startsWith('node:') && !(name in manifest.dependencies));
  // Who runs machine code without it is told how to install it (firmware/load-firmware.ts).
  expect(missing).toEqual(['avr8js']);
});

test('each command is the compiled form of a file that is there', () => {
  expect(Object.keys(manifest.bin).sort()).toEqual(['callpoint', 'callpoint-sim']);
  for (const place of Object.values(manifest.bin)) {
    const source = place.replace(/^dist\//, '').replace(/\.js$/, '.ts');
    expect(readFileSync(join(PROJECT, source), 'utf8'), source).toMatch(/^#!\/usr\/bin\/env node\n/);
  }
});

test('every file that is not code and belongs to the shipped code is in the package', () => {
  // These describe the repository, or are read by nothing at run time.
  const forReaders = /(^|\/)(README|COMMANDS|DEVICES|PROVING|SETTINGS)\.md$/;
  const isShipped = (path: string) => manifest.files.some((each) => path === each || path.startsWith(`${each}/`));
  const others = ['protocol', 'gateway', 'device-sim'].flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
      .map(({ parentPath, name }) => join(parentPath, name).slice(PROJECT.length).replace(/^\//, '')),
  );
  expect(others).toContain('gateway/config/schema/callpoint.schema.json');
  expect(others.filter((path) => !isShipped(path) && !forReaders.test(path))).toEqual([]);
});

test('what the package names exists', () => {
  const optional = new Set(['dist', 'device-sim/scenarios']);
  expect(manifest.files.filter((path) => !optional.has(path) && !existsSync(join(PROJECT, path)))).toEqual([]);
});
