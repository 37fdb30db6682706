import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Machine } from './rig/machine.ts';
import { SKIPPED, titled } from './rig/needs.ts';
import { gatewayPackage } from './rig/packages.ts';

describe.skipIf(SKIPPED)(titled('the package on a clean Debian 13'), () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.make({ root: inject('trixie'), packages: inject('packages') });
    await machine.boot();
  });
  afterAll(() => machine?.remove());

  test('apt installs it from the file, and says what to do next', async () => {
    const said = await machine.run(`apt-get install -y /media/packages/${gatewayPackage(inject('packages'))} 2>&1`);
    expect(said).toContain('callpoint init');
    expect(await machine.run('dpkg --status callpoint')).toContain('Status: install ok installed');
    expect(await machine.run('systemctl is-system-running')).toBe('running');
  });

  test('the gateway has a user of its own, without a password or a shell, in the groups of its devices', async () => {
    const [, , uid, , , home, shell] = (await machine.run('getent passwd callpoint')).split(':');
    expect(Number(uid)).toBeGreaterThan(0);
    expect(Number(uid)).toBeLessThan(1000);
    expect([home, shell]).toEqual(['/var/lib/callpoint', '/usr/sbin/nologin']);
    expect(await machine.run('getent shadow callpoint')).toMatch(/^callpoint:!\*?:/);
    const groups = (await machine.run('id -nG callpoint')).split(' ');
    expect(groups).toEqual(expect.arrayContaining(['callpoint', 'dialout', 'gpio']));
    for (const group of ['root', 'sudo', 'adm', 'disk', 'shadow']) expect(groups).not.toContain(group);
  });

  test('its directories belong to whom they should', async () => {
    const modes = await machine.run(
      "stat -c '%n %U:%G %a' /etc/callpoint /etc/callpoint/update-keys /var/lib/callpoint /var/lib/callpoint-releases",
    );
    expect(modes.split('\n')).toEqual([
      '/etc/callpoint root:callpoint 750',
      '/etc/callpoint/update-keys root:callpoint 750',
      '/var/lib/callpoint callpoint:callpoint 700',
      '/var/lib/callpoint-releases root:root 755',
    ]);
  });

  test('nobody but root can change what it installed, and nothing of it is set-user-ID', async () => {
    const unsafe = "! -type l '(' ! -uid 0 -o -perm /022 -o -perm /6000 ')'";
    const files = "dpkg -L callpoint | tr '\\n' '\\0' | find -files0-from - -maxdepth 0";
    expect(await machine.run(`${files} ${unsafe}`)).toBe('');
    expect(await machine.run('dpkg --verify callpoint')).toBe('');
  });

  test('it is set up in a system image too, where neither /proc nor systemd is there', async () => {
    const setUp = 'mount -t tmpfs none /proc && mount -t tmpfs none /run && dpkg-reconfigure callpoint 2>&1';
    await machine.run('rmdir /etc/callpoint/update-keys /var/lib/callpoint-releases');
    expect(await machine.run(`unshare --mount sh -c '${setUp}'`)).toContain('callpoint init');
    expect(await machine.run("stat -c '%U:%G %a' /etc/callpoint/update-keys /var/lib/callpoint-releases")).toBe(
      'root:callpoint 750\nroot:root 755',
    );
  });

  test('no key is trusted for updates before somebody puts one there', async () => {
    expect(await machine.run('ls -A /etc/callpoint/update-keys')).toBe('');
  });

  test('the unit is enabled, systemd finds nothing wrong with it, and without a site nothing runs', async () => {
    expect(await machine.run('systemctl is-enabled callpoint')).toBe('enabled');
    expect(await machine.run('systemd-analyze verify --man=no callpoint.service 2>&1')).toBe('');
    expect((await machine.attempt('systemctl is-active callpoint')).stdout).toBe('inactive\n');
    await machine.run('systemctl start callpoint');
    expect((await machine.attempt('systemctl is-active callpoint')).stdout).toBe('inactive\n');
    expect(await machine.run('ps -eo user | grep -c callpoint || true')).toBe('0');
    expect((await machine.attempt('systemctl status callpoint')).stdout).toContain('/etc/callpoint/site.yaml');
  });

  test('a command without a site says what to do', async () => {
    const { code, stdout, stderr } = await machine.attempt('callpoint check');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('callpoint init');
  });

  test('the manual and the Tab key know it', async () => {
    expect(await machine.run('ls /usr/share/man/man1/callpoint.1.gz /usr/share/man/man5/site.yaml.5.gz')).toBe(
      '/usr/share/man/man1/callpoint.1.gz\n/usr/share/man/man5/site.yaml.5.gz',
    );
    expect(
      await machine.run('bash -c ". /usr/share/bash-completion/completions/callpoint; complete -p callpoint"'),
    ).toMatch(/callpoint$/);
  });

  test('the rules for devices are those that udev understands', async () => {
    expect(await machine.run('udevadm verify --no-summary /usr/lib/udev/rules.d/60-callpoint.rules 2>&1')).toBe('');
  });
});
