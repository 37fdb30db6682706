import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { CALLPOINT, Command, callpoint } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

async function started(site: SmallSite): Promise<Command> {
  const gateway = new Command(CALLPOINT, [
    ...['run', '--no-warm-up', '--log-level', 'debug'],
    ...['--config', site.file, '--data', site.data],
  ]);
  cleanups.push(() => gateway.kill());
  await gateway.says(/"event":"ready"/);
  return gateway;
}

async function stopped(gateway: Command): Promise<string> {
  gateway.child.kill('SIGTERM');
  const { code, stderr } = await gateway.ended;
  expect(code).toBe(0);
  return stderr;
}

const KEPT = /"event":"settings\.kept"/;

/** A site that was started once, on a machine that has its port. */
async function startedOnce() {
  const site = await smallSite({ receiverPort: await freePort() });
  cleanups.push(() => site.remove());
  const port = /port: (\/\S+?),? /.exec(readFileSync(site.file, 'utf8'))?.[1] ?? '';
  if (!existsSync(port)) writeFileSync(port, '');
  const first = await stopped(await started(site));
  expect(first).not.toMatch(KEPT);
  const cache = join(site.data, readdirSync(site.data).find((name) => /^settings-.*\.cache$/.test(name)) ?? '');
  expect(statSync(cache).mode & 0o777).toBe(0o600);
  return { site, cache };
}

test('a second start takes what the first has read; a changed file is read, refused and reloaded as ever', async () => {
  const { site } = await startedOnce();
  const gateway = await started(site);
  expect(gateway.stderr).toMatch(KEPT);
  const whole = readFileSync(site.file, 'utf8');
  writeFileSync(site.file, whole.replace('version: 1', 'version: 9'));
  const reload = await callpoint('reload', '--config', site.file, '--data', site.data);
  expect(reload.code).toBe(1);
  const check = await callpoint('check', '--config', site.file, '--data', site.data);
  expect(check.stdout + check.stderr).toContain('version');
  expect(check.code).toBe(1);
  await stopped(gateway);
  const refused = await callpoint('run', '--config', site.file, '--data', site.data);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('version');
  // The former content is known from before.
  writeFileSync(site.file, whole);
  expect(await stopped(await started(site))).toMatch(KEPT);
});

test('a check that keeps the settings makes the first start of its version as fast as the second', async () => {
  const { site, cache } = await startedOnce();
  rmSync(cache);
  const check = await callpoint('check', '--keep', '--json', '--config', site.file, '--data', site.data);
  expect(JSON.parse(check.stdout)).toMatchObject({ ok: true, kept: true });
  expect(await stopped(await started(site))).toMatch(KEPT);
});

test('without what was kept, or with rubbish in its place, a start reads the files and keeps them anew', async () => {
  const { site, cache } = await startedOnce();
  const sound = readFileSync(cache);
  for (const spoil of [() => rmSync(cache), () => writeFileSync(cache, sound.subarray(0, -1))]) {
    spoil();
    expect(await stopped(await started(site))).not.toMatch(KEPT);
    expect(await stopped(await started(site))).toMatch(KEPT);
  }
});
