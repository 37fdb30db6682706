import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeviceClient } from '../../device-sim/mqtt/mqtt-client.ts';
import type { DeviceDocument, DoorDocument, InputDocument } from '../../protocol/mqtt-documents.ts';
import type { SmallSite } from './support/small-site.ts';
import { WholeGateway } from './support/whole-gateway.ts';

const PASSWORD = 'bridges-Pa55';
const KEPT = { qos: 1, retain: true } as const;
const AT_LEAST_ONCE = { qos: 1 } as const;

/** As by default. */
const WORDS = 'online: online, offline: offline';

/** Each is `topic` and what its availability is configured as. */
const ALONE = {
  'json-601': 'zigbee2mqtt/json-601/availability, path: state',
  'plain-602': 'zigbee2mqtt/plain-602/availability',
  'tasmota-603': 'tele/tasmota-603/LWT',
  'odd-604': 'tele/odd-604/LWT',
};

function device(id: string, more: string, points = ''): string {
  const button = `{ id: button-1, kind: medical, zone: ${id.replace(/\D/g, '')}, path: action, quietSeconds: 0, press: { single: single } }`;
  return `  - { id: ${id}, input: mqtt-1, topic: zigbee2mqtt/${id}, location: A/1/101, ${more}, buttons: [${button}]${points} }`;
}

/** Adds devices at the gateway's broker. Two bridges: `one` of two devices, `two` of a door. */
function withMqttDevices(site: SmallSite): void {
  const bridge = (name: string) => `bridge: { topic: ${name}/bridge/state, path: state }`;
  const presence = (id: string) => `availability: { topic: zigbee2mqtt/${id}/availability, path: state, ${WORDS} }`;
  const door =
    ', points: [{ id: door, type: doorContact, zone: 920, path: contact, active: "false", normal: "true" }], lastSeen: { path: last_seen }';
  const devices = [
    ...Object.entries(ALONE).map(([id, topic]) => device(id, `availability: { topic: ${topic}, ${WORDS} }`)),
    device('behind-701', `${bridge('one')}, ${presence('behind-701')}`),
    device('behind-702', `${bridge('one')}, ${presence('behind-702')}`),
    device('door-801', `${bridge('two')}, ${presence('door-801')}`, door),
    device('door-802', `${bridge('two')}, ${presence('door-802')}`, door),
  ];
  const topics = 'topics: ["zigbee2mqtt/#", "tele/#", "one/#", "two/#"]';
  const yaml = readFileSync(site.file, 'utf8')
    .replace('\ndevices:\n', `\n  - { id: mqtt-1, driver: mqtt }\ndevices:\n${devices.join('\n')}\n`)
    .replace('role: operator }', `role: operator }, { name: bridges, role: device, ${topics} }`);
  writeFileSync(site.file, yaml);
  const keys = join(site.directory, 'keys.yaml');
  writeFileSync(keys, readFileSync(keys, 'utf8').replace('mqtt: {', `mqtt: { bridges: "${PASSWORD}", `), {
    mode: 0o600,
  });
}

let whole: WholeGateway;
let client: DeviceClient;
const clients: DeviceClient[] = [];

async function connected(topic: string, payload: string): Promise<DeviceClient> {
  const login = { url: `mqtt://127.0.0.1:${whole.site.mqttPort}`, username: 'bridges', password: PASSWORD };
  const one = await DeviceClient.connect(login, { topic, payload });
  clients.push(one);
  return one;
}

beforeAll(async () => {
  whole = await WholeGateway.start({
    prepare: withMqttDevices,
    wall: (site) => ({ ...site, inputs: site.inputs.filter(({ id }) => id !== 'mqtt-1') }),
  });
  await whole.ready();
  await whole.mqtt.until('input/mqtt-1/status', ({ state }: { state: string }) => state === 'up');
  client = await connected('tele/nobody/LWT', 'Offline');
});

afterAll(async () => {
  for (const each of clients) await each.lose();
  await whole.stop();
});

async function supervised(id: string, state: DeviceDocument['supervised']): Promise<void> {
  const shown = () => last<DeviceDocument | undefined>(`dev/${id}/state`)?.supervised;
  await expect.poll(shown, { timeout: 10_000 }).toBe(state);
}

/** The last document of its kind. */
function last<T>(place: string): T {
  return whole.mqtt.said.findLast((one) => one.place === place)?.document as T;
}

