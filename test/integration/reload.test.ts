import { readFileSync, writeFileSync } from 'node:fs';
import mqtt from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { WholeGateway } from './support/whole-gateway.ts';

let one: WholeGateway | undefined;
afterEach(async () => {
  await one?.stop();
  one = undefined;
});

async function school(options: Parameters<typeof WholeGateway.start>[0] = {}): Promise<WholeGateway> {
  one = await WholeGateway.start({ rooms: 3, reloads: true, ...options });
  return one.ready();
}

/** The entry of this device, with all lines of it. */
function entryOf(device: string): RegExp {
  return new RegExp(`  - id: ${device}\\n(?:    .*\\n|\\n)+`);
}

const without = (device: string) => (text: string) => text.replace(entryOf(device), '');
const renamed = (text: string) => text.replace('name: Main building', 'name: Old building');

async function acknowledged(gateway: WholeGateway, device: string): Promise<string> {
  const id = gateway.press(device);
  await gateway.mqtt.acknowledged(id);
  await gateway.led(device, 'green');
  expect(gateway.displayed(id)).toBe(1);
  return id;
}

describe('a reload', () => {
  test('takes up a new device, which is heard, and takes away one that is gone, with its document', async () => {
    const gateway = await school();
    const whole = readFileSync(gateway.site.file, 'utf8');
    await gateway.mqtt.until('dev/wb-103/state', (device: { supervised: string }) => device.supervised === 'ok');
    const removed = await gateway.reload(without('wb-103'));
    expect(removed).toMatchObject({
      state: 'done',
      changes: expect.arrayContaining([{ of: 'device', id: 'wb-103', change: 'removed' }]),
    });
    await gateway.mqtt.gone('dev/wb-103/state');
    await acknowledged(gateway, 'wb-101');
    const added = await gateway.reload(() => whole);
    expect(added).toMatchObject({
      state: 'done',
      changes: expect.arrayContaining([{ of: 'device', id: 'wb-103', change: 'added' }]),
    });
    await acknowledged(gateway, 'wb-103');
  });

  test('of an unchanged configuration does nothing', async () => {
    const gateway = await school();
    const { said } = gateway.mqtt;
    const before = said.length;
    expect(await gateway.reload()).toEqual({ state: 'unchanged', changes: [], mistakes: [], reasons: [] });
    await acknowledged(gateway, 'wb-101');
    expect(said.slice(before).filter(({ place }) => place.startsWith('input/'))).toEqual([]);
  });

  test('only asked for says what it would do, and does nothing', async () => {
    const gateway = await school();
    expect(await gateway.reload(without('wb-103'), true)).toMatchObject({ state: 'possible' });
    await acknowledged(gateway, 'wb-103');
  });

  test('dials no path anew that has not changed', async () => {
    const gateway = await school();
    const dialled: number[] = [];
    gateway.receiver.on((notice) => {
      if (notice.type === 'connected') dialled.push(notice.connections);
    });
    expect((await gateway.reload(renamed)).state).toBe('done');
    const id = await acknowledged(gateway, 'wb-101');
    expect(dialled).toEqual([]);
    expect((await gateway.mqtt.alert(id)).text).toContain('Old building');
  });

  test('leads reports to the new address of a path, and none to the old one', async () => {
    const gateway = await school();
    const port = await freePort();
    const { accounts } = readSite(gateway.site.file, epochNow());
    const other = await startReceiver({ port, accounts });
    try {
      const document = await gateway.reload((text) => text.replace(`port: ${gateway.receiver.port}`, `port: ${port}`));
      expect(document).toMatchObject({ state: 'done', changes: [{ of: 'path', id: 'central', change: 'changed' }] });
      const id = gateway.press('wb-101');
      await gateway.mqtt.acknowledged(id);
      expect(other.displayed.map(({ reportId }) => reportId)).toContain(id);
      expect(gateway.displayed(id)).toBe(0);
    } finally {
      await other.close();
    }
  });

  test('lets an attempt under way be acknowledged, once', async () => {
    const gateway = await school();
    await gateway.receiver.behave({ type: 'delay', ms: 1500 });
    const { arrivals } = gateway.receiver;
    const id = gateway.press('wb-101');
    await gateway.receiver.until((receiver) => receiver.arrivals > arrivals);
    expect((await gateway.reload(without('wb-103'))).state).toBe('done');
    expect((await gateway.mqtt.acknowledged(id)).paths).toMatchObject({ central: { attempts: 1 } });
    await gateway.led('wb-101', 'green');
    expect(gateway.displayed(id)).toBe(1);
  });

  test('loses no press that is made while the button bus is closed and opened', async () => {
    const gateway = await school();
    const reloading = gateway.reload((text) => text.replace('baudRate: 115200', 'baudRate: 57600'));
    const id = gateway.press('wb-102');
    const first = await reloading;
    await gateway.mqtt.acknowledged(id);
    // A press that was heard before the bus closed is in the way until it is acknowledged.
    const done = first.state === 'inTheWay' ? await gateway.reload() : first;
    expect(done).toMatchObject({ state: 'done', reopened: { 'bus-1': expect.any(Number) } });
    await gateway.led('wb-102', 'green');
    expect(gateway.displayed(id)).toBe(1);
    expect(gateway.mqtt.troubles.filter(({ type }) => type === 'inputDown')).toEqual([]);
  });

  test('takes up an input and a path that have other names, on the same port and address', async () => {
    const gateway = await school();
    const before = await acknowledged(gateway, 'wb-101');
    const document = await gateway.reload((text) =>
      text
        .replaceAll('bus-1, driver', 'bus-9, driver')
        .replaceAll('input: bus-1', 'input: bus-9')
        .replace('- id: central', '- id: centre'),
    );
    // The key of a path stands under its name.
    expect(document.state).toBe('refused');
    const keys = gateway.site.file.replace('site.yaml', 'keys.yaml');
    writeFileSync(keys, readFileSync(keys, 'utf8').replace('central:', 'centre:'));
    expect((await gateway.reload()).state).toBe('done');
    await gateway.mqtt.gone('input/bus-1/status');
    await gateway.mqtt.gone('link/central/status');
    await gateway.mqtt.path('centre', 'up');
    await acknowledged(gateway, 'wb-101');
    await gateway.mqtt.command('resolve', before, 'over');
    await gateway.mqtt.until(`alert/${before}`, ({ state }: { state: string }) => state === 'resolved');
    await acknowledged(gateway, 'wb-103');
    expect(gateway.log.filter(({ event }) => event === 'defect')).toEqual([]);
  });

  test('ten times in a row, and two at once, loses no press and doubles none', async () => {
    const gateway = await school();
    const ids: string[] = [];
    for (let time = 0; time < 10; time++) {
      const change = (text: string) => text.replace(/name: Test school.*? }/, `name: Test school ${time} }`);
      const reloads = [gateway.reload(change), gateway.reload()];
      ids.push(gateway.press(`wb-10${1 + (time % 3)}`));
      for (const document of await Promise.all(reloads)) expect(['done', 'unchanged']).toContain(document.state);
      await gateway.mqtt.acknowledged(ids.at(-1) ?? '');
      await gateway.led(`wb-10${1 + (time % 3)}`, 'green');
    }
    for (const id of ids) expect(gateway.displayed(id), id).toBe(1);
  });
});

