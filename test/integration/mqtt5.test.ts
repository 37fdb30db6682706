import type { IConnectPacket, Packet } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REASON } from '../../gateway/mqtt/mqtt5/reasons.ts';
import type { MqttClient as Account } from '../../gateway/mqtt/settings.ts';
import { alert, path } from '../unit/mqtt/documents.ts';
import { embedded, OPERATOR, ROOT, VIEWER, World } from './mqtt-harness.ts';
import { Client5, connect5 } from './mqtt5-rig.ts';

const ZIGBEE: Account = { name: 'zigbee', password: 'Zigbee-Pa55', role: 'device', topics: ['zigbee2mqtt/#'] };
const STATUS = 'homeassistant/status';

const world = new World(embedded({ clients: [VIEWER, OPERATOR, ZIGBEE] }, 'homeassistant'));
const open: Client5[] = [];

beforeAll(async () => {
  await world.up();
  world.link.publish(path('cms', 'up'));
});
afterAll(async () => {
  for (const { socket } of open) socket.destroy();
  await world.stop();
});

async function logIn(account: Account, change: Partial<IConnectPacket> = {}): Promise<Client5> {
  const client = await Client5.logIn(world.port, account, { clientId: `raw-${open.length}`, ...change });
  open.push(client);
  return client;
}

async function connack(change: Partial<IConnectPacket>, account = VIEWER) {
  const client = await Client5.open(world.port);
  open.push(client);
  client.send(connect5(account, { clientId: `asks-${open.length}`, ...change }));
  return client.next('connack');
}

function subscribe(topic: string, change: object = {}): Packet {
  return {
    cmd: 'subscribe',
    messageId: 7,
    subscriptions: [{ topic, qos: 1, nl: false, rap: false, rh: 0, ...change }],
  };
}

function publish(topic: string, payload: string, change: object = {}): Packet {
  return { cmd: 'publish', topic, payload, qos: 1, messageId: 9, dup: false, retain: false, ...change } as Packet;
}