/** DC-09 carries no slashes and quotation marks of its own: `.` stands for them. */
async function displayed(text: RegExp): Promise<void> {
  await expect.poll(() => whole.troublesDisplayed, { timeout: 10_000 }).toContainEqual(expect.stringMatching(text));
}

/** Resolves when the gateway has read everything that was published before. */
async function caughtUp(): Promise<void> {
  const before = alertsOf('json-601').length;
  await client.publish('zigbee2mqtt/json-601', '{"action":"single"}', AT_LEAST_ONCE);
  await expect.poll(() => alertsOf('json-601').length, { timeout: 10_000 }).toBeGreaterThan(before);
}

function alertsOf(id: string): string[] {
  return [...new Set(whole.mqtt.said.flatMap(({ place }) => (place.startsWith(`alert/${id}.`) ? place : [])))];
}

describe('availability', () => {
  test.each([
    ['json-601', 'zigbee2mqtt/json-601/availability', '{"state":"online"}', 'offline'],
    ['plain-602', 'zigbee2mqtt/plain-602/availability', 'online', '{"state":"offline"}'],
    ['tasmota-603', 'tele/tasmota-603/LWT', 'Online', 'Offline'],
  ])('of %s at %s, which says %s and then %s, is a missing device', async (id, topic, online, offline) => {
    await client.publish(topic, online, KEPT);
    await supervised(id, 'ok');
    await client.publish(topic, offline, KEPT);
    await supervised(id, 'missing');
    await displayed(new RegExp(`^UY Device missing: ${id}`));
    await client.publish(topic, online, KEPT);
    await displayed(new RegExp(`^UJ Restored: Device missing: ${id}`));
  });

  test('that is removed from the broker, as when a bridge renames its device, leaves the device unknown', async () => {
    await client.publish('zigbee2mqtt/plain-602/availability', 'online', KEPT);
    await supervised('plain-602', 'ok');
    await client.publish('zigbee2mqtt/plain-602/availability', '', KEPT);
    await supervised('plain-602', 'unknown');
    await client.publish('zigbee2mqtt/plain-602/availability', 'online', KEPT);
    await supervised('plain-602', 'ok');
  });

  test('in a word that nobody understands leaves the device unknown, and the receiver is told', async () => {
    await client.publish('tele/odd-604/LWT', 'Online', KEPT);
    await supervised('odd-604', 'ok');
    await client.publish('tele/odd-604/LWT', 'Hors ligne', KEPT);
    await supervised('odd-604', 'unknown');
    await displayed(/Message not understood: odd-604, /);
    expect(whole.details).toContainEqual(expect.stringMatching(/.Hors ligne.*offline:/));
    await client.publish('zigbee2mqtt/odd-604', '{"action":"single"}', AT_LEAST_ONCE);
    await expect.poll(() => alertsOf('odd-604')).toHaveLength(1);
    expect(last<DeviceDocument>('dev/odd-604/state').supervised).toBe('unknown');
  });
});

describe('a bridge', () => {
  const isDown = (text: string) => /Bridge down: one.bridge.state/.test(text);
  const ofOne = () => whole.troublesDisplayed.filter((text) => isDown(text) || /behind-70/.test(text));

  test('that dies is one trouble by its will, with its devices unknown; presses still arrive', async () => {
    const bridge = await connected('one/bridge/state', '{"state":"offline"}');
    await bridge.publish('one/bridge/state', '{"state":"online"}', KEPT);
    for (const id of ['behind-701', 'behind-702']) {
      await bridge.publish(`zigbee2mqtt/${id}/availability`, '{"state":"online"}', KEPT);
      await supervised(id, 'ok');
    }
    await bridge.lose();
    for (const id of ['behind-701', 'behind-702']) await supervised(id, 'unknown');
    await displayed(/^ET Bridge down: one.bridge.state; its 2 devices are not heard/);
    expect(last<InputDocument>('input/mqtt-1/status').bridges).toMatchObject({ 'one/bridge/state': 'down' });
    await client.publish('zigbee2mqtt/behind-701', '{"action":"single"}', AT_LEAST_ONCE);
    await expect.poll(() => alertsOf('behind-701')).toHaveLength(1);
    expect(ofOne()).toHaveLength(1);
  });

  test('that is back restores the trouble, and each device is well by its own availability', async () => {
    const bridge = await connected('one/bridge/state', '{"state":"offline"}');
    await bridge.publish('one/bridge/state', '{"state":"online"}', KEPT);
    await displayed(/^ER Restored: Bridge down: one.bridge.state/);
    await bridge.publish('zigbee2mqtt/behind-702', '{"battery":100}');
    await caughtUp();
    expect(last<DeviceDocument>('dev/behind-702/state').supervised).toBe('unknown');
    await bridge.publish('zigbee2mqtt/behind-702/availability', '{"state":"online"}', KEPT);
    await supervised('behind-702', 'ok');
    expect(ofOne()).toHaveLength(2);
  });
});

