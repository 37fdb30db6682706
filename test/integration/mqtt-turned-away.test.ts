import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import mqttPacket, { type IConnectPacket } from 'mqtt-packet';
import { afterEach, describe, expect, test } from 'vitest';
import type { MqttClient as Account, EmbeddedBroker } from '../../gateway/mqtt/settings.ts';
import { alert } from '../unit/mqtt/documents.ts';
import { connectAndSubscribe, embedded, OPERATOR, ROOT, rawSocket, subscriber, VIEWER, World } from './mqtt-harness.ts';

const certificate = readFileSync(new URL('./fixtures/mqtt-tls.cert.pem', import.meta.url), 'utf8');
const key = readFileSync(new URL('./fixtures/mqtt-tls.key.pem', import.meta.url), 'utf8');
const ZIGBEE: Account = { name: 'zigbee', password: 'zigbee-Pa55', role: 'device', topics: ['zigbee2mqtt/#'] };
const SHELLIES: Account = { name: 'shellies', password: 'shelly-Pa55', role: 'device', topics: ['shellies/one/#'] };
const READER: Account = {
  name: 'reader',
  password: 'reader-Pa55',
  role: 'reader',
  topics: ['zigbee2mqtt/room-1', 'shellies/two/input_event/0'],
  publishes: ['siren/set'],
};
const CLIENTS = [VIEWER, OPERATOR, ZIGBEE, SHELLIES, READER];

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(change: Partial<EmbeddedBroker> = {}, times: object = {}): Promise<World> {
  const settings = embedded({ clients: CLIENTS, ...change });
  const world = new World(settings, { steadyMs: 5, persistMs: 0, refusalMs: 1, ...times });
  cleanups.push(() => world.stop());
  return world.up();
}

/** Sends a CONNECT as another client would. Resolves with all that the broker answers. */
async function answerTo(world: World, packet: Partial<IConnectPacket>): Promise<Buffer> {
  const socket = await raw(world);
  const connect = { cmd: 'connect', clientId: 'raw', clean: true, keepalive: 60, protocolId: 'MQTT', ...packet };
  socket.write(mqttPacket.generate(connect as IConnectPacket, { protocolVersion: packet.protocolVersion ?? 4 }));
  return answer(socket);
}

async function answer(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await closed(socket);
  return Buffer.concat(chunks);
}

