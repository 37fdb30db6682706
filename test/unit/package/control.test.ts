import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changelogText, controlText, debianVersion } from '../../../hardware/package/control.ts';

test.each([
  ['0.1.0', '0.1.0'],
  ['0.2.0-rc.1', '0.2.0~rc.1'],
  ['1.0.0-beta-2.x', '1.0.0~beta.2.x'],
  ['1.0.0+20261129', '1.0.0+20261129'],
  ['1.0.0-rc.1+g12', '1.0.0~rc.1+g12'],
])('version %s is %s for Debian', (version, debian) => {
  expect(debianVersion(version)).toBe(debian);
});

test.each(['', '1', '1.0', 'v1.0.0', '1.0.0 ', '1.0.0-', '1.0.0\nDepends: evil', '1.0.0_1'])(
  'what is no version makes no package: %j',
  (version) => {
    expect(() => debianVersion(version)).toThrow('is no semantic version');
  },
);

test('dpkg sorts a pre-release before its release, and after the release before', () => {
  const sorted = ['0.1.0', '0.2.0-alpha.1', '0.2.0-rc.1', '0.2.0-rc.2', '0.2.0', '0.2.0+1', '0.10.0'];
  for (const [at, version] of sorted.slice(1).entries()) {
    const pair = [debianVersion(sorted[at] ?? ''), 'lt', debianVersion(version)];
    expect(() => execFileSync('dpkg', ['--compare-versions', ...pair]), pair.join(' ')).not.toThrow();
  }
});

const FIELDS = {
  package: 'callpoint',
  version: '0.1.0',
  architecture: 'arm64',
  maintainer: 'Nobody <nobody@localhost>',
  installedKib: 12,
  depends: ['nodejs (>= 20.19) | callpoint-node', 'systemd'],
  section: 'net',
  synopsis: 'open panic-alarm gateway',
} as const;

test('the control file has one field in a line, and paragraphs with a dot between them', () => {
  expect(controlText({ ...FIELDS, description: ['First.', 'Second.'] })).toBe(`Package: callpoint
Version: 0.1.0
Architecture: arm64
Maintainer: Nobody <nobody@localhost>
Installed-Size: 12
Depends: nodejs (>= 20.19) | callpoint-node, systemd
Section: net
Priority: optional
Description: open panic-alarm gateway
 First.
 .
 Second.
`);
});

test('no line of a description is longer than a terminal, and no word is lost', () => {
  const word = fc.stringMatching(/^[a-z.]{1,20}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 200 }), (words) => {
      const [, text = ''] = controlText({ ...FIELDS, description: [words.join(' ')] }).split('gateway\n');
      for (const line of text.trimEnd().split('\n')) expect(line.length).toBeLessThan(80);
      expect(text.trim().split(/\s+/)).toEqual(words);
    }),
  );
});

test("the changelog is one that dpkg's own tool reads", () => {
  const text = changelogText('callpoint', '0.2.0~rc.1', 'Nobody <nobody@localhost>', 1_790_000_000);
  expect(text).toMatch(/^callpoint \(0\.2\.0~rc\.1\) unstable; urgency=medium\n/);
  expect(text).toMatch(/\n -- Nobody <nobody@localhost> {2}Mon, 21 Sep 2026 14:13:20 \+0000\n$/);
});