describe('what a bridge publishes from its cache when it starts', () => {
  const cached = (lastSeen: string) => JSON.stringify({ battery: 100, contact: true, last_seen: lastSeen });
  const start = async () => {
    const bridge = await connected('two/bridge/state', '{"state":"offline"}');
    await bridge.publish('two/bridge/state', '{"state":"online"}', KEPT);
    return bridge;
  };

  test('of a sensor that is dead for a week proves nothing: it stays missing, and its door unknown', async () => {
    const before = new Date(Date.now() - 7 * 24 * 3_600_000).toISOString();
    const bridge = await start();
    await bridge.publish('zigbee2mqtt/door-801/availability', '{"state":"offline"}', KEPT);
    await supervised('door-801', 'missing');
    await bridge.publish('zigbee2mqtt/door-801', cached(before));
    // Even where nothing says when the bridge heard it.
    await bridge.publish('zigbee2mqtt/door-801', '{"battery":100,"contact":true}');
    await caughtUp();
    expect(last<DeviceDocument>('dev/door-801/state')).toMatchObject({ supervised: 'missing', last_proven_at: null });
    expect(last<DoorDocument>('door/door-801/state').state).toBe('unknown');
    expect(whole.troublesDisplayed.filter((text) => /door-801/.test(text))).toHaveLength(1);
    await bridge.lose();
  });

  test('is no news of a door, and what is said after it is', async () => {
    const bridge = await start();
    const early = new Date(Date.now() - 60_000).toISOString();
    await bridge.publish('zigbee2mqtt/door-802/availability', '{"state":"online"}', KEPT);
    await supervised('door-802', 'ok');
    await bridge.publish('zigbee2mqtt/door-802', cached(early));
    await caughtUp();
    expect(last<DoorDocument>('door/door-802/state').state).toBe('unknown');
    await bridge.publish('zigbee2mqtt/door-802', cached(new Date().toISOString()));
    await whole.mqtt.until('door/door-802/state', ({ state }: DoorDocument) => state === 'closed');
  });

  test('with a press in it is an alert all the same', async () => {
    const before = new Date(Date.now() - 7 * 24 * 3_600_000).toISOString();
    const bridge = await start();
    await bridge.publish('zigbee2mqtt/door-801', JSON.stringify({ action: 'single', last_seen: before }));
    await expect.poll(() => alertsOf('door-801'), { timeout: 10_000 }).toHaveLength(1);
  });

  test('a clock that is ahead, and a time that is none, are told', async () => {
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    await client.publish('zigbee2mqtt/door-802', cached(ahead), AT_LEAST_ONCE);
    await displayed(/Clock of the bridge behind two.bridge.state is 3\d\d\d s ahead/);
    await client.publish('zigbee2mqtt/door-802', cached('half past nine'), AT_LEAST_ONCE);
    await displayed(/Message not understood: door-802, /);
    expect(whole.details).toContainEqual(expect.stringMatching(/last_seen is .half past nine./));
  });
});

test('a restart leaves dead what is dead, and tells nothing twice', async () => {
  const losses = () => whole.troublesDisplayed.filter((text) => text.startsWith('UY Device missing: tasmota-603'));
  const earlier = losses().length;
  await client.publish('tele/tasmota-603/LWT', 'Offline', KEPT);
  await expect.poll(() => losses().length, { timeout: 10_000 }).toBe(earlier + 1);
  const before = whole.troublesDisplayed.length;
  const since = whole.mqtt.said.length;
  await whole.restart();
  const said = (place: string) => whole.mqtt.said.slice(since).findLast((one) => one.place === place)?.document;
  await expect.poll(() => said('input/mqtt-1/status'), { timeout: 10_000 }).toMatchObject({ state: 'up' });
  await client.publish('tele/tasmota-603/LWT', 'Offline', KEPT);
  await expect.poll(() => said('dev/tasmota-603/state')).toMatchObject({ supervised: 'missing' });
  await caughtUp();
  expect(whole.troublesDisplayed.slice(before).filter((text) => /tasmota-603/.test(text))).toEqual([]);
});