describe('what a reload refuses changes nothing', () => {
  test('mistakes are listed as by callpoint check', async () => {
    const gateway = await school();
    const document = await gateway.reload((text) => without('wb-103')(text).replace('kind: medical', 'kind: medicl'));
    expect(document).toMatchObject({ state: 'refused', reasons: ['the configuration has mistakes'] });
    expect(document.mistakes.join()).toMatch(/site\.yaml:\d+:\d+: error: .*medicl/);
    await acknowledged(gateway, 'wb-103');
  });

  test.each([
    ["the gateway's identity", 'gateway: gw-test', 'gateway: gw-other', /identity/],
    ['the journal', 'mqtt:\n', 'journal: { directory: elsewhere }\nmqtt:\n', /journal: the directories/],
    ['how much is kept', 'mqtt:\n', 'journal: { retainDays: 3 }\nmqtt:\n', /journal: how much/],
  ])('%s', async (_, from, to, reason) => {
    const gateway = await school();
    const document = await gateway.reload((text) => without('wb-103')(text).replace(from, to));
    expect(document.state).toBe('refused');
    expect(document.reasons.join()).toMatch(reason);
    await acknowledged(gateway, 'wb-103');
  });

  test('while an alert is not acknowledged: its path, its device and its input', async () => {
    const gateway = await school();
    await gateway.receiver.behave({ type: 'hang' });
    const id = gateway.press('wb-101');
    await gateway.mqtt.alert(id, ({ state }) => state === 'sent');
    const path = (text: string) => text.replace('account: "1234"', 'account: "4321"');
    const before = readFileSync(gateway.site.file, 'utf8');
    for (const [change, what] of [
      [path, 'path central'],
      [renamed, 'device wb-101'],
      [(text: string) => text.replace('baudRate: 115200', 'baudRate: 57600'), 'input bus-1'],
    ] as const) {
      const document = await gateway.reload(() => change(before));
      expect(document.state).toBe('inTheWay');
      expect(document.reasons.join()).toContain(`alert ${id} is not acknowledged yet`);
      expect(document.reasons.join()).toContain(what);
    }
    // What it does not need may change.
    expect((await gateway.reload(() => without('wb-103')(before))).state).toBe('done');
    await gateway.receiver.behave({ type: 'normal' });
    await gateway.mqtt.acknowledged(id);
    expect(gateway.displayed(id)).toBe(1);
    expect((await gateway.reload(renamed)).state).toBe('done');
  });
});

