import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { askGateway } from '../../gateway/control/ask-gateway.ts';
import { MqttWatch } from './support/mqtt-watch.ts';
import { CALLPOINT, Command, callpoint } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';
import { Waiting } from './support/waiting.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

interface Around {
  readonly site: SmallSite;
  readonly receiver: Receiver;
  readonly simulator: SiteSimulator;
  led(device: string, led: string): Promise<void>;
}

/** Everything but the gateway. */
async function around(): Promise<Around> {
  const receiverPort = await freePort();
  const site = await smallSite({ receiverPort });
  cleanups.push(() => site.remove());
  const far = readSite(site.file, epochNow());
  const receiver = await startReceiver({ port: receiverPort, accounts: far.accounts });
  cleanups.push(() => receiver.close());
  const simulator = new SiteSimulator(far, 1);
  cleanups.push(() => simulator.stop());
  const leds = new Waiting();
  simulator.onLed(() => leds.check());
  const led = (device: string, wanted: string) =>
    leds.until(
      `${device} LED ${wanted}`,
      () => simulator.led(device) === wanted,
      () => simulator.led(device),
    );
  return { site, receiver, simulator, led };
}

function run(site: SmallSite, options: { shell?: string; data?: string } = {}): Command {
  const args = ['run', '--no-warm-up', '--config', site.file, '--data', options.data ?? site.data];
  const command = new Command(CALLPOINT, args, options);
  cleanups.push(() => command.kill());
  return command;
}

test('run with a bad configuration starts nothing, lists every mistake on stderr, and exits 1', async () => {
  const { site } = await around();
  const text = readFileSync(site.file, 'utf8');
  writeFileSync(site.file, text.replace('address: 2', 'address: 1').replace('kind: medical', 'kind: medicl'));
  const { code, stdout, stderr } = await run(site).ended;
  expect(code).toBe(1);
  expect(stdout).toBe('');
  const lines = stderr.trim().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toMatch(/site\.yaml:\d+:\d+: error: /);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('SIGTERM: exit 0 within 5 s, MQTT says disconnected and not lost, and the journal is complete', async () => {
  const { site, simulator, led } = await around();
  const gateway = run(site);
  const mqtt = new MqttWatch(site.mqttPort, site.mqttPassword);
  cleanups.push(() => mqtt.close());
  const birth = await mqtt.until('status', (status: { state: string; session: number }) => status.state === 'ready');
  const id = simulator.press('wb-101', '0', 'single')?.alert ?? '';
  await led('wb-101', 'green');

  const beganMs = performance.now();
  const { code, stdout, stderr } = await gateway.stop();
  expect(performance.now() - beganMs).toBeLessThan(5000);
  expect(code).toBe(0);
  expect(await mqtt.until('status', (status: { state: string }) => status.state !== 'ready')).toMatchObject({
    state: 'disconnected',
    session: birth.session,
  });
  expect(stdout).toBe('');
  const log = stderr.trim().split('\n');
  for (const line of log) expect(() => JSON.parse(line)).not.toThrow();
  expect(log.at(-1)).toContain('"event":"stopped"');

  const [alerts, verified] = await Promise.all([
    callpoint('alerts', '--config', site.file, '--json'),
    callpoint('verify', join(site.data, 'journal'), '--json'),
  ]);
  expect(alerts.code).toBe(0);
  expect(JSON.parse(alerts.stdout)).toMatchObject({
    ok: true,
    alerts: [{ id, state: 'acknowledged', not_confirmed: false, acknowledged_by_path: 'central', attempts: 1 }],
  });
  expect(verified.code).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, problems: [] });
});

test('a thread whose priority may not be changed runs on as it is', () => {
  const module = join(inject('compiled'), 'gateway/system/background-priority.js');
  // It starts with the highest nice value and without the privilege to lower it.
  const unprivileged = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-sys_nice'] : [];
  const code = `
    import { getPriority } from 'node:os';
    import { runInBackground } from ${JSON.stringify(module)};
    runInBackground(5);
    console.log(getPriority(0));`;
  const [file = '', ...args] = [
    ...unprivileged,
    'nice',
    '-n',
    '19',
    process.execPath,
    '--input-type=module',
    '-e',
    code,
  ];
  const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  expect([stdout.trim(), stderr]).toEqual(['19', '']);
});

