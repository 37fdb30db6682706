import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Machine } from './rig/machine.ts';
import { SKIPPED, titled } from './rig/needs.ts';
import { School } from './rig/school.ts';
import { BAD, GOOD, TRUST, updateOf } from './rig/updates.ts';

/** What the command shows, in this order. */
const STEPS = ['Unpacking', 'Writing', 'gateway to stop', 'gateway to be started', 'On trial'];
/** Longest time into a step until the power goes. */
const STEP_MS = 1_000;
/** An update reads, checks and starts a whole release. */
const PATIENCE_MS = 150_000;

describe.skipIf(SKIPPED)(titled('callpoint update on a machine with systemd'), () => {
  let machine: Machine;
  let school: School;
  beforeAll(async () => {
    machine = await Machine.make({ root: inject('trixie'), packages: inject('packages') });
    await machine.boot();
    school = new School(machine, inject('packages'));
    await school.setUp();
    await machine.run(TRUST);
    await school.ready();
  }, 120_000);
  afterAll(() => machine?.remove());

  test('a signed release is put in use, confirmed, and takes a press', { timeout: PATIENCE_MS }, async () => {
    const pid = await school.gatewayPid();
    const said = await machine.run(`callpoint update ${updateOf(GOOD[0])} --settle 0`, { withinMs: PATIENCE_MS });
    expect(said).toContain('confirmed');
    expect(await school.version()).toBe(GOOD[0]);
    expect(await machine.run('callpoint status')).toContain(GOOD[0]);
    expect(await school.gatewayPid()).not.toBe(pid);
    await school.provePress('wb-101');
  });

  test('it is refused while an alert is open, and the gateway runs on', async () => {
    await school.resolve();
    await school.behave('hang');
    const alert = await school.press('wb-101');
    const pid = await school.gatewayPid();
    const { code, stdout, stderr } = await machine.attempt(`callpoint update ${updateOf(GOOD[1])}`);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(alert);
    await school.behave('normal');
    await school.acknowledged(alert);
    expect(await school.gatewayPid()).toBe(pid);
    expect(await school.version()).toBe(GOOD[0]);
  });

  test('a release that does not start is returned by itself, and the machine has no unit that failed', {
    timeout: PATIENCE_MS,
  }, async () => {
    await school.resolve();
    const { code, stdout, stderr } = await machine.attempt(`callpoint update ${updateOf(BAD)} --settle 0`, {
      withinMs: PATIENCE_MS,
    });
    expect(code, stdout + stderr).toBe(4);
    expect(stdout + stderr).toContain('did not stay up');
    expect(await school.version()).toBe(GOOD[0]);
    await school.ready();
    await school.provePress('wb-102');
    expect(await machine.run('systemctl is-system-running')).toBe('running');
    expect(await machine.run('journalctl --unit callpoint --output cat')).not.toContain('Watchdog timeout');
  });

  test.each(STEPS)(
    'power that goes while "%s" is shown leaves a release that starts and takes a press',
    {
      timeout: PATIENCE_MS,
    },
    async (step) => {
      await school.resolve();
      await machine.run('callpoint update --seen');
      const next = (await school.version()) === GOOD[0] ? GOOD[1] : GOOD[0];
      const unit = `cut-${STEPS.indexOf(step)}`;
      const update = `callpoint update ${updateOf(next)} --allow-older --settle 5`;
      await machine.run(`systemd-run --unit=${unit} --setenv=HOME=/root ${update}`);
      // A step that was over at once may not have been shown.
      await machine.until(`journalctl --unit ${unit} --output cat | grep -E '${step}|On trial'`, PATIENCE_MS);
      await sleep(Math.random() * STEP_MS);
      await (Math.random() < 0.5 ? machine.cutPower() : machine.crash());
      await machine.boot();
      await school.startWalls();
      await school.ready();
      await school.provePress('wb-101');
      // The service of the trial, which starts at boot, ends it: nobody else does.
      await machine.until('callpoint update --status; test $? != 3', PATIENCE_MS);
      const version = await school.version();
      expect(GOOD).toContain(version);
      expect(await machine.run('callpoint status')).toContain(version);
      console.info(`the power went at "${step}" of the update to ${next}: now ${version} runs`);
    },
  );
});