describe('the accounts of the broker', () => {
  test('follow the configuration, and clients whose accounts have not changed stay connected', async () => {
    const gateway = await school();
    const keys = gateway.site.file.replace('site.yaml', 'keys.yaml');
    const closed: string[] = [];
    const connect = (username: string, password: string) =>
      mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.site.mqttPort}`, { username, password, reconnectPeriod: 0 });
    const console = await connect('console', gateway.site.mqttPassword);
    console.on('close', () => closed.push('console'));
    writeFileSync(keys, readFileSync(keys, 'utf8').replace('mqtt: { ', 'mqtt: { wall: "a long enough password 7", '));
    const added = await gateway.reload((text) =>
      text.replace(
        '{ name: console, role: operator }',
        '{ name: console, role: operator }, { name: wall, role: viewer }',
      ),
    );
    expect(added).toMatchObject({ state: 'done', changes: [{ of: 'mqtt', change: 'changed' }] });
    const wall = await connect('wall', 'a long enough password 7');
    const cut = new Promise<void>((resolve) => wall.on('close', () => resolve()));
    expect((await gateway.reload((text) => text.replace(', { name: wall, role: viewer }', ''))).state).toBe('done');
    await cut;
    await expect(connect('wall', 'a long enough password 7')).rejects.toThrow();
    await console.publishAsync('callpoint/v1/gw-test/cmd/canary', '{"reason":"a barrier"}', { qos: 1 });
    expect(closed).toEqual([]);
    await console.endAsync();
  });

  test('a changed port starts the broker anew, and it has every document', async () => {
    const gateway = await school();
    const port = await freePort();
    expect(
      (await gateway.reload((text) => text.replace(`127.0.0.1:${gateway.site.mqttPort}`, `127.0.0.1:${port}`))).state,
    ).toBe('done');
    const { MqttWatch } = await import('./support/mqtt-watch.ts');
    const watch = new MqttWatch(port, gateway.site.mqttPassword);
    try {
      await watch.until('dev/wb-103/state', (device: { device: string }) => device.device === 'wb-103');
      await watch.acknowledged(gateway.press('wb-101'));
    } finally {
      await watch.close();
    }
  });
});
