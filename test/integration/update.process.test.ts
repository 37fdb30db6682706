import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { UpdateRig } from './update-rig.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

async function rig(): Promise<UpdateRig> {
  const made = await UpdateRig.started();
  cleanups.push(() => made.stop());
  return made;
}

test('an update is taken, confirmed and shown; the release before comes back by hand', async () => {
  const machine = await rig();
  await machine.startGateway();
  const file = await machine.makeUpdate('0.2.0');
  const shown = await machine.update(file, '--check');
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/signed by maker\.pem[\s\S]*Version 0\.2\.0/) });
  const taken = await machine.update(file, '--settle', '0');
  expect(taken, taken.stderr).toMatchObject({ code: 0, stdout: 'Version 0.2.0 runs and is confirmed.\n' });
  expect(readlinkSync(join(machine.releases, 'current'))).toBe('a');
  const status = JSON.parse((await machine.command('status', '--json')).stdout);
  expect(status).toMatchObject({ version: '0.2.0', release: join(machine.releases, 'a') });
  const back = await machine.update('--return', '--settle', '0');
  expect(back, back.stderr).toMatchObject({ code: 0, stdout: 'Version 0.1.0 runs and is confirmed.\n' });
  const again = await machine.update('--status');
  expect(again.stdout).toContain('the packaged release');
});

test('a release that ends at each start is returned, and says so until somebody has seen it', async () => {
  const machine = await rig();
  await machine.startGateway();
  const file = await machine.makeUpdate('0.2.0', "if (process.argv[2] === 'run') process.exit(9);");
  const taken = await machine.update(file, '--settle', '0');
  expect(taken, taken.stderr).toMatchObject({
    code: 4,
    stdout: expect.stringContaining('Version 0.2.0 was returned: it was started 3 times and did not stay up.'),
  });
  const status = JSON.parse((await machine.command('status', '--json')).stdout);
  expect(status).toMatchObject({ version: '0.1.0' });
  expect(await machine.update('--status')).toMatchObject({ code: 4 });
  expect(await machine.update('--seen')).toMatchObject({ code: 0 });
  expect(await machine.update('--status')).toMatchObject({ code: 0 });
});