test('data directory deleted: no press is lost, commands are heard, and a second gateway is refused', async () => {
  const { site, receiver, simulator, led } = await around();
  await receiver.behave({ type: 'refuse' });
  const gateway = run(site);
  const press = async (device: string) => {
    const id = simulator.press(device, '0', 'single')?.alert ?? '';
    // The status is heard: only the journal has the press.
    await led(device, 'amberSlow');
    return id;
  };
  const pressed = [await press('wb-101')];
  rmSync(site.data, { recursive: true });
  pressed.push(await press('wb-102'));

  const second = await run(site).ended;
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${gateway.child.pid}. Stop it`) });
  const command = { command: 'canary', by: 'maria', reason: 'tried out' };
  await expect.poll(() => askGateway(site.data, command)).toMatchObject({ text: expect.stringContaining('no canary') });
  await gateway.kill();

  await receiver.behave({ type: 'normal' });
  run(site);
  const isDisplayed = (id: string) => receiver.displayed.some(({ reportId }) => reportId === id);
  await receiver.until(() => pressed.every(isDisplayed));
  expect(receiver.displayed.map(({ text }) => text).filter((text) => text?.includes('in use by'))).toEqual([]);
});

describe('a disk that takes nothing', () => {
  test('no byte can be written: the press is acknowledged and the receiver is told of the journal', async () => {
    const { site, receiver, simulator, led } = await around();
    const gateway = run(site, { shell: 'ulimit -f 0' });
    const id = simulator.press('wb-101', '0', 'single')?.alert ?? '';
    await led('wb-101', 'green');
    expect(receiver.displayed.filter((event) => event.reportId === id)).toHaveLength(1);
    await receiver.until((desk) => desk.displayed.some((event) => event.text?.startsWith('Journal cannot be written')));
    expect((await gateway.stop()).code).toBe(0);
  });

  test('a data directory that can not be made: the gateway starts all the same', async () => {
    const { site, simulator, led } = await around();
    const gateway = run(site, { data: join(site.file, 'data') });
    simulator.press('wb-101', '0', 'single');
    await led('wb-101', 'green');
    expect((await gateway.stop()).code).toBe(0);
  });
});

test('a wall button that was replaced, with a new key and from epoch 1, is heard at its first press', async () => {
  const { site, receiver, simulator, led } = await around();
  const before = run(site);
  const old = simulator.press('wb-101', '0', 'single')?.alert ?? '';
  await led('wb-101', 'green');
  await before.stop();
  simulator.stop();

  const [key = ''] = /(?<=wb-101: )[0-9a-f]{32}/.exec(readFileSync(join(site.directory, 'keys.yaml'), 'utf8')) ?? [];
  const fresh = randomBytes(16).toString('hex');
  const keysFile = join(site.directory, 'keys.yaml');
  writeFileSync(keysFile, readFileSync(keysFile, 'utf8').replace(key, fresh));
  const replaced = new SiteSimulator(readSite(site.file, 1), 2);
  cleanups.push(() => replaced.stop());
  const gateway = run(site);
  const mqtt = new MqttWatch(site.mqttPort, site.mqttPassword);
  cleanups.push(() => mqtt.close());
  await mqtt.path('central', 'up');
  const [, number] = /^wb-101\.(1\.\d+)$/.exec(replaced.press('wb-101', '0', 'single')?.alert ?? '') ?? [];
  const id = `wb-101.k2.${number}`;
  expect(await mqtt.acknowledged(id)).toMatchObject({ device: 'wb-101', authenticated: true });
  const shown = receiver.displayed.map(({ reportId }) => reportId);
  expect(shown).toEqual(expect.arrayContaining([old, id]));
  const refused = await callpoint('enrol', 'wb-101', '--reason', 'new', '--config', site.file, '--data', site.data);
  expect(refused.stderr).toMatch(/counts its own starts.*a new key/);
  const { stderr: log } = await gateway.stop();
  for (const secret of [key, fresh]) {
    expect(log).not.toContain(secret);
    expect(journalText(site)).not.toContain(secret);
  }
});

function journalText(site: SmallSite): string {
  const directory = join(site.data, 'journal');
  const files = readdirSync(directory).filter((name) => name.endsWith('.cpj'));
  return files.map((name) => readFileSync(join(directory, name), 'latin1')).join('');
}
