import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../unit/source-files.ts';

/**
 * What `npm install -g callpoint-….tgz` gets. `overrides` of package.json and `.npmrc` are not
 * part of a package, and npm 11 does not read the npm-shrinkwrap.json of a tarball. So the
 * packages with overridden dependencies are bundled, together with the replacements.
 */
let files: readonly string[] = [];
/** npm looks at each of 10,000 files: seconds on a quiet machine, half a minute on a busy one. */
const PACKED_WITHIN_MS = 120_000;

/** npm works for 15 s at it, so only where all is tried: in CI. */
const { CI } = process.env;
const IN_CI = CI === 'true';

beforeAll(() => {
  if (!IN_CI) return;
  const json = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: PROJECT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(json) as readonly { readonly files: readonly { readonly path: string }[] }[];
  files = packed?.files.map(({ path }) => path) ?? [];
}, PACKED_WITHIN_MS);

test.runIf(IN_CI)('the package holds no tests and no TypeScript of its own, and the schema for editors', () => {
  const own = files.filter((path) => !path.startsWith('node_modules/'));
  expect(own).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']));
  expect(own).toContain('gateway/config/schema/callpoint.schema.json');
  expect(own).toContain('gateway/print/fonts/NotoSans-Regular.ttf');
  // The unit's first lines name the page.
  expect(own).toContain('gateway/OPERATING.md');
  expect(own.filter((path) => path.startsWith('hardware/')).sort()).toEqual([
    'hardware/package/callpoint-radio.socket',
    'hardware/package/callpoint-radio@.service',
    'hardware/package/callpoint.service',
  ]);
  expect(own.filter((path) => /^(test|\.ci|\.github)\/|\.ts$/.test(path))).toEqual([]);
});

test.runIf(IN_CI)(
  'what is overridden goes along as it is here: one serialport, and a Bluetooth socket that is built already',
  () => {
    const bundled = files.filter((path) => path.startsWith('node_modules/'));
    const serialports = bundled.filter((path) => path.endsWith('node_modules/serialport/package.json'));
    expect(serialports).toEqual(['node_modules/serialport/package.json']);
    for (const [name, version] of [
      ['serialport', '13.0.0'],
      ['@abandonware/bluetooth-hci-socket', '2.3.0'],
    ] as const) {
      expect(bundled).toContain(`node_modules/${name}/package.json`);
      const manifest = readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8');
      expect((JSON.parse(manifest) as { version: string }).version).toBe(version);
    }
    for (const name of ['@abandonware/bluetooth-hci-socket', '@serialport/bindings-cpp']) {
      for (const machine of ['linux-arm', 'linux-arm64', 'linux-x64']) {
        const built = bundled.filter((path) => path.startsWith(`node_modules/${name}/prebuilds/${machine}/`));
        expect(built, `${name} for ${machine}`).not.toEqual([]);
      }
    }
  },
);

test.runIf(IN_CI)(
  'nothing is bundled for this machine alone: koffi comes from the registry, for the machine it is installed on',
  () => {
    expect(files.filter((path) => /^node_modules\/(@koromix|koffi)\//.test(path))).toEqual([]);
  },
);
