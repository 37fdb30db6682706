import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Machine } from './rig/machine.ts';
import { SKIPPED, titled } from './rig/needs.ts';
import { School } from './rig/school.ts';

/** The Node of Debian 12 is 18, which is too old. */
describe.skipIf(SKIPPED)(titled('Debian 12'), () => {
  let machine: Machine;
  let school: School;
  beforeAll(async () => {
    machine = await Machine.make({ root: inject('bookworm'), packages: inject('packages') });
    await machine.boot();
    school = new School(machine, inject('packages'));
  });
  afterAll(() => machine?.remove());

  test('apt refuses the gateway without a Node that is new enough, and names the package that has one', async () => {
    const { code, stdout, stderr } = await machine.attempt(
      `apt-get install --yes /media/packages/${school.packageOf()}`,
    );
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/Depends: .*nodejs|callpoint-node/);
  });

  test('with callpoint-node a press is acknowledged, and the Node of the machine is left as it is', async () => {
    const node = readdirSync(inject('packages')).find((name) => name.startsWith('callpoint-node_'));
    await machine.run(`apt-get install --yes /media/packages/${node}`);
    await school.setUp();
    await school.ready();
    await school.provePress('wb-101');
    expect(await machine.run(`readlink /proc/${await school.gatewayPid()}/exe`)).toBe(
      '/usr/lib/callpoint-node/bin/node',
    );
    expect((await machine.attempt('command -v node')).code).not.toBe(0);
  });
});
