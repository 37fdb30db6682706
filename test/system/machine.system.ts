import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { command } from './rig/command.ts';
import { ControlGroup } from './rig/control-group.ts';
import { removeLeftOvers } from './rig/left-overs.ts';
import { Machine } from './rig/machine.ts';
import { SKIPPED, titled } from './rig/needs.ts';

const STAYS = fileURLToPath(new URL('rig/machine-that-stays.ts', import.meta.url));

/** What the other tests stand on: if one of these fails, theirs prove nothing. */
describe.skipIf(SKIPPED)(titled('a machine of these tests'), () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.make({ root: inject('trixie') });
  });
  afterAll(() => machine?.remove());

  test('boots Debian 13 with its own systemd, and no unit fails', async () => {
    expect(await machine.boot()).toBe('running');
    expect(await machine.run('. /etc/os-release; echo $VERSION_CODENAME')).toBe('trixie');
    expect(await machine.attempt('echo no >&2; exit 3')).toEqual({ code: 3, stdout: '', stderr: 'no\n' });
    expect(await machine.run('cat', { input: 'said' })).toBe('said');
  });

  test('has no network but its own loopback', async () => {
    expect(await machine.run('tail -n +3 /proc/net/dev | cut -d: -f1')).toBe('    lo');
  });

  test('loses what was not synced when its power is cut, and keeps the rest', async () => {
    await machine.run('echo kept > /var/lib/kept && sync /var/lib/kept && echo lost > /var/lib/lost');
    await machine.cutPower();
    await machine.boot();
    expect(await machine.run('cat /var/lib/kept')).toBe('kept');
    expect(await machine.run('cat /var/lib/lost || true')).toBe('');
  });

  test('keeps everything when all its processes are killed, and when it is shut down', async () => {
    await machine.run('echo killed > /var/lib/killed');
    await machine.crash();
    await machine.boot();
    await machine.run('echo off > /var/lib/off');
    await machine.powerOff();
    await machine.boot();
    expect(await machine.run('cat /var/lib/killed /var/lib/off')).toBe('killed\noff');
  });

  test('leaves nothing behind if its test is killed', async () => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), STAYS, inject('trixie')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [name] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const group = new ControlGroup(name);
    try {
      expect(group.processes().length).toBeGreaterThan(3);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await group.emptied();
    removeLeftOvers();
    expect(existsSync(group.path)).toBe(false);
    expect(readdirSync(tmpdir())).not.toContain(name);
    expect(await command('losetup', ['--list'], { withinMs: 10_000 })).not.toContain(join(tmpdir(), name));
  });
});
