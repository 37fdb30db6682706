import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../source-files.ts';

/** The range of Node stands in four files: npm, dpkg, apt and the shell can't read each other's. */
test('launch, the package and package.json ask for the same Node', () => {
  const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8');
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  expect(engines.node).toBe('>=20.19 <26');
  expect(read('hardware/package/launch')).toContain('v20.19.* | v20.[2-9][0-9].* | v2[1-5].*) ;;');
  expect(read('hardware/package/gateway-package.ts')).toContain("'nodejs (>= 20.19) | callpoint-node'");
  expect(read('hardware/package/gateway-package.ts')).toContain("'nodejs (<< 26~) | callpoint-node'");
  const [, major] = /NODE_VERSION = '(\d+)\./.exec(read('hardware/package/node-package.ts')) ?? [];
  expect(Number(major)).toBeGreaterThanOrEqual(20);
  expect(Number(major)).toBeLessThan(26);
});

test.each(['launch', 'maintainer/preinst', 'maintainer/postinst', 'maintainer/prerm', 'maintainer/postrm'])(
  '%s is POSIX sh: no word that only bash knows',
  (file) => {
    const text = readFileSync(join(PROJECT, 'hardware/package', file), 'utf8');
    expect(text.startsWith('#!/bin/sh\n')).toBe(true);
    expect(text).not.toMatch(/\[\[|\blocal\b|\bfunction\b|<<<|\becho -e\b/);
  },
);
