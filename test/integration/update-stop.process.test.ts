import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { askGateway } from '../../gateway/control/ask-gateway.ts';
import { CALLPOINT, Command } from './support/processes.ts';
import { smallSite } from './support/small-site.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

test('a gateway stops for an update as at SIGTERM and ends with 0, but not while a drill runs', async () => {
  const site = await smallSite({ receiverPort: await freePort() });
  cleanups.push(() => site.remove());
  const gateway = new Command(CALLPOINT, ['run', '--no-warm-up', '--config', site.file, '--data', site.data]);
  cleanups.push(() => gateway.kill());
  await gateway.says(/"event":"ready"/);
  const drill = { command: 'drill', action: 'start', scope: 'site', minutes: 5, by: 'maria', reason: 'autumn' };
  expect(await askGateway(site.data, drill)).toMatchObject({ ok: true });
  const refused = await askGateway(site.data, { command: 'stopForUpdate', by: 'root' });
  expect(refused).toEqual({ ok: false, text: expect.stringContaining('a drill runs in site since 20') });
  expect(await askGateway(site.data, { ...drill, action: 'stop' })).toMatchObject({ ok: true });
  const stops = await askGateway(site.data, { command: 'stopForUpdate', by: 'root' });
  expect(stops).toMatchObject({ ok: true });
  const { code, stderr } = await gateway.ended;
  expect(code).toBe(0);
  const events = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.filter(({ event }) => event === 'update.refused')).toMatchObject([{ by: 'cli:root' }]);
  expect(events.slice(-2)).toMatchObject([{ event: 'stopping', update: 'cli:root' }, { event: 'stopped' }]);
});
