import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Machine } from './rig/machine.ts';
import { SKIPPED, titled } from './rig/needs.ts';
import { School } from './rig/school.ts';

/** There is no file system on it, as on a disk that is at its end. */
const DEAD_DISK = `[Mount]
What=/srv/dead-disk
Where=/var/lib/callpoint
Type=ext4
Options=loop
`;

/** What systemd does for the gateway, and what the gateway keeps when everything ends. */
describe.skipIf(SKIPPED)(titled('the installed gateway'), () => {
  let machine: Machine;
  let school: School;
  beforeAll(async () => {
    machine = await Machine.make({ root: inject('trixie'), packages: inject('packages') });
    await machine.boot();
    school = new School(machine, inject('packages'));
    await school.setUp();
    await school.ready();
  }, 120_000);
  afterAll(() => machine?.remove());

  test('is started again after kill -9, and delivers the press that no receiver had acknowledged', async () => {
    await school.behave('hang');
    const alert = await school.press('wb-101');
    const pid = await school.gatewayPid();
    await machine.run(`kill -9 ${pid}`);
    await school.restarted(pid);
    await school.behave('normal');
    await school.acknowledged(alert);
  });

  test('is started again when it hangs: its watchdog is not fed', async () => {
    const pid = await school.gatewayPid();
    await machine.run(`kill -STOP ${pid}`);
    await school.restarted(pid);
    expect(await machine.run('journalctl --unit callpoint --output cat')).toContain('Watchdog timeout');
    await school.ready();
    await school.provePress('wb-102');
  });

  test('starts with the machine, without a network and before anybody is there', async () => {
    await machine.powerOff();
    await machine.boot();
    await machine.until('systemctl is-active callpoint', 30_000);
    await school.startWalls();
    await school.ready();
    await school.provePress('wb-101');
  });

  test('delivers the press that was heard before every process was killed', async () => {
    await school.behave('hang');
    const alert = await school.press('wb-101');
    await machine.crash();
    await machine.boot();
    await school.startWalls();
    await school.acknowledged(alert);
  });

  test('delivers the press that a wall showed as heard before the power was cut', async () => {
    await school.ready();
    await school.behave('hang');
    const alert = await school.press('wb-102');
    await machine.cutPower();
    await machine.boot();
    await school.startWalls();
    await school.acknowledged(alert);
    expect(await machine.run('callpoint verify /var/lib/callpoint/journal')).toMatch(/verified|complete|unaltered/);
  });

  test('stops in order, and stays off until somebody starts it', async () => {
    await machine.run('systemctl stop callpoint');
    expect(await machine.run('systemctl show --property=Result --value callpoint')).toBe('success');
    expect((await machine.attempt('systemctl is-active callpoint')).stdout).toBe('inactive\n');
  });

  test('starts with the machine when the disk of its data is dead, and delivers a press', async () => {
    await machine.run('head -c 1M /dev/zero > /srv/dead-disk');
    await machine.run('cat > /etc/systemd/system/var-lib-callpoint.mount', { input: DEAD_DISK });
    await machine.run('systemctl daemon-reload');
    await machine.powerOff();
    await machine.boot();
    expect(await machine.until('systemctl show -P ActiveState var-lib-callpoint.mount')).toBe('failed');
    await school.startWalls();
    await school.ready();
    await school.provePress('wb-101');
  });
});
