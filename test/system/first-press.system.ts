import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Machine } from './rig/machine.ts';
import { SKIPPED, titled } from './rig/needs.ts';
import { School } from './rig/school.ts';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

/** The commands of README.md's door for an installation. The machine has no sudo: it is root's. */
function installDoor(): string[] {
  const [, commands = ''] = /^## Install\n[^#]*?\n\n((?: {4}.*\n)+)/m.exec(readFileSync(README, 'utf8')) ?? [];
  const lines = commands.trim().split('\n');
  return lines.map((line) =>
    line
      .replace(/ +#.*$/, '')
      .trim()
      .replace(/^sudo /, ''),
  );
}

describe.skipIf(SKIPPED)(titled('from the package to the first press'), () => {
  let machine: Machine;
  let school: School;
  beforeAll(async () => {
    machine = await Machine.make({ root: inject('trixie'), packages: inject('packages') });
    await machine.boot();
    school = new School(machine, inject('packages'));
  });
  afterAll(() => machine?.remove());

  test('three commands, and the receiver acknowledges a press that the wall then shows as accepted', async () => {
    const [install = '', init = '', start = '', ...others] = installDoor();
    expect(others).toEqual([]);
    const file = school.packageOf();
    // Where a person has put it. Only the questions of apt and init are answered by a file.
    await machine.run(`mkdir /root/here && ln -s /media/packages/${file} /root/here/`);
    await machine.run('echo \'APT::Get::Assume-Yes "true";\' > /etc/apt/apt.conf.d/yes');
    const began = performance.now();
    await machine.run(`cd /root/here && ${install}`);
    await school.answer(init);
    await school.startWalls();
    await machine.run(start);
    await school.ready();
    const alert = await school.provePress('wb-101');
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.info(`first command to acknowledged press: ${seconds} s, with the start of the simulator`);
    expect(await school.alerts()).toMatchObject([{ id: alert, kind: 'intruder', state: 'acknowledged' }]);
    const [displayed = ''] = await school.seen('"event":"displayed"');
    expect(displayed).toContain(`Intruder, Main building, First floor, Rm 101 Reception (${alert})`);
  });

  test('status says that all is well, and systemd that the gateway is ready', async () => {
    expect(await machine.run('callpoint status')).toMatch(/^OK/);
    expect(await machine.run('systemctl is-active callpoint')).toBe('active');
    expect(await machine.run('systemctl is-system-running')).toBe('running');
  });

  test('the keys are for root and the gateway alone, and the gateway can change neither them nor the site', async () => {
    expect(await machine.run("stat -c '%U:%G %a' /etc/callpoint/keys.yaml")).toBe('root:callpoint 640');
    for (const file of ['site.yaml', 'keys.yaml']) {
      const { code } = await machine.attempt(
        `setpriv --reuid=callpoint --regid=callpoint --clear-groups test -w /etc/callpoint/${file}`,
      );
      expect(code, file).toBe(1);
    }
    const { code } = await machine.attempt(
      'setpriv --reuid=nobody --regid=nogroup --clear-groups cat /etc/callpoint/keys.yaml',
    );
    expect(code).not.toBe(0);
  });

  test('a reload that is refused fails and says why, and one that is taken up changes the running gateway', async () => {
    const pid = await school.gatewayPid();
    const site = '/etc/callpoint/site.yaml';
    await machine.run(`cp -a ${site} /root/site.yaml && echo 'devices: 7' >> ${site}`);
    expect((await machine.attempt('systemctl reload callpoint')).code).not.toBe(0);
    expect(await machine.run('journalctl --unit callpoint --output cat')).toContain('the configuration has mistakes');
    await machine.run(`sed 's/name: Reception/name: Porter/' /root/site.yaml > ${site}`);
    await machine.run('systemctl reload callpoint');
    expect(await machine.run('systemctl is-active callpoint')).toBe('active');
    expect(await school.gatewayPid()).toBe(pid);
    await school.provePress('wb-101');
    expect((await school.seen('"event":"displayed"')).at(-1)).toContain('Rm 101 Porter');
  });

  test('the journal that it writes is verified', async () => {
    expect(await machine.run('callpoint verify /var/lib/callpoint/journal')).toMatch(/verified|complete|unaltered/);
  });

  test('check reads the files that were written, and doctor knows the installed service', async () => {
    expect(await machine.run('callpoint check')).toContain('no mistakes found');
    // Its findings are those of a container without a network. What matters is that it looks.
    expect((await machine.attempt('callpoint doctor')).stdout).toMatch(/callpoint\.service|service/);
  });
});