describe('a client of MQTT 5', () => {
  test('is let in, and told what this broker has not', async () => {
    expect(await connack({})).toMatchObject({
      reasonCode: REASON.success,
      sessionPresent: false,
      properties: {
        receiveMaximum: 20,
        maximumPacketSize: 64 * 1024,
        topicAliasMaximum: 0,
        subscriptionIdentifiersAvailable: false,
        sharedSubscriptionAvailable: false,
      },
    });
    expect((await connack({}, ZIGBEE)).properties?.maximumPacketSize).toBe(4 * 1024 * 1024);
  });

  test('hears that its session is not kept, which keep-alive it must use, and the id that it was given', async () => {
    const wants = { clientId: '', keepalive: 0, properties: { sessionExpiryInterval: 3600 } };
    const { properties, sessionPresent } = await connack(wants);
    expect(sessionPresent).toBe(false);
    expect(properties).toMatchObject({ sessionExpiryInterval: 0, serverKeepAlive: 3600 });
    expect(properties?.assignedClientIdentifier).toMatch(/^auto-/);
    expect((await connack({ keepalive: 65_535 })).properties).toMatchObject({ serverKeepAlive: 3600 });
    expect((await connack({})).properties).not.toHaveProperty('serverKeepAlive');
  });

  test.each<[string, Partial<IConnectPacket>, number]>([
    ['a wrong password', { password: Buffer.from('guessed') }, REASON.badUserNameOrPassword],
    [
      'another login than by password',
      { properties: { authenticationMethod: 'SCRAM' } },
      REASON.badAuthenticationMethod,
    ],
    ['room for no message', { properties: { receiveMaximum: 0 } }, REASON.protocolError],
    ['packets of no size', { properties: { maximumPacketSize: 0 } }, REASON.protocolError],
    [
      'a will where it may not',
      { will: { topic: `${ROOT}/status`, payload: 'x', qos: 0, retain: false } },
      REASON.notAuthorized,
    ],
  ])('is refused with %s, by the reason for it', async (_what, change, reasonCode) => {
    expect((await connack(change)).reasonCode).toBe(reasonCode);
  });

  test('reads what a viewer reads, retained and live, and no command', async () => {
    const viewer = await logIn(VIEWER);
    viewer.send(subscribe('#'));
    expect((await viewer.next('suback')).granted).toEqual([1]);
    let topic = '';
    // What is retained comes first here: something live may overtake it.
    while (topic !== `${ROOT}/link/cms/status`) topic = (await viewer.next('publish')).topic;
    const operator = await logIn(OPERATOR);
    operator.send(publish(`${ROOT}/cmd/resolve`, '{"alert":"a.1.1","reason":"x"}'));
    expect(await operator.next('puback')).toMatchObject({ reasonCode: 0 });
    await world.until(() => world.commands.length > 0);
    expect(world.commands.pop()).toMatchObject({ command: 'resolve', by: OPERATOR.name });
    world.link.publish(alert('five'));
    const topics: string[] = [];
    while (topics.at(-1) !== `${ROOT}/alert/five`) topics.push((await viewer.next('publish')).topic);
    expect(topics.some((topic) => topic.includes('/cmd/'))).toBe(false);
  });

  test('is told in the acknowledgement that a message is refused, and keeps its connection', async () => {
    const viewer = await logIn(VIEWER);
    viewer.send(publish(`${ROOT}/alert/forged`, '{}'));
    const refused = await viewer.next('puback');
    expect(refused.reasonCode).toBe(REASON.notAuthorized);
    expect(refused.properties?.reasonString).toContain('may not publish');
    // At QoS 2 too, as often as it likes: nothing of it stays unfinished.
    for (let messageId = 1; messageId <= 30; messageId += 1) {
      viewer.send(publish(`${ROOT}/cmd/cancel`, '{}', { qos: 2, messageId: messageId + 100 }));
      if (messageId > 15) continue;
      expect((await viewer.next('pubrec')).reasonCode).toBe(REASON.notAuthorized);
    }
    expect(world.commands).toEqual([]);
  });

  test('that asks for no explanations gets the reason code alone', async () => {
    const viewer = await logIn(VIEWER, { properties: { requestProblemInformation: false } });
    viewer.send(publish(`${ROOT}/alert/forged`, '{}'));
    expect((await viewer.next('puback')).properties?.reasonString).toBeUndefined();
  });

  test('that publishes at QoS 0 where it may not is disconnected, and told why', async () => {
    const viewer = await logIn(VIEWER);
    viewer.send(publish(`${ROOT}/alert/forged`, '{}', { qos: 0, messageId: undefined }));
    expect(await viewer.next('disconnect')).toMatchObject({ reasonCode: REASON.notAuthorized });
    await viewer.closed();
  });

  test('leaves a will: it is published when the connection breaks or the client wants it, not on a clean end', async () => {
    const will = {
      topic: STATUS,
      payload: Buffer.from('offline'),
      qos: 0,
      retain: true,
      properties: { willDelayInterval: 3600 },
    } as const;
    const watcher = await logIn(VIEWER);
    watcher.send(subscribe(STATUS));
    await watcher.next('suback');
    const ends: ((client: Client5) => unknown)[] = [
      (client) => client.send({ cmd: 'disconnect', reasonCode: 0 }),
      ({ socket }) => socket.destroy(),
      (client) => client.send({ cmd: 'disconnect', reasonCode: 4 }),
    ];
    for (const end of ends) {
      const homeAssistant = await logIn(VIEWER, { will });
      end(homeAssistant);
      await homeAssistant.closed();
    }
    const birth = await logIn(VIEWER);
    birth.send(publish(STATUS, 'online'));
    await birth.next('puback');
    const heard: string[] = [];
    while (heard.at(-1) !== 'online') heard.push((await watcher.next('publish')).payload.toString());
    expect(heard).toEqual(['offline', 'offline', 'online']);
  });
});

