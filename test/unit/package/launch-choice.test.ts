import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../source-files.ts';

const { PATH } = process.env;
const directory = mkdtempSync(join(tmpdir(), 'callpoint-launch-'));
const at = (...parts: string[]) => join(directory, ...parts);
afterAll(() => rmSync(directory, { recursive: true }));

beforeAll(() => {
  cpSync(join(PROJECT, 'hardware/package/launch'), at('launch'));
  for (const name of ['callpoint', 'callpoint-sim']) symlinkSync('launch', at(name));
  for (const release of ['release', 'releases/a', 'releases/b']) {
    for (const program of ['gateway', 'device-sim']) {
      mkdirSync(at(release, 'dist', program, 'cli'), { recursive: true });
      writeFileSync(at(release, 'dist', program, 'cli/main.js'), '');
    }
  }
  // In the place of Debian's: it prints what it is given.
  const script = (version: string) =>
    `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else echo "$@" | sed 's|${directory}/||'; fi\n`;
  for (const version of ['v18.20.4', 'v20.18.3', 'v20.19.2', 'v22.0.0', 'v25.9.0', 'v26.0.0']) {
    writeFileSync(at(version), script(version), { mode: 0o755 });
  }
});

/** @param node the machine's own, in the place of /usr/bin/node */
function launch(name: string, node: string, variables: Readonly<Record<string, string>> = {}) {
  const text = `sed 's|^  node=/usr/bin/node$|  node=${at(node)}|' launch > launch.tried && chmod 755 launch.tried`;
  spawnSync('sh', ['-c', `${text} && mv launch.tried tried-${node} && ln -sf tried-${node} ${name}`], {
    cwd: directory,
  });
  const { status, stdout, stderr } = spawnSync(at(name), ['run', '--json'], {
    encoding: 'utf8',
    env: { PATH, CALLPOINT_NODE: at('none'), CALLPOINT_RELEASES: at('releases'), ...variables },
  });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

test.each(['v20.19.2', 'v22.0.0', 'v25.9.0'])('Node %s runs the packaged release', (node) => {
  const ran = { status: 0, stdout: 'release/dist/gateway/cli/main.js run --json', stderr: '' };
  expect(launch('callpoint', node)).toEqual(ran);
});

test.each(['v18.20.4', 'v20.18.3', 'v26.0.0'])(
  'Node %s runs nothing: exit 78 (EX_CONFIG) says which it is and which package has another',
  (node) => {
    const { status, stdout, stderr } = launch('callpoint', node);
    expect([status, stdout]).toEqual([78, '']);
    expect(stderr).toContain(`here is ${node}.`);
    expect(stderr).toContain('callpoint-node');
  },
);

test('a machine without Node says so, and callpoint-node is taken before the Node of the machine', () => {
  const without = launch('callpoint', 'missing');
  expect(without.status).toBe(78);
  expect(without.stderr).toContain('here is no Node.');
  expect(launch('callpoint', 'v18.20.4', { CALLPOINT_NODE: at('v22.0.0') }).status).toBe(0);
});

test('called as callpoint-sim it is the simulator', () => {
  expect(launch('callpoint-sim', 'v22.0.0').stdout).toBe('release/dist/device-sim/cli/main.js run --json');
});

test.each([
  ['a', 'releases/a'],
  ['b', 'releases/b'],
  ['c', 'release'],
  ['../a', 'release'],
])('current is a link to %s: %s runs', (target, release) => {
  rmSync(at('releases/current'), { force: true });
  symlinkSync(target, at('releases/current'));
  expect(launch('callpoint', 'v22.0.0').stdout).toBe(`${release}/dist/gateway/cli/main.js run --json`);
  expect(launch('callpoint', 'v22.0.0', { CALLPOINT_RELEASE: 'packaged' }).stdout).toMatch(/^release\/dist/);
});
