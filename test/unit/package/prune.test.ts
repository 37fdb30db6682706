import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../../hardware/package/control.ts';
import { isKept } from '../../../hardware/package/prune.ts';

describe('what goes into the package', () => {
  test.each([
    'package.json',
    'index.js',
    'dist/doc/Document.js',
    'lib/native.cjs',
    'esm/test/core.mjs',
    'js/data/Helvetica.afm',
    'data.trie',
    'LICENSE',
    'license.md',
    'COPYING',
    'NOTICE',
  ])('%s', (path) => expect(isKept(path, 'arm64')).toBe(true));

  test.each([
    'index.d.ts',
    'src/index.ts',
    'index.js.map',
    'README.md',
    'binding.gyp',
    'src/addon.cc',
    'vendor/node-addon-api/index.js',
    'test/index.js',
    'tests/a.json',
    'examples/led.js',
    '.eslintrc.json',
    '.github/workflows/ci.json',
    'test.js',
    'package-lock.json',
    'doc/LICENSE',
  ])('not %s', (path) => expect(isKept(path, 'arm64')).toBe(false));
});

test.each<[Architecture, string]>([
  ['amd64', 'linux-x64'],
  ['arm64', 'linux-arm64'],
  ['armhf', 'linux-arm'],
])("of what was built before, %s gets only %s, for Debian's C library", (architecture, own) => {
  const all = ['linux-x64', 'linux-arm64', 'linux-arm', 'linux-ia32', 'android-arm64', 'darwin-x64+arm64', 'win32-x64'];
  const kept = all.filter((each) => isKept(`prebuilds/${each}/bindings.node`, architecture));
  expect(kept).toEqual([own]);
  expect(isKept(`prebuilds/${own}/bindings.glibc.node`, architecture)).toBe(true);
  expect(isKept(`prebuilds/${own}/bindings.musl.node`, architecture)).toBe(false);
  expect(isKept('musl_arm64/koffi.node', architecture)).toBe(false);
});
