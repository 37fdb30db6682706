import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REASON } from '../../gateway/mqtt/mqtt5/reasons.ts';
import type { MqttClient as Account } from '../../gateway/mqtt/settings.ts';
import { alert } from '../unit/mqtt/documents.ts';
import { embedded, inItsOwnThread, OPERATOR, ROOT, rawSocket, type Subscriber, VIEWER, World } from './mqtt-harness.ts';
import { Client5, connect5 } from './mqtt5-rig.ts';

const MAD: Account = { name: 'mad', password: 'Mad-Pa55', role: 'viewer' };
const BRIDGE: Account = { name: 'bridge', password: 'bridge-Pa55', role: 'device', topics: ['zigbee2mqtt/#'] };
const VERSION = { protocolVersion: 5 } as const;

let world: World;
let display: Subscriber;

beforeAll(async () => {
  const settings = embedded({ clients: [VIEWER, MAD, OPERATOR, BRIDGE] }, 'homeassistant');
  world = await new World(settings, { quietMs: 60_000 }, inItsOwnThread).up();
  display = await world.client(VIEWER, { protocolVersion: 5 });
  await display.subscribe(`${ROOT}/alert/#`);
});
afterAll(() => world.stop());

/** Expects that the display still has its connection, and hears of an alert. */
async function served(): Promise<void> {
  const id = `after-${performance.now()}`;
  world.link.publish(alert(id));
  await display.until(() => display.on(`${ROOT}/alert/${id}`).length > 0);
  expect([display.client.connected, world.threads.length]).toEqual([true, 1]);
}

function packet(firstByte: number, ...body: (number | string | readonly number[])[]): Buffer {
  const bytes = Buffer.concat(
    body.map((part) => {
      if (typeof part === 'number') return Buffer.from([part]);
      if (typeof part !== 'string') return Buffer.from(part);
      const text = Buffer.from(part);
      return Buffer.concat([Buffer.from([text.length >> 8, text.length & 0xff]), text]);
    }),
  );
  return Buffer.concat([Buffer.from([firstByte, bytes.length]), bytes]);
}

describe('a client of MQTT 5 that does what it may not', () => {
  test.each<[string, Buffer, number]>([
    ['uses a topic alias', packet(0x30, '', [3, 0x23, 0, 1], 0x78), REASON.topicAliasInvalid],
    ['publishes to no topic', packet(0x30, '', 0, 0x78), REASON.topicNameInvalid],
    ['publishes to a filter', packet(0x30, 'a/#', 0, 0x78), REASON.topicNameInvalid],
    ['sends a subscription identifier with a message', packet(0x30, 'a', [2, 0x0b, 1]), REASON.protocolError],
    ['uses subscription identifiers', packet(0x82, [0, 1], [2, 0x0b, 1], 'a', 0), REASON.subscriptionIdsNotSupported],
    ['subscribes to nothing', packet(0x82, [0, 1], 0), REASON.protocolError],
    ['subscribes without an id', packet(0x82, [0, 0], 0, 'a', 0), REASON.protocolError],
    ['sets a reserved bit', packet(0x82, [0, 1], 0, 'a', 0xc0), REASON.malformed],
    ['sends an unknown property', packet(0x30, 'a', [2, 0x7f, 1]), REASON.malformed],
    ['sends a property of the server', packet(0x30, 'a', [2, 0x24, 1]), REASON.protocolError],
    ['sends a property twice', packet(0x30, 'a', [10, 2, 0, 0, 0, 1, 2, 0, 0, 0, 1]), REASON.protocolError],
    ['announces properties that do not come', packet(0x30, 'a', [0x7f, 3, 0xff, 0xff]), REASON.malformed],
    ['logs in again', Buffer.from(generate(connect5(MAD), VERSION)), REASON.protocolError],
    ['wants to log in in another way', packet(0xf0, 0x18, 0), REASON.protocolError],
    ['speaks as a broker', packet(0x20, 0, 0, 0), REASON.protocolError],
    ['prolongs a session that it has not', packet(0xe0, 0, [5, 0x11, 0, 0, 0, 9]), REASON.protocolError],
    ['sends a packet of 200 kB', Buffer.from([0x30, 0xc0, 0x9a, 0x0c]), REASON.packetTooLarge],
  ])('%s: is told so and disconnected', async (_what, bytes, reasonCode) => {
    const mad = await Client5.logIn(world.port, MAD);
    mad.socket.write(bytes);
    expect(await mad.next('disconnect')).toMatchObject({ reasonCode });
    await mad.closed();
    await served();
  });

  test('10,000 filters: it is cut off', async () => {
    const mad = await Client5.logIn(world.port, MAD);
    for (let messageId = 1; messageId <= 10_000 && !mad.isClosed; messageId += 1) {
      const subscriptions = [{ topic: `${ROOT}/${messageId}`, qos: 1, nl: false, rap: false, rh: 0 }] as const;
      mad.send({ cmd: 'subscribe', messageId, subscriptions: [...subscriptions] });
    }
    // What it had still to send may cost it the DISCONNECT.
    await mad.closed();
    await served();
  });

  test('a million user properties, each in a small packet: they cost it its rate, and nobody else anything', async () => {
    const mad = await Client5.logIn(world.port, MAD);
    const properties = {
      userProperties: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`__proto__${i}`, 'x'])),
    };
    for (let messageId = 1; messageId <= 1000 && !mad.isClosed; messageId += 1) {
      mad.send({
        cmd: 'publish',
        topic: 'homeassistant/status',
        payload: 'online',
        qos: 1,
        messageId,
        dup: false,
        retain: false,
        properties,
      });
    }
    // What it had still to send may cost it the DISCONNECT.
    await mad.closed();
    await world.until(() => world.notices.some(({ detail }) => /client "mad": too many/.test(detail)));
    await served();
  });

  test('that takes one message at a time and never acknowledges holds up nobody', async () => {
    const mad = await Client5.logIn(world.port, MAD, { properties: { receiveMaximum: 1 } });
    const subscriptions = [{ topic: `${ROOT}/#`, qos: 1, nl: false, rap: false, rh: 0 } as const];
    mad.send({ cmd: 'subscribe', messageId: 1, subscriptions });
    await mad.next('suback');
    for (let i = 0; i < 3000; i += 1) world.link.publish(alert(`flood-${i}`, 'raised', { text: 'x'.repeat(500) }));
    await served();
    mad.socket.destroy();
  });

  test('of another version than it says, or that never says one, gets no further', async () => {
    const bridged = await Client5.open(world.port);
    const bytes = Buffer.from(generate(connect5(MAD), VERSION));
    bytes[8] = 0x85;
    bridged.socket.write(bytes);
    expect(await bridged.next('connack')).toMatchObject({ reasonCode: REASON.unsupportedVersion });
    const slow = await Client5.open(world.port);
    for (const byte of generate(connect5(MAD), VERSION)) {
      slow.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await slow.next('connack')).toMatchObject({ reasonCode: 0 });
    await served();
  });
});