describe('of the subscriptions of MQTT 5', () => {
  test('each filter gets its own answer', async () => {
    const viewer = await logIn(VIEWER);
    const wanted = [
      { topic: `${ROOT}/#`, qos: 1 },
      { topic: 'zigbee2mqtt/#', qos: 1 },
      { topic: `$share/all/${ROOT}/#`, qos: 1 },
      { topic: `${ROOT}/status`, qos: 0, nl: true },
      { topic: `${ROOT}/#`, qos: 1 },
    ] as const;
    viewer.send({
      cmd: 'subscribe',
      messageId: 3,
      subscriptions: wanted.map((one) => ({ rh: 0, rap: false, nl: false, ...one })),
    });
    const answer = await viewer.next('suback');
    expect(answer.granted).toEqual([1, REASON.notAuthorized, REASON.sharedNotSupported, REASON.implementation, 1]);
    expect(answer.properties?.reasonString).toContain('No Local');
    viewer.send({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: [`${ROOT}/#`, `${ROOT}/never`] });
    expect((await viewer.next('unsuback')).granted).toEqual([0, REASON.noSubscriptionExisted]);
  });

  test('retained messages come as the subscription says: always, for a new one, or never', async () => {
    const viewer = await logIn(VIEWER);
    const filter = `${ROOT}/link/cms/status`;
    const retained = async (rh: number, qos = 1): Promise<number> => {
      viewer.heard.length = 0;
      viewer.send(subscribe(filter, { rh, qos }));
      await viewer.next('suback');
      // Comes after what was retained.
      viewer.send(subscribe(`${ROOT}/status`));
      for (let count = 0; ; count += 1) if ((await viewer.next('publish')).topic === `${ROOT}/status`) return count;
    };
    expect([await retained(2), await retained(0), await retained(1), await retained(0)]).toEqual([0, 1, 0, 1]);
    // Another QoS makes no new subscription (§3.8.3.1).
    expect([await retained(1, 0), await retained(0, 0)]).toEqual([0, 1]);
  });
});

describe('what a client of MQTT 5 can take', () => {
  test('no more messages at once than it says, and no message is lost', async () => {
    const viewer = await logIn(VIEWER, { properties: { receiveMaximum: 2 } });
    viewer.send(subscribe(`${ROOT}/alert/+`, { rh: 2 }));
    await viewer.next('suback');
    for (let i = 0; i < 40; i += 1) world.link.publish(alert(`many-${i}`));
    const heard: string[] = [];
    while (heard.length < 40) {
      const message = await viewer.next('publish');
      expect(viewer.heard.filter(({ cmd }) => cmd === 'publish').length).toBeLessThan(2);
      heard.push(message.topic.slice(`${ROOT}/alert/many-`.length));
      viewer.send({ cmd: 'puback', messageId: message.messageId ?? 0 });
    }
    expect(heard).toEqual(Array.from({ length: 40 }, (_, i) => String(i)));
  });

  test('a message that is too long for it is left out, the next ones come, and the log has it', async () => {
    const viewer = await logIn(VIEWER, { properties: { maximumPacketSize: 700 } });
    viewer.send(subscribe(`${ROOT}/alert/+`, { rh: 2 }));
    await viewer.next('suback');
    world.link.publish(alert('size-long', 'raised', { text: 'x'.repeat(900) }));
    world.link.publish(alert('size-short'));
    let topic = '';
    while (!topic.endsWith('size-short')) {
      topic = (await viewer.next('publish')).topic;
      expect(topic).not.toContain('size-long');
    }
    await world.until(() =>
      world.notices.some(({ event, detail }) => event === 'mqtt_message_too_long' && detail.includes('700 bytes')),
    );
  });
});
