import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Machine } from './rig/machine.ts';
import { SKIPPED, titled } from './rig/needs.ts';
import { School } from './rig/school.ts';

/** As systemd-analyze counts: 10 is a process that may do everything. */
const EXPOSURE_MAX = 2.2;

const NICE = '[Service]\nCapabilityBoundingSet=CAP_SYS_NICE\nAmbientCapabilities=CAP_SYS_NICE\n';

describe.skipIf(SKIPPED)(titled("the sandbox around the gateway's process"), () => {
  let machine: Machine;
  let school: School;
  let pid = '';
  beforeAll(async () => {
    machine = await Machine.make({ root: inject('trixie'), packages: inject('packages') });
    await machine.boot();
    school = new School(machine, inject('packages'));
    await school.setUp();
    await school.ready();
    pid = await school.gatewayPid();
  }, 120_000);
  afterAll(() => machine?.remove());

  /** In the gateway's own view of the file system. */
  const asGateway = (line: string) =>
    machine.attempt(
      `nsenter --target ${pid} --mount setpriv --reuid=callpoint --regid=callpoint --init-groups --no-new-privs sh -c '${line}'`,
    );

  test('it has no capability, gets none, and its system calls are filtered', async () => {
    const status = await machine.run(`cat /proc/${pid}/status`);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(status, set).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'));
    }
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
    expect(await machine.run(`stat -c %U /proc/${pid}`)).toBe('callpoint');
  });

  test('it writes in its data directory and its own /tmp, and nowhere else', async () => {
    const places =
      '/ /etc /etc/callpoint /usr /usr/lib/callpoint /var /var/lib /var/lib/callpoint-releases /boot /root /home /opt /srv /run /dev /sys /proc';
    for (const place of places.split(' ')) expect((await asGateway(`touch ${place}/x`)).code, place).not.toBe(0);
    for (const place of ['/var/lib/callpoint', '/tmp']) {
      expect((await asGateway(`touch ${place}/x && rm ${place}/x`)).code, place).toBe(0);
    }
    await asGateway('touch /tmp/of-the-gateway');
    expect((await machine.attempt('test -e /tmp/of-the-gateway')).code).toBe(1);
  });

  test('even as root, what it sees is read-only', async () => {
    const root = (line: string) => machine.attempt(`nsenter --target ${pid} --mount sh -c '${line}'`);
    for (const file of ['/usr/lib/callpoint/launch', '/etc/callpoint/site.yaml', '/etc/passwd']) {
      expect((await root(`echo x >> ${file}`)).stderr, file).toContain('Read-only file system');
    }
    expect((await root('echo 1 > /proc/sys/kernel/sysrq')).code).not.toBe(0);
  });

  test('it does not see the homes of people', async () => {
    await machine.run('install -D /dev/null /home/maria/secret && chmod -R a+rX /home');
    expect((await asGateway('ls /home/maria')).code).not.toBe(0);
  });

  test('it can read whether the clock is synchronised', async () => {
    // Its log says so as soon as the kernel has told it. A call that is refused tells nothing.
    await machine.until(`journalctl --unit callpoint --output cat | grep '"synchronised":'`);
  });

  test('systemd counts it as little exposed', async () => {
    const counted = await machine.run('systemd-analyze security --no-pager callpoint.service');
    const [, exposure] = /Overall exposure level for callpoint.service: ([\d.]+)/.exec(counted) ?? [];
    console.info(`systemd-analyze security callpoint.service: ${exposure}`);
    expect(Number(exposure), counted).toBeLessThanOrEqual(EXPOSURE_MAX);
  });

  test('its alert path alone runs in real time: not its other threads, and no process that it starts', async () => {
    expect(await machine.run('systemctl show --property=LimitRTPRIO --value callpoint')).toBe('1');
    // Where the host may not raise that limit, no machine on it can. With the capability the kernel
    // asks for no limit; the rest of the unit stays as it is.
    const drop = '/etc/systemd/system/callpoint.service.d';
    await machine.run(`mkdir ${drop} && cat > ${drop}/test.conf && systemctl daemon-reload`, { input: NICE });
    await machine.run('systemctl restart callpoint');
    await machine.until(`journalctl --unit callpoint --output cat | grep priority.realTime`);
    // proc_pid_stat(5): field 40 is rt_priority, field 41 the policy, of which 1 is SCHED_FIFO.
    const fields = "sed 's/^[0-9]* (.*) /pid comm /' | cut -d' ' -f40,41";
    const group = '/sys/fs/cgroup/system.slice/callpoint.service/cgroup.threads';
    const threads = await machine.run(`for t in $(cat ${group}); do cat /proc/$t/stat 2>/dev/null; done | ${fields}`);
    expect(await machine.run(`cat /proc/${await school.gatewayPid()}/stat | ${fields}`)).toBe('1 1');
    const policies = threads.split('\n');
    expect(policies.length).toBeGreaterThan(5);
    expect(policies.filter((each) => each !== '0 0')).toEqual(['1 1']);
  });
});
