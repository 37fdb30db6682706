import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { generate, type IConnectPacket, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Mqtt5Connection } from '../../gateway/mqtt/mqtt5/connection.ts';
import { REASON } from '../../gateway/mqtt/mqtt5/reasons.ts';
import { Client5, connect5 } from './mqtt5-rig.ts';

const ACCOUNT = { name: 'a', password: 'b', role: 'viewer' } as const;
const VERSION_4 = { protocolVersion: 4 } as const;

/** A client of MQTT 5, the translator, and the side of the broker in the hands of the test. */
class Pair {
  readonly client: Client5;
  readonly connection: Mqtt5Connection;
  readonly notSent: string[] = [];
  fault: unknown;
  /** What the broker gets. */
  readonly heard: Packet[] = [];

  #waiting: (() => void)[] = [];

  constructor(client: Client5, served: Socket) {
    this.client = client;
    client.socket.setNoDelay(true);
    this.connection = new Mqtt5Connection(served, {
      packetBytesMax: () => 65_536,
      packetTooLong: (bytes) => new Error(`${bytes}`),
      notSent: (what) => this.notSent.push(what),
      isStopping: () => false,
    });
    this.connection.on('error', (error) => {
      this.fault = error;
    });
    const reading = parser(VERSION_4);
    reading.on('packet', (packet) => this.heard.push(packet));
    const changed = (): void => {
      for (const check of this.#waiting.splice(0)) check();
    };
    this.connection.on('data', (chunk: Buffer) => {
      reading.parse(chunk);
      changed();
    });
    this.connection.on('close', changed);
  }

  say(packet: Packet): void {
    this.connection.write(generate(packet, VERSION_4));
  }

  /** The broker's answer comes after all that the translator has done so far. */
  async settled(): Promise<void> {
    this.say({ cmd: 'pingresp' });
    await this.client.next('pingresp');
  }

  async closed(): Promise<void> {
    while (!this.connection.closed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The translator has taken what the client sent so far. */
  async taken(): Promise<void> {
    const { heard } = this;
    const before = heard.filter(({ cmd }) => cmd === 'pingreq').length;
    this.client.send({ cmd: 'pingreq' });
    while (heard.filter(({ cmd }) => cmd === 'pingreq').length === before) {
      if (this.connection.closed) throw this.fault;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

const accepted: Socket[] = [];
const waiting: ((socket: Socket) => void)[] = [];
const server = createServer({ noDelay: true }, (socket) => {
  accepted.push(socket);
  waiting.shift()?.(socket);
});

async function pair(properties: IConnectPacket['properties']): Promise<Pair> {
  const socket = new Promise<Socket>((resolve) => waiting.push(resolve));
  const address = server.address();
  const client = await Client5.open(typeof address === 'object' && address !== null ? address.port : 0);
  const made = new Pair(client, await socket);
  client.send(connect5(ACCOUNT, properties === undefined ? {} : { properties }));
  await once(made.connection, 'data');
  made.say({ cmd: 'connack', returnCode: 0, sessionPresent: false });
  return made;
}

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  for (const socket of accepted) socket.destroy();
  server.close();
});

function message(topic: string, bytes = 10, qos: 0 | 1 | 2 = 1, messageId = 1): IPublishPacket {
  return { cmd: 'publish', topic, payload: 'x'.repeat(bytes), qos, dup: false, retain: false, messageId };
}

describe('a client of MQTT 5 that takes few messages at once', () => {
  test('gets every other answer while it acknowledges none [MQTT-4.9.0-3]', async () => {
    const { client, say, taken } = bound(await pair({ receiveMaximum: 1 }));
    await client.next('connack');
    for (let i = 0; i < 100; i += 1) say(message(`t/${i}`, 1000));
    client.send({ cmd: 'unsubscribe', messageId: 10, unsubscriptions: ['t/0'] });
    await taken();
    for (const packet of [
      { cmd: 'puback', messageId: 7 },
      { cmd: 'pubrec', messageId: 8 },
      { cmd: 'pubrel', messageId: 9 },
      { cmd: 'pubcomp', messageId: 8 },
      { cmd: 'unsuback', messageId: 10 },
      { cmd: 'suback', messageId: 11, granted: [1] },
      { cmd: 'pingresp' },
    ] as Packet[]) {
      say(packet);
      await client.next(packet.cmd);
    }
    expect(client.heard.filter(({ cmd }) => cmd === 'publish')).toHaveLength(1);
  });

  test('what it has no room for counts as unread, and is forgotten with the connection', async () => {
    const { client, connection, say, settled, closed } = bound(await pair({ receiveMaximum: 1 }));
    await client.next('connack');
    for (let i = 0; i < 100; i += 1) say(message(`t/${i}`, 1000));
    await settled();
    expect(connection.unreadBytes).toBeGreaterThan(99_000);
    client.socket.destroy();
    await closed();
    expect(connection.unreadBytes).toBe(0);
  });

  test('a message that is too long for it makes room for the next', async () => {
    const { client, notSent, say, settled } = bound(await pair({ receiveMaximum: 1, maximumPacketSize: 200 }));
    await client.next('connack');
    for (const each of [message('a'), message('b', 500), message('c'), message('d', 500)]) say(each);
    const first = await client.next('publish');
    await settled();
    client.send({ cmd: 'puback', messageId: first.messageId ?? 0 });
    expect((await client.next('publish')).topic).toBe('c');
    expect(notSent).toHaveLength(1);
  });

  test.each([1, 4, 19])('packets of %d bytes: no CONNACK fits, and the connection ends', async (maximumPacketSize) => {
    const { client } = await pair({ maximumPacketSize });
    await client.closed();
    expect(client.heard).toEqual([]);
  });

  test.each([1, 4, 9])('packets of %d bytes: a fault before the login ends the connection too', async (most) => {
    const socket = new Promise<Socket>((resolve) => waiting.push(resolve));
    const address = server.address();
    const client = await Client5.open(typeof address === 'object' && address !== null ? address.port : 0);
    const { closed } = bound(new Pair(client, await socket));
    const connect = connect5(ACCOUNT, { properties: { maximumPacketSize: most } });
    client.send(connect);
    client.send(connect);
    await Promise.all([client.closed(), closed()]);
  });

  test('a SUBACK that is too long for it ends the connection, because it would wait for ever', async () => {
    const { client, say, taken } = bound(await pair({ maximumPacketSize: 60 }));
    await client.next('connack');
    const subscriptions = Array.from({ length: 100 }, (_, i) => ({ topic: `${i}`, qos: 1 as const }));
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: subscriptions.map((one) => ({ ...one, nl: false, rap: false, rh: 0 })),
    });
    await taken();
    say({ cmd: 'suback', messageId: 1, granted: subscriptions.map(() => 1) });
    expect(await client.next('disconnect')).toMatchObject({ reasonCode: REASON.packetTooLarge });
    await client.closed();
  });
});

/** One step of the conversation. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ publish: fc.nat(300), qos: fc.constantFrom<(0 | 1 | 2)[]>(0, 1, 1, 2) }) },
  { weight: 4, arbitrary: fc.record({ acknowledge: fc.nat(), refuses: fc.boolean() }) },
);

test('whatever is published and acknowledged: nothing is lost, overtaken, or sent under an id in use', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 80, max: 400 }),
      async (steps, receiveMaximum, maximumPacketSize) => {
        const { client, notSent, say, settled, taken } = bound(await pair({ receiveMaximum, maximumPacketSize }));
        await client.next('connack');
        const sent: string[] = [];
        const got: string[] = [];
        const open = new Map<number, { readonly qos: number; received: boolean }>();
        const take = (): void => {
          for (const packet of client.heard.splice(0)) {
            if (packet.cmd !== 'publish') continue;
            got.push(`${packet.qos > 0 ? 'counted' : 'other'} ${packet.topic}`);
            if (packet.qos === 0) continue;
            const id = packet.messageId ?? 0;
            expect(open.has(id)).toBe(false);
            open.set(id, { qos: packet.qos, received: false });
            expect(open.size).toBeLessThanOrEqual(receiveMaximum);
          }
        };
        const acknowledge = (at: number, refuses: boolean): void => {
          const [id, state] = [...open][at % Math.max(1, open.size)] ?? [];
          if (id === undefined || state === undefined) return;
          if (state.qos === 2 && !state.received && !refuses) {
            state.received = true;
            client.send({ cmd: 'pubrec', messageId: id });
            return;
          }
          open.delete(id);
          if (state.qos === 1) client.send({ cmd: 'puback', messageId: id });
          else if (state.received) client.send({ cmd: 'pubcomp', messageId: id });
          else client.send({ cmd: 'pubrec', messageId: id, reasonCode: 0x80 });
        };
        for (const [number, each] of steps.entries()) {
          if ('publish' in each) {
            // The broker's own ids repeat.
            say(message(`t/${number}`, each.publish, each.qos, (number % 3) + 1));
            sent.push(`${each.qos > 0 ? 'counted' : 'other'} t/${number}`);
          } else acknowledge(each.acknowledge, each.refuses);
          await taken();
          await settled();
          take();
        }
        while (open.size > 0) {
          acknowledge(0, true);
          await taken();
          await settled();
          take();
        }
        const long = new Set(notSent.map((what) => /"(t\/\d+)"/.exec(what)?.[1]));
        const fits = sent.filter((one) => !long.has(one.split(' ')[1]));
        const counted = (all: readonly string[]) => all.filter((one) => one.startsWith('counted'));
        expect(counted(got)).toEqual(counted(fits));
        expect([...got].sort()).toEqual([...fits].sort());
        client.socket.destroy();
      },
    ),
    { numRuns: 40, endOnFailure: true },
  );
});

function bound(made: Pair) {
  const { client, connection, notSent } = made;
  const [say, settled, taken] = [made.say.bind(made), made.settled.bind(made), made.taken.bind(made)];
  return { client, connection, notSent, say, settled, taken, closed: made.closed.bind(made) };
}
