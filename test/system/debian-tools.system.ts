import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { attempt } from './rig/command.ts';
import { SKIPPED, titled } from './rig/needs.ts';
import { gatewayPackage } from './rig/packages.ts';

const PATIENCE_MS = 280_000;

function packages(): { readonly gateway: string; readonly node: string } {
  const directory = inject('packages');
  const node = readdirSync(directory).find((name) => name.startsWith('callpoint-node_'));
  if (node === undefined) throw new Error(`${directory} has no package callpoint-node`);
  return { gateway: join(directory, gatewayPackage(directory)), node: join(directory, node) };
}

/** What Debian asks of every package of its own. */
describe.skipIf(SKIPPED).concurrent(titled("Debian's own checks"), () => {
  test.each(['gateway', 'node'] as const)(
    'lintian finds no error and no warning in the package: %s',
    { timeout: PATIENCE_MS },
    async (which) => {
      const { stdout, stderr, code } = await attempt(
        'lintian',
        ['--fail-on', 'error,warning', '--allow-root', packages()[which]],
        {
          withinMs: PATIENCE_MS,
        },
      );
      expect(stdout + stderr).not.toMatch(/^[EW]: /m);
      expect(code, stderr).toBe(0);
    },
  );

  test('piuparts: installed, removed, installed again and purged, they leave nothing behind', {
    timeout: PATIENCE_MS,
  }, async () => {
    const { gateway, node } = packages();
    // In a copy of the clean system. There is no older version in Debian to upgrade from.
    const how = [
      '--existing-chroot',
      inject('trixie'),
      '-d',
      'trixie',
      '--no-upgrade-test',
      '--install-remove-install',
      // Of debconf itself: dpkg makes it when it asks a package for its questions.
      '--ignore-regex=/var/cache/debconf/tmp.ci.*',
    ];
    const { stdout, stderr, code } = await attempt(
      'piuparts',
      [...how, '--no-eatmydata', '--skip-minimize', gateway, node],
      {
        withinMs: PATIENCE_MS,
      },
    );
    const said = (stdout + stderr).split('\n').filter((line) => /(ERROR|FAIL|Warning|PASS)/.test(line));
    expect(code, said.join('\n')).toBe(0);
  });
});
