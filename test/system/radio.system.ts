import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Machine } from './rig/machine.ts';
import { SKIPPED, titled } from './rig/needs.ts';
import { RADIO, School } from './rig/school.ts';

/** CAP_NET_RAW, number 13 in capability.h. */
const NET_RAW = '0000000000002000';
/** The simulated adapter is a pseudo-terminal. A real one is a device that the unit allows. */
const DROP_IN = '[Service]\nDeviceAllow=char-pts rw\n';
const MAIN_PID = 'systemctl show --property=MainPID --value "callpoint-radio@*.service" | grep -v "^0*$"';

describe.skipIf(SKIPPED)(titled("the radio's process"), () => {
  let machine: Machine;
  let school: School;
  beforeAll(async () => {
    machine = await Machine.make({ root: inject('trixie'), packages: inject('packages') });
    await machine.boot();
    school = new School(machine, inject('packages'), 'walls and a tag');
    await school.install();
    const drop = '/etc/systemd/system/callpoint-radio@.service.d';
    await machine.run(`mkdir ${drop} && cat > ${drop}/test.conf && systemctl daemon-reload`, { input: DROP_IN });
    await school.init();
    await school.startWalls();
    await machine.until(`test -e ${RADIO} && chmod a+rw "$(readlink -f ${RADIO})"`);
    await machine.run('systemctl start callpoint');
    await school.ready();
  }, 120_000);
  afterAll(() => machine?.remove());

  test('is a user of its own, and alone has the capability to listen to radios', async () => {
    const pid = await processId();
    const status = await machine.run(`cat /proc/${pid}/status`);
    for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
      expect(status).toMatch(new RegExp(`^${set}:\\s+${NET_RAW}$`, 'm'));
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    // Of those that systemd gives for the time of a service (systemd.exec(5), DynamicUser=).
    const [, uid] = /^Uid:\s+(\d+)/m.exec(status) ?? [];
    expect(Number(uid)).toBeGreaterThanOrEqual(61_184);
    expect(Number(uid)).toBeLessThanOrEqual(65_519);
    expect(await machine.run(`cat /proc/${await school.gatewayPid()}/status`)).toMatch(/^CapEff:\s+0{16}$/m);
  });

  test('hears a tag, whose press is acknowledged', async () => {
    await proveTag();
  });

  test('is replaced when it hangs, and the walls do not notice', async () => {
    const pid = await processId();
    const gateway = await school.gatewayPid();
    await machine.run(`kill -STOP ${pid}`);
    await school.provePress('wb-101');
    await machine.until(`test ! -d /proc/${pid}`, 55_000);
    await machine.until(`${MAIN_PID} | grep -v '^${pid}$'`);
    await school.ready();
    await proveTag();
    expect(await school.gatewayPid()).toBe(gateway);
  });

  /** The simulator does not know the alert: a tag gets no answer. */
  async function proveTag(): Promise<void> {
    await school.resolve();
    const before = (await school.alerts()).map(({ id }) => id);
    await school.press('tag-102');
    let found: string | undefined;
    while (found === undefined)
      found = (await school.alerts()).find(({ id, device }) => device === 'tag-102' && !before.includes(id))?.id;
    await school.acknowledged(found);
  }

  const processId = () => machine.until(MAIN_PID);
});