test('bytes that are almost MQTT 5 end no more than the connection they come on', async () => {
  const wellFormed: readonly Buffer[] = [
    packet(0x82, [0, 1], 0, `${ROOT}/#`, 1),
    packet(0x82, [0, 2], [4, 0x26, 0, 1, 0x61], '$share/a/#', 0x2d),
    packet(0xa2, [0, 3], 0, `${ROOT}/#`),
    packet(0x32, 'homeassistant/status', [0, 4], [5, 2, 0, 0, 0, 9], 0x78),
    packet(0x34, 'zigbee2mqtt/x', [0, 5], [9, 0x26, 0, 1, 0x61, 0, 1, 0x62, 1, 0], 0x78),
    packet(0x30, 'zigbee2mqtt/x', [3, 0x23, 0, 1]),
    packet(0x40, [0, 9], 0x10, 0),
    packet(0x50, [0, 9], 0x80, [5, 0x1f, 0, 2, 0x6f, 0x6b]),
    packet(0x62, [0, 5]),
    packet(0x70, [0, 9], 0x92),
    packet(0xc0),
    packet(0xf0, 0x18, [5, 0x15, 0, 2, 0x61, 0x62]),
    packet(0xe0, 4, 0),
  ];
  const conversation = fc.record({
    login: fc.constantFrom(undefined, MAD, OPERATOR, BRIDGE),
    packets: fc.array(fc.constantFrom(...wellFormed), { minLength: 1, maxLength: 6 }),
    flips: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })), { maxLength: 4 }),
    cut: fc.option(fc.nat()),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(conversation, { minLength: 10, maxLength: 10 }), async (conversations) => {
      const talks = conversations.map(async ({ login, packets, flips, cut }, number) => {
        const properties = { userProperties: { a: 'b' }, sessionExpiryInterval: 9, receiveMaximum: 3 };
        const hello: Packet[] =
          login === undefined ? [] : [connect5(login, { clientId: `almost-${number}`, properties })];
        const bytes = Buffer.concat([...hello.map((one) => generate(one, VERSION)), ...packets]);
        for (const [at, bit] of flips) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
        const socket = await rawSocket(world.port);
        socket.resume();
        const first = cut === null ? bytes.length : cut % bytes.length;
        socket.write(bytes.subarray(0, first));
        await new Promise((resolve) => setImmediate(resolve));
        socket.end(bytes.subarray(first));
        if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
      });
      await Promise.all(talks);
      return world.threads.length === 1 && display.client.connected;
    }),
    { numRuns: 40 },
  );
  await served();
});
