import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { MqttWatch } from './support/mqtt-watch.ts';
import { CALLPOINT, Command, callpoint } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

interface Running {
  readonly site: SmallSite;
  /** The configuration with wb-103, which the gateway does not have at its start. */
  readonly whole: string;
  readonly receiver: Receiver;
  readonly simulator: SiteSimulator;
  readonly gateway: Command;
  readonly mqtt: MqttWatch;
}

async function running(): Promise<Running> {
  const receiverPort = await freePort();
  const site = await smallSite({ receiverPort, rooms: 3 });
  cleanups.push(() => site.remove());
  const far = readSite(site.file, epochNow());
  const receiver = await startReceiver({ port: receiverPort, accounts: far.accounts });
  cleanups.push(() => receiver.close());
  const simulator = new SiteSimulator(far, 1);
  cleanups.push(() => simulator.stop());
  const whole = readFileSync(site.file, 'utf8');
  writeFileSync(site.file, whole.replace(/ {2}- id: wb-103\n(?: {4}.*\n|\n)+/, ''));
  const gateway = new Command(CALLPOINT, ['run', '--no-warm-up', '--config', site.file, '--data', site.data]);
  cleanups.push(() => gateway.kill());
  const mqtt = new MqttWatch(site.mqttPort, site.mqttPassword);
  cleanups.push(() => mqtt.close());
  await gateway.says(/"event":"ready"/);
  return { site, whole, receiver, simulator, gateway, mqtt };
}

function reload({ site }: Running, ...options: string[]) {
  return callpoint('reload', '--config', site.file, '--data', site.data, ...options);
}

test('SIGHUP takes up a new device, whose press is an alert; again it changes nothing, and says so', async () => {
  const school = await running();
  const { gateway, mqtt, receiver, simulator, site, whole } = school;
  writeFileSync(site.file, whole);
  gateway.child.kill('SIGHUP');
  await gateway.says(/"event":"config\.reloaded"/);
  await mqtt.until('dev/wb-103/state', (device: { supervised: string }) => device.supervised === 'ok');
  const id = simulator.press('wb-103', '0', 'single')?.alert ?? '';
  await mqtt.acknowledged(id);
  expect(receiver.displayed.filter(({ reportId }) => reportId === id)).toHaveLength(1);
  gateway.child.kill('SIGHUP');
  await gateway.says(/"event":"config\.unchanged"/);
  const { code } = await gateway.stop();
  expect(code).toBe(0);
});

test('callpoint reload says what changes and what it did, and what it refuses', async () => {
  const school = await running();
  const { site, whole } = school;
  writeFileSync(site.file, whole);
  const asked = await reload(school, '--dry-run');
  expect([asked.code, asked.stdout]).toEqual([
    0,
    expect.stringMatching(/can be taken up now[\s\S]*device added: wb-103/),
  ]);
  const status = await callpoint('status', '--config', site.file, '--data', site.data, '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({ gateway: 'gw-test' });
  const done = await reload(school, '--json');
  expect(done.code).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({
    ok: true,
    state: 'done',
    changes: expect.arrayContaining([{ of: 'device', id: 'wb-103', change: 'added' }]),
  });
  writeFileSync(site.file, whole.replace('kind: medical', 'kind: medicl'));
  const refused = await reload(school);
  expect([refused.code, refused.stdout]).toEqual([
    1,
    expect.stringMatching(/refused[\s\S]*site\.yaml:\d+:\d+: error: /),
  ]);
});