async function raw(world: World): Promise<Socket> {
  const socket = await rawSocket(world.port);
  cleanups.push(() => socket.destroy());
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

function login({ name, password }: Account): Pick<IConnectPacket, 'username' | 'password'> {
  return { username: name, password: Buffer.from(password) };
}

/** What stands now, by account; the clients without login are under ''. */
function standing(world: World): Record<string, string> {
  const now: Record<string, string> = {};
  for (const { account = '', standing: stands, detail } of world.turnedAway) {
    if (stands) now[account] = detail;
    else delete now[account];
  }
  return now;
}

async function told(world: World, account: string, text: string): Promise<void> {
  await world.until(() => standing(world)[account]?.includes(text) === true);
}

async function over(world: World, account: string): Promise<void> {
  await world.until(() => standing(world)[account] === undefined && world.turnedAway.length > 0);
}

describe('a client of MQTT 5', () => {
  test('that was turned away with its version is well when it comes with it again', async () => {
    const world = await open();
    const wrong = { protocolVersion: 5, username: ZIGBEE.name, password: Buffer.from('guessed') } as const;
    for (let i = 0; i < 3; i += 1)
      expect((await answerTo(world, wrong)).subarray(2, 4)).toEqual(Buffer.from([0, 0x86]));
    await told(world, '', 'not logged in, as "zigbee", from 127.0.0.1: wrong password');
    const bridge = await world.client(ZIGBEE, { protocolVersion: 5 });
    expect(await bridge.publish('zigbee2mqtt/room-1', 'x')).toBe(true);
    await world.until(() => standing(world)[''] === undefined);
  });

  test('is told of a topic that it may not publish to, which is a trouble as with MQTT 3.1.1', async () => {
    const world = await open();
    const shelly = await world.client(SHELLIES, { protocolVersion: 5, clientId: 'shelly-two' });
    const refused = new Promise<Error | undefined>((resolve) => {
      shelly.client.publish('shellies/two/input_event/0', '{"event":"S"}', { qos: 1 }, (error) =>
        resolve(error ?? undefined),
      );
    });
    expect(await refused).toMatchObject({ code: 0x87 });
    await told(world, SHELLIES.name, "add it to the client's topics (shellies/one/#)");
    expect(shelly.client.connected).toBe(true);
  });
});

describe('a keep-alive', () => {
  test.each([1, 60, 600, 1200, 3600])('of %i s is accepted', async (keepalive) => {
    const world = await open();
    const client = await world.client(ZIGBEE, { keepalive });
    expect(await client.publish('zigbee2mqtt/room-1', 'x')).toBe(true);
    expect(standing(world)).toEqual({});
  });

  test.each([
    [0, 'has no keep-alive'],
    [3601, 'has a keep-alive of 3601 s'],
    [65535, 'has a keep-alive of 65535 s'],
  ])('of %i s is refused, and the trouble says the limit', async (keepalive, what) => {
    const world = await open();
    const answered = await answerTo(world, { keepalive, clientId: 'sleeper', ...login(ZIGBEE) });
    expect(answered).toEqual(Buffer.from([0x20, 2, 0, 2]));
    await told(world, ZIGBEE.name, `client id "sleeper", from 127.0.0.1: ${what}; set 1 to 3600 s there`);
    await world.client(ZIGBEE, { keepalive: 3600, clientId: 'sleeper' });
    await over(world, ZIGBEE.name);
  });

  test.each([
    [60, true],
    [1200, false],
  ])('of %i s: probes of TCP for a node that may sleep would end its connection', async (keepalive, probed) => {
    const world = await open();
    const client = await world.client(ZIGBEE, { keepalive });
    await client.publish('zigbee2mqtt/room-1', 'x');
    const { localPort = 0 } = client.client.stream as Socket;
    await expect.poll(() => timerOf(world.port, localPort)).toBe(probed ? 2 : 0);
  });
});

/** The kernel's timer of a connection of this process: 0 none, 1 a resending, 2 the keep-alive. */
function timerOf(local: number, remote: number): number | undefined {
  const end = (port: number) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const connections = readFileSync('/proc/self/net/tcp', 'utf8').split('\n');
  const fields = connections.map((line) => line.trim().split(/\s+/));
  const ours = fields.find(([, from, to]) => from === end(local) && to === end(remote));
  return ours === undefined ? undefined : Number.parseInt(ours[5] ?? '', 16);
}

/** As Zigbee2MQTT describes a site with 200 devices: 8 kB each. */
function bridgeDevices(count = 200): string {
  return JSON.stringify(
    Array.from({ length: count }, (_, i) => ({ ieee_address: `0x${i}`, exposes: 'x'.repeat(8_000) })),
  );
}

describe('the list of all devices of a large school', () => {
  test('is kept, reaches who subscribes later, and holds up no alert and no press', async () => {
    const world = await open();
    const display = await world.client(VIEWER);
    await display.subscribe(`${ROOT}/alert/#`);
    const reader = await world.client(READER);
    await reader.subscribe('zigbee2mqtt/room-1');
    const bridge = await world.client(ZIGBEE);
    await bridge.subscribe('zigbee2mqtt/#');
    const devices = bridgeDevices();
    for (let i = 0; i < 3; i += 1) void bridge.publish('zigbee2mqtt/bridge/devices', devices, true);
    void bridge.publish('zigbee2mqtt/room-1', '{"action":"single"}');
    world.link.publish(alert('meanwhile'));
    await display.until(() => display.on(`${ROOT}/alert/meanwhile`).length > 0);
    await reader.until(() => reader.on('zigbee2mqtt/room-1').length > 0);
    const late = await world.client(ZIGBEE);
    await late.subscribe('zigbee2mqtt/bridge/devices');
    await late.until(([first]) => first?.text === devices && first.retain);
    // Zigbee2MQTT subscribes to its own tree.
    await bridge.until(() => bridge.on('zigbee2mqtt/bridge/devices').length === 3);
    expect(bridge.client.connected).toBe(true);
    expect(standing(world)).toEqual({});
  });

  test('costs nobody the connection, when a hundred others are connected', async () => {
    const world = await open();
    for (let i = 0; i < 100; i += 1) {
      const socket = await raw(world);
      socket.write(connectAndSubscribe(ZIGBEE, `node-${i}`, 'zigbee2mqtt/none'));
      socket.resume();
    }
    const bridge = await world.client(ZIGBEE);
    await bridge.subscribe('zigbee2mqtt/#');
    for (let i = 0; i < 3; i += 1) void bridge.publish('zigbee2mqtt/bridge/devices', bridgeDevices(), true);
    void bridge.publish('zigbee2mqtt/room-1', 'after');
    await bridge.until(() => bridge.on('zigbee2mqtt/room-1').length > 0);
    expect(bridge.on('zigbee2mqtt/bridge/devices')).toHaveLength(3);
  });

  test('reaches a subscriber to everything among others of the largest size', async () => {
    const world = await open();
    const bridge = await world.client(ZIGBEE);
    for (let i = 0; i < 3; i += 1) await bridge.publish(`zigbee2mqtt/large-${i}`, 'x'.repeat(4_190_000), true);
    const late = await world.client(ZIGBEE);
    await late.subscribe('zigbee2mqtt/#');
    await late.until((heard) => heard.length === 3);
    expect(standing(world)).toEqual({});
  });

  test('is cut for the gateway’s own reader, which drops what is too long', async () => {
    const world = await open();
    const reader = await world.client(READER);
    const bridge = await world.client(ZIGBEE);
    await bridge.publish('zigbee2mqtt/room-1', 'x'.repeat(1_000_000), true);
    await reader.subscribe('zigbee2mqtt/room-1');
    await bridge.publish('zigbee2mqtt/room-1', 'x'.repeat(1_000_000));
    await reader.until((heard) => heard.length === 2);
    expect(reader.heard.map(({ text }) => text.length)).toEqual([65_537, 65_537]);
  });

  test('longer than any may be: the bridge is named until it connects without sending it', async () => {
    const world = await open();
    const bridge = await world.client(ZIGBEE, { clientId: 'z2m' });
    expect(await bridge.publish('zigbee2mqtt/bridge/devices', bridgeDevices(600))).toBe(false);
    await told(world, ZIGBEE.name, 'client id "z2m", from 127.0.0.1: packet longer than 4194304 bytes (48');
    await world.client(ZIGBEE, { clientId: 'z2m' });
    await over(world, ZIGBEE.name);
  });
});

describe('what devices retain', () => {
  test('by sixteen accounts, each as much as it can, leaves room for the bridge, and each is named', async () => {
    const greedy = Array.from({ length: 16 }, (_, i): Account => {
      return { name: `greedy-${i}`, password: 'greedy-Pa55', role: 'device', topics: [`greedy-${i}/#`] };
    });
    const world = await open({ clients: [...CLIENTS, ...greedy] });
    for (const account of greedy) {
      const client = await world.client(account, { clientId: account.name });
      for (let i = 0; i < 5; i += 1) await client.publish(`${account.name}/${i}`, 'x'.repeat(4_000_000), true);
    }
    for (const { name } of greedy) await told(world, name, 'is not kept for later subscribers');
    const bridge = await world.client(ZIGBEE);
    await bridge.publish('zigbee2mqtt/bridge/state', 'online', true);
    await bridge.publish('zigbee2mqtt/bridge/devices', bridgeDevices(40), true);
    const late = await world.client(ZIGBEE);
    await late.subscribe('zigbee2mqtt/#');
    await late.until((heard) => heard.length === 2);
    expect(standing(world)[ZIGBEE.name]).toBeUndefined();
  });
});

describe('a client with a wrong password', () => {
  const wrong = { username: ZIGBEE.name, password: 'renewed', clientId: 'z2m' };

  test('that comes again and again is a trouble without anything it chose, until it logs in', async () => {
    const world = await open();
    for (let i = 0; i < 3; i += 1) await expect(world.client(ZIGBEE, wrong)).rejects.toMatchObject({ code: 4 });
    await told(world, '', 'wrong password');
    expect(standing(world)).toEqual({
      '': 'not logged in, as "zigbee", from 127.0.0.1: wrong password; set the password of keys.yaml there',
    });
    await world.client(VIEWER);
    await world.client(ZIGBEE, { clientId: 'z2m' });
    await over(world, '');
  });

  test('of a user that nobody configured is named by its address alone; the log has the rest', async () => {
    const world = await open();
    const stranger = { username: 'evil-name', password: 'x', clientId: 'evil-id' };
    for (let i = 0; i < 3; i += 1) await expect(world.client(ZIGBEE, stranger)).rejects.toMatchObject({ code: 4 });
    await told(world, '', 'from 127.0.0.1: its user name is unknown');
    expect(JSON.stringify(world.turnedAway)).not.toContain('evil');
    expect(world.notices.find(({ event }) => event === 'mqtt_login_refused')?.detail).toBe(
      'user "evil-name": its user name is unknown; log in with a user of mqtt: clients (client id "evil-id", from 127.0.0.1)',
    );
  });

  test('is no trouble before it has come for a while, however often', async () => {
    const world = await open({}, { persistMs: 60_000 });
    for (let i = 0; i < 20; i += 1) await answerTo(world, { username: 'nobody', password: Buffer.from('x') });
    await expect(world.client(ZIGBEE, { keepalive: 0 })).rejects.toThrow();
    await told(world, ZIGBEE.name, 'has no keep-alive');
    expect(standing(world)['']).toBeUndefined();
  });
});

describe('TLS', () => {
  test('a client without it at a port that needs it is told so; the log has one that distrusts the certificate', async () => {
    const world = await open({ tls: { certificate, key } });
    for (let i = 0; i < 3; i += 1) await answerTo(world, login(ZIGBEE));
    await told(world, '', 'from 127.0.0.1: does not speak TLS, and this port needs it; let it use mqtts://');
    const distrustful = { username: ZIGBEE.name, password: ZIGBEE.password };
    await expect(subscriber(`mqtts://localhost:${world.port}`, distrustful)).rejects.toThrow(/self-signed/);
    await world.until(() => world.notices.some(({ detail }) => /TLS handshake was done.*from 127/.test(detail)));
    const trustful = await subscriber(`mqtts://127.0.0.1:${world.port}`, {
      ...distrustful,
      ca: certificate,
      checkServerIdentity: () => undefined,
    } as object);
    cleanups.push(() => trustful.client.end(true));
    await over(world, '');
  });

  test('a client that speaks it at a port without it is told so', async () => {
    const world = await open();
    for (let i = 0; i < 3; i += 1) {
      const stream = connectTls({ port: world.port, host: '127.0.0.1', rejectUnauthorized: false });
      stream.on('error', () => undefined); // 'close' follows
      await new Promise((resolve) => stream.once('close', resolve));
    }
    await told(world, '', 'speaks TLS, and this port is without');
  });
});

describe('topics', () => {
  test('of an input that the device may not publish to are a trouble; any others are a line of the log', async () => {
    const world = await open();
    const shelly = await world.client(SHELLIES, { clientId: 'shelly-two' });
    expect(await shelly.publish('homeassistant/x/config', '{}')).toBe(true);
    expect(await shelly.publish('shellies/two/input_event/0', '{"event":"S"}')).toBe(true);
    await told(world, SHELLIES.name, "add it to the client's topics (shellies/one/#)");
    expect(standing(world)[SHELLIES.name]).toContain('"shelly-two", from 127.0.0.1: may not publish to "shellies/two');
    expect(JSON.stringify(world.turnedAway)).not.toContain('homeassistant');
    expect(shelly.client.connected).toBe(true);
    shelly.client.end(true);
    await world.client(SHELLIES, { clientId: 'shelly-two' });
    await over(world, SHELLIES.name);
  });

  test('of an output that the device may not subscribe to are a trouble', async () => {
    const world = await open();
    const shelly = await world.client(SHELLIES);
    expect(await shelly.subscribe('other/#')).toBe(128);
    expect(await shelly.subscribe('siren/#')).toBe(128);
    await told(world, SHELLIES.name, 'may not subscribe to "siren/#"; it may read shellies/one/#');
    expect(JSON.stringify(world.turnedAway)).not.toContain('other');
  });

  test('that a viewer may not publish to cost it the connection, and it is named; a wrong command is not', async () => {
    const world = await open();
    expect(await (await world.client(OPERATOR)).publish(`${ROOT}/cmd/resolve`, 'nonsense')).toBe(false);
    expect(await (await world.client(VIEWER)).publish('homeassistant/status', 'online')).toBe(false);
    await told(world, VIEWER.name, 'may not publish to "homeassistant/status"; for Home Assistant, set homeAssistant:');
    expect(standing(world)[OPERATOR.name]).toBeUndefined();
  });

  test('of a will that the device may not leave are named with those it may', async () => {
    const world = await open();
    const will = { topic: 'shellies/two/online', payload: Buffer.from('false'), qos: 1, retain: true } as const;
    await expect(world.client(SHELLIES, { will })).rejects.toMatchObject({ code: 5 });
    await told(world, SHELLIES.name, 'may not leave a will on "shellies/two/online"; it may on shellies/one/#');
  });
});

test('a client that sends too much is named, and stays named while it goes on', async () => {
  const world = await open({}, { steadyMs: 60_000 });
  const flood = await world.client(ZIGBEE, { clientId: 'mad' });
  const chunk = 'x'.repeat(4_000_000);
  const end = new Promise<void>((resolve) => flood.client.once('close', () => resolve()));
  for (let i = 0; i < 12; i += 1) flood.client.publish('zigbee2mqtt/flood', chunk, { qos: 0 });
  await end;
  await told(world, ZIGBEE.name, 'client id "mad", from 127.0.0.1: too many bytes of messages');
});

test('a flood of strangers with ever other faults is one trouble at most', async () => {
  const world = await open();
  for (let i = 0; i < 60; i += 1) {
    const packet = { clientId: `evil-${i}`, username: `evil-${i % 7}`, password: Buffer.from(`${i}`) };
    await answerTo(world, i % 3 === 0 ? { ...packet, protocolVersion: 5 } : { ...packet, keepalive: i });
  }
  const noise = await raw(world);
  noise.end(Buffer.from([0x16, 3, 1, 0, 5]));
  await closed(noise);
  await told(world, '', 'not logged in');
  expect(world.turnedAway.length).toBeLessThanOrEqual(3);
  expect(world.notices.length).toBeLessThan(30);
});
