import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { MqttClient as Account } from '../../gateway/mqtt/settings.ts';
import { alert } from '../unit/mqtt/documents.ts';
import { embedded, OPERATOR, ROOT, type Subscriber, VIEWER, World } from './mqtt-harness.ts';

const ZIGBEE: Account = { name: 'zigbee', password: 'zigbee-Pa55', role: 'device', topics: ['zigbee2mqtt/#'] };
const SHELLIES: Account = { name: 'shellies', password: 'shelly-Pa55', role: 'device', topics: ['shellies/+/event'] };
const READER: Account = { name: 'reader', password: 'reader-Pa55', role: 'reader', topics: ['zigbee2mqtt/#'] };
const GREEDY: Account = {
  name: 'greedy',
  password: 'greedy-Pa55',
  role: 'device',
  topics: ['#', '+/v1/school/#', 'callpoint/v1/school/dev/+/event', '$SYS/#', 'homeassistant/#', 'a#', 'greedy/#'],
};
const BY_NAME: Readonly<Record<string, Account>> = {
  viewer: VIEWER,
  operator: OPERATOR,
  zigbee: ZIGBEE,
  shellies: SHELLIES,
  reader: READER,
  greedy: GREEDY,
};

let world: World;
const opened: Subscriber[] = [];

beforeAll(async () => {
  world = await new World(embedded({ clients: Object.values(BY_NAME) }, 'homeassistant')).up();
});
afterEach(() => {
  for (const { client } of opened.splice(0)) client.end(true);
});
afterAll(() => world.stop());

async function client(account: Account, options = {}): Promise<Subscriber> {
  const connected = await world.client(account, options);
  opened.push(connected);
  return connected;
}

function of(name: string): Account {
  const account = BY_NAME[name];
  if (account === undefined) throw new Error(`no account ${name}`);
  return account;
}

async function listener(account: Account, filter: string): Promise<Subscriber> {
  const connected = await client(account);
  expect(await connected.subscribe(filter)).toBe(1);
  return connected;
}

describe('subscriptions', () => {
  // This comes first: of many refusals only the first few are reported one by one.
  test('that is refused: the log names the topics of the account', async () => {
    const before = world.notices.length;
    expect(await (await client(of('zigbee'))).subscribe('shellies/#')).toBe(128);
    const refused = () => world.notices.slice(before).find(({ event }) => event === 'mqtt_subscription_refused');
    await world.until(() => refused() !== undefined);
    expect(refused()?.detail).toContain(
      'client "zigbee": may not subscribe to "shellies/#"; it may read zigbee2mqtt/#',
    );
  });

  test.each([
    ['zigbee', 'zigbee2mqtt/#', 1],
    ['zigbee', 'zigbee2mqtt/+/set', 1],
    ['zigbee', '#', 128],
    ['zigbee', '+/room-1', 128],
    ['zigbee', 'shellies/one/event', 128],
    ['zigbee', `${ROOT}/#`, 128],
    ['zigbee', `${ROOT}/cmd/resolve`, 128],
    ['zigbee', 'homeassistant/#', 128],
    ['zigbee', '$SYS/#', 128],
    ['shellies', 'shellies/one/event', 1],
    ['shellies', 'shellies/#', 128],
    ['reader', 'zigbee2mqtt/room-1', 1],
    ['reader', `${ROOT}/#`, 128],
    ['reader', '#', 128],
    ['viewer', 'zigbee2mqtt/#', 128],
    ['operator', 'zigbee2mqtt/#', 128],
    ['greedy', 'greedy/room', 1],
    ['greedy', '#', 128],
    ['greedy', `${ROOT}/dev/wb-101/event`, 128],
    ['greedy', '$SYS/relayed', 128],
  ])('of %s to %s is answered with %i', async (name, filter, granted) => {
    expect(await (await client(of(name))).subscribe(filter)).toBe(granted);
  });

  test('topics that reach into the gateway’s own are refused at the start, and reported', async () => {
    const refused = world.notices.filter(({ event }) => event === 'mqtt_topics_refused');
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused[0]?.detail).toContain('greedy');
  });
});

