import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MqttClient as Account } from '../../gateway/mqtt/settings.ts';
import { alert, device } from '../unit/mqtt/documents.ts';
import {
  connectAndSubscribe,
  embedded,
  inItsOwnThread,
  OPERATOR,
  ROOT,
  rawSocket,
  type Subscriber,
  VIEWER,
  World,
} from './mqtt-harness.ts';

const BRIDGE: Account = { name: 'bridge', password: 'bridge-Pa55', role: 'device', topics: ['zigbee2mqtt/#'] };
/** All its subscriptions count together, and the display must always have some left. */
const FLOODER: Account = { name: 'flooder', password: 'flooder-Pa55', role: 'viewer' };
const STATES = 300;

let world: World;
let display: Subscriber;
const sockets: Socket[] = [];

beforeAll(async () => {
  const settings = embedded({ clients: [VIEWER, FLOODER, OPERATOR, BRIDGE] }, 'homeassistant');
  world = await new World(settings, { quietMs: 60_000 }, inItsOwnThread).up();
  for (let i = 0; i < STATES; i += 1) world.link.publish(device(`node-${i}`));
  display = await world.client(VIEWER);
  await display.subscribe(`${ROOT}/alert/#`);
});
afterAll(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await world.stop();
});

async function logIn(account: Account, clientId = 'hostile'): Promise<Socket> {
  const socket = await rawSocket(world.port);
  sockets.push(socket);
  socket.write(connectAndSubscribe(account, clientId, 'none'));
  await once(socket, 'data');
  socket.resume();
  return socket;
}

/** Expects that the display still has its connection, and an alert within a second. */
async function served(): Promise<void> {
  const id = `after-${performance.now()}`;
  const startedMs = performance.now();
  world.link.publish(alert(id));
  await display.until(() => display.on(`${ROOT}/alert/${id}`).length > 0);
  expect(performance.now() - startedMs).toBeLessThan(1000);
  expect([display.client.connected, world.threads.length]).toEqual([true, 1]);
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

function subscribe(filter: string): Buffer {
  const topic = Buffer.from(filter);
  return Buffer.concat([Buffer.from([0x82, topic.length + 5, 0, 9, 0, topic.length]), topic, Buffer.from([0])]);
}

describe('a client that is logged in', () => {
  test.each([
    ['wildcards', `${ROOT}/#`],
    ['single topics', `${ROOT}/status`],
  ])(
    'and subscribes to %s again and again is cut off, and displays are served within a second',
    async (_what, filter) => {
      const socket = await logIn(FLOODER);
      const storm = Buffer.concat(Array.from({ length: 1000 }, () => subscribe(filter)));
      const flooding = (async () => {
        while (!socket.closed) if (!socket.write(storm)) await Promise.race([once(socket, 'drain'), closed(socket)]);
      })().catch(() => undefined); // what is written after the end
      await served();
      await closed(socket);
      await flooding;
      await served();
    },
  );

  test('holds no more subscriptions than it may, and may change them as often as it likes', async () => {
    const bridge = await world.client(BRIDGE);
    for (let i = 0; i < 100; i += 1) expect(await bridge.subscribe(`zigbee2mqtt/${i}`)).toBe(1);
    expect(await bridge.subscribe('zigbee2mqtt/100')).toBe(128);
    for (let i = 0; i < 100; i += 1) await bridge.client.unsubscribeAsync(`zigbee2mqtt/${i}`);
    for (let i = 200; i < 300; i += 1) expect(await bridge.subscribe(`zigbee2mqtt/${i}`)).toBe(1);
    await served();
  });

  test('an operator who floods Home Assistant’s status is cut off', async () => {
    const socket = await logIn(OPERATOR);
    const topic = Buffer.from('homeassistant/status');
    const online = Buffer.concat([
      Buffer.from([0x30, topic.length + 8, 0, topic.length]),
      topic,
      Buffer.from('online'),
    ]);
    for (let i = 0; i < 100; i += 1) socket.write(online);
    await closed(socket);
    await served();
  });
});

test('bytes that are almost MQTT, from strangers and clients, end no more than the connection they come on', async () => {
  const logins = [undefined, FLOODER, OPERATOR, BRIDGE];
  const wellFormed = [
    subscribe(`${ROOT}/#`),
    subscribe('$SYS/#'),
    Buffer.from([0x82, 2, 0, 1]), // SUBSCRIBE to nothing
    Buffer.from([0x82, 6, 0, 1, 0, 1, 0x61, 3]), // at QoS 3
    Buffer.from([0xa2, 5, 0, 2, 0, 1, 0x61]),
    Buffer.from([0x30, 4, 0, 1, 0x61, 0x62]),
    Buffer.from([0x30, 2, 0, 0]), // to no topic
    Buffer.from([0x30, 5, 0, 3, 0xed, 0xa0, 0x80]), // to a lone surrogate
    Buffer.from([0x30, 5, 0, 3, 0x61, 0, 0x62]), // to a topic with NUL
    Buffer.from([0x34, 6, 0, 1, 0x61, 0, 3, 0x78]), // QoS 2
    ...[0x40, 0x50, 0x62, 0x70].map((type) => Buffer.from([type, 2, 0, 3])),
    Buffer.from([0xc0, 0]),
    Buffer.from([0xe0, 0]),
    Buffer.from([0xf0, 0]),
    Buffer.from([0x20, 2, 0, 0]),
    // CONNECT of MQTT 5
    Buffer.from('10140004 4d515454 05c2 003c 00 0000 0001 61 0001 62'.replaceAll(' ', ''), 'hex'),
  ];
  const conversation = fc.record({
    login: fc.constantFrom(...logins),
    packets: fc.array(fc.constantFrom(...wellFormed), { minLength: 1, maxLength: 6 }),
    flips: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })), { maxLength: 4 }),
    cut: fc.option(fc.nat()),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(conversation, { minLength: 10, maxLength: 10 }), async (conversations) => {
      const talks = conversations.map(async ({ login, packets, flips, cut }) => {
        const hello = login === undefined ? [] : [connectAndSubscribe(login, 'almost', 'none')];
        const bytes = Buffer.concat([...hello, ...packets]);
        for (const [at, bit] of flips) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
        const socket = await rawSocket(world.port);
        sockets.push(socket);
        socket.resume();
        const first = cut === null ? bytes.length : cut % bytes.length;
        socket.write(bytes.subarray(0, first));
        await new Promise((resolve) => setImmediate(resolve));
        socket.end(bytes.subarray(first));
        await closed(socket);
      });
      await Promise.all(talks);
      return world.threads.length === 1 && display.client.connected;
    }),
    { numRuns: 40 },
  );
  await served();
});
