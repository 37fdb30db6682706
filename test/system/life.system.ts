import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Machine } from './rig/machine.ts';
import { SKIPPED, titled } from './rig/needs.ts';
import { NEWER, OLDER } from './rig/packages.ts';
import { School } from './rig/school.ts';

describe.skipIf(SKIPPED)(titled('the package over its life'), () => {
  let machine: Machine;
  let school: School;
  let sums = '';
  let alerts: string[] = [];
  beforeAll(async () => {
    machine = await Machine.make({ root: inject('trixie'), packages: inject('packages') });
    await machine.boot();
    school = new School(machine, inject('packages'));
    await school.setUp(OLDER);
    await school.ready();
    alerts = [await school.provePress('wb-101')];
    sums = await configuration();
  }, 120_000);
  afterAll(() => machine?.remove());

  const configuration = () => machine.run('cd /etc/callpoint && find . -type f -exec sha256sum {} + | sort');

  /** One more press is an alarm, and the journal has it and all those before it. */
  async function continues(): Promise<void> {
    await school.ready();
    alerts.push(await school.provePress('wb-101'));
    expect((await school.alerts()).map(({ id }) => id)).toEqual(alerts);
    const numbers = await sequenceNumbers();
    expect(numbers).toHaveLength(alerts.length);
    // A receiver takes a number that it has seen for a repeat.
    expect(new Set(numbers).size, numbers.join()).toBe(numbers.length);
    expect(await configuration()).toBe(sums);
  }

  /** The DC-09 sequence number of each alert, from the journal. */
  async function sequenceNumbers(): Promise<string[]> {
    const records = `grep -aho '"t":"alert",.*"sequences":{"central":[0-9]*' /var/lib/callpoint/journal/*.cpj`;
    return (await machine.run(`${records} | grep -o '[0-9]*$'`)).split('\n');
  }

  test('an upgrade while it runs puts the new release in use, and keeps site, keys, alerts and numbers', async () => {
    await school.resolve();
    const pid = await school.gatewayPid();
    await school.install();
    await school.restarted(pid);
    expect(await machine.run('callpoint status')).toContain(await school.version());
    await continues();
  });

  test('an upgrade while an alert is open does not wait, and the gateway runs on until the alert is resolved', async () => {
    const pid = await school.gatewayPid();
    // The alert of the test before is open.
    await school.install(NEWER);
    expect(await school.version()).toBe(NEWER);
    await machine.until('journalctl --unit callpoint-restart --output cat | grep "Waiting: alert"');
    alerts.push(await school.provePress('wb-102'));
    expect(await school.gatewayPid()).toBe(pid);
    await school.resolve();
    await school.restarted(pid);
    expect(await machine.run('callpoint status')).toContain(NEWER);
    await continues();
  });

  test('the same version once more is harmless', async () => {
    await machine.run(`apt-get install --yes --reinstall /media/packages/${school.packageOf(NEWER)}`);
    await continues();
  });

  test('a downgrade is asked for in so many words, and then done', async () => {
    const refused = await machine.attempt(`apt-get install --yes /media/packages/${school.packageOf(OLDER)}`);
    expect(refused.code).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain('--allow-downgrades');
    expect(await school.version()).toBe(NEWER);
    await school.install(OLDER);
    expect(await school.version()).toBe(OLDER);
    await continues();
  });

  test('an administrator who has disabled or masked it is not overruled by an upgrade', async () => {
    await machine.run('systemctl disable --now callpoint');
    await school.install();
    expect((await machine.attempt('systemctl is-enabled callpoint')).stdout).toBe('disabled\n');
    await machine.run('systemctl enable --now callpoint');
    await continues();
  });

  test('its removal stops the gateway, and leaves the site and the journal', async () => {
    await machine.run('apt-get remove --yes callpoint');
    expect(await machine.run('ps -eo args | grep -c "[g]ateway/cli/main" || true')).toBe('0');
    expect((await machine.attempt('command -v callpoint')).code).not.toBe(0);
    expect(await machine.run('ls /usr/lib/callpoint 2>/dev/null | wc -l')).toBe('0');
    expect(await configuration()).toBe(sums);
    expect(await machine.run('ls /var/lib/callpoint/journal')).toContain('journal-');
  });

  test('installed again it goes on where it was', async () => {
    await school.install();
    await machine.until('systemctl is-active callpoint');
    await continues();
  });

  test('a purge takes keys and programs, leaves the journal as evidence, and says so', async () => {
    const said = await machine.run('apt-get purge --yes callpoint 2>&1');
    expect(said).toContain('journal');
    expect(said).toContain('rm -r /var/lib/callpoint');
    expect(
      await machine.run('ls -d /etc/callpoint /var/lib/callpoint-releases /usr/lib/callpoint 2>/dev/null || true'),
    ).toBe('');
    expect(await machine.run('find /etc/systemd -name "callpoint*"')).toBe('');
    expect(await machine.run('ls /var/lib/callpoint/journal')).toContain('journal-');
    expect(await machine.run('dpkg-query -W callpoint 2>&1 || true')).toContain('no packages found');
    expect(await machine.run('systemctl is-system-running')).toBe('running');
  });
});