describe('publications', () => {
  test('of a device reach the reader and the device’s other connections', async () => {
    const reader = await listener(READER, 'zigbee2mqtt/room-1');
    const other = await listener(ZIGBEE, 'zigbee2mqtt/#');
    const bridge = await client(ZIGBEE);
    expect(await bridge.publish('zigbee2mqtt/room-1', '{"action":"single"}')).toBe(true);
    await Promise.all([reader, other].map((each) => each.until((heard) => heard.length > 0)));
    expect(reader.heard[0]).toMatchObject({ text: '{"action":"single"}', retain: false });
  });

  test.each([
    ['zigbee', `${ROOT}/cmd/resolve`],
    ['zigbee', `${ROOT}/alert/forged`],
    ['zigbee', `${ROOT}/status`],
    ['zigbee', 'homeassistant/status'],
    ['zigbee', 'homeassistant/binary_sensor/x/config'],
    ['zigbee', 'shellies/one/event'],
    ['greedy', `${ROOT}/dev/wb-101/event`],
    ['greedy', `${ROOT}/cmd/resolve`],
  ])('of %s outside its topics reach nobody, and cost it no connection: %s', async (name, topic) => {
    const viewer = await listener(VIEWER, `${ROOT}/#`);
    expect(await viewer.subscribe('homeassistant/#')).toBe(1);
    const shellies = await listener(SHELLIES, 'shellies/+/event');
    const forger = await client(of(name));
    expect(await forger.publish(topic, JSON.stringify({ alert: 'a.1.1', reason: 'forged' }), true)).toBe(true);
    world.link.publish(alert('after'));
    await viewer.until((heard) => heard.some(({ topic: on, retain }) => on.endsWith('/after') && !retain));
    expect([...viewer.heard, ...shellies.heard].filter(({ text }) => text.includes('forged'))).toEqual([]);
    expect(world.commands).toEqual([]);
    expect(forger.client.connected).toBe(true);
    expect(world.notices.map(({ event }) => event)).toContain('mqtt_publish_refused');
  });

  test.each([['reader'], ['viewer'], ['operator']])('of %s in a device’s topics are refused', async (name) => {
    const reader = await listener(READER, 'zigbee2mqtt/room-1');
    expect(await (await client(of(name))).publish('zigbee2mqtt/room-1', '{"action":"single"}')).toBe(false);
    await (await client(ZIGBEE)).publish('zigbee2mqtt/room-1', 'after');
    await reader.until((heard) => heard.length > 0);
    expect(reader.heard.map(({ text }) => text)).toEqual(['after']);
  });

  test('larger than anybody else may send are taken from a device', async () => {
    const other = await listener(ZIGBEE, 'zigbee2mqtt/#');
    const large = 'x'.repeat(300_000);
    expect(await (await client(ZIGBEE)).publish('zigbee2mqtt/bridge/devices', large)).toBe(true);
    await other.until((heard) => heard.some(({ text }) => text === large));
    expect(await (await client(ZIGBEE)).publish('zigbee2mqtt/bridge/devices', 'x'.repeat(4_200_000))).toBe(false);
    expect(await (await client(OPERATOR)).publish(`${ROOT}/cmd/resolve`, large)).toBe(false);
  });

  test('too many of them end the connection, and a new one earns no new burst', async () => {
    const will = { topic: 'greedy/state', payload: Buffer.from('offline'), qos: 1, retain: false } as const;
    const reader = await listener(GREEDY, will.topic);
    const flood = await client(GREEDY, { will });
    for (let i = 0; i < 20_000; i += 1) flood.client.publish('greedy/flood', 'x', { qos: 0 });
    await new Promise<void>((resolve) => flood.client.once('close', () => resolve()));
    // It has disconnected, and its readers know.
    await reader.until((heard) => heard.some(({ text }) => text === 'offline'));
    const again = await client(GREEDY);
    for (let i = 0; i < 3_000; i += 1) again.client.publish('greedy/flood', 'x', { qos: 0 });
    await new Promise<void>((resolve) => again.client.once('close', () => resolve()));
  });
});

describe('what is retained', () => {
  test('is given to who subscribes later, the newest of each topic, until it is cleared', async () => {
    const bridge = await client(ZIGBEE);
    await bridge.publish('zigbee2mqtt/kept', 'old', true);
    await bridge.publish('zigbee2mqtt/kept', 'new', true);
    await bridge.publish('zigbee2mqtt/cleared', 'x', true);
    await bridge.publish('zigbee2mqtt/cleared', '', true);
    await bridge.publish('zigbee2mqtt/passing', 'x');
    const late = await listener(READER, 'zigbee2mqtt/#');
    await late.until((heard) => heard.length > 0);
    await bridge.publish('zigbee2mqtt/end', 'x');
    await late.until((heard) => heard.some(({ topic }) => topic.endsWith('/end')));
    expect(late.heard.map(({ topic, text, retain }) => [topic, text, retain])).toEqual([
      ['zigbee2mqtt/kept', 'new', true],
      ['zigbee2mqtt/end', 'x', false],
    ]);
  });

  test('a device’s will is, if it says so, and nobody’s outside its topics', async () => {
    const will = { topic: 'zigbee2mqtt/bridge/state', payload: Buffer.from('offline'), qos: 1, retain: true } as const;
    const reader = await listener(READER, will.topic);
    const bridge = await client(ZIGBEE, { will });
    bridge.client.stream.destroy();
    await reader.until((heard) => heard.some(({ text }) => text === 'offline'));
    const late = await listener(READER, will.topic);
    await late.until((heard) => heard.some(({ text, retain }) => text === 'offline' && retain));
    for (const topic of [`${ROOT}/status`, 'shellies/one/event', 'zigbee2mqtt/+/state', 'homeassistant/status']) {
      await expect(client(ZIGBEE, { will: { ...will, topic } })).rejects.toMatchObject({ code: 5 });
    }
    await expect(client(READER, { will })).rejects.toMatchObject({ code: 5 });
  });
});

test('an operator’s command to enrol arrives under the operator’s own name; a device’s never does', async () => {
  const payload = JSON.stringify({ device: 'tag-105', minutes: 5, reason: 'battery changed', by: 'somebody else' });
  await (await client(ZIGBEE)).publish(`${ROOT}/cmd/enrol`, payload);
  expect(await (await client(VIEWER)).publish(`${ROOT}/cmd/enrol`, payload)).toBe(false);
  expect(await (await client(OPERATOR)).publish(`${ROOT}/cmd/enrol`, payload, true)).toBe(false);
  expect(await (await client(OPERATOR)).publish(`${ROOT}/cmd/enrol`, payload)).toBe(true);
  await world.until(() => world.commands.length > 0);
  expect(world.commands).toEqual([
    { command: 'enrol', device: 'tag-105', minutes: 5, reason: 'battery changed', by: OPERATOR.name },
  ]);
});
