import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, test } from 'vitest';
import type { LinkOptions } from '../../gateway/mqtt/link-options.ts';
import type { MqttSettings } from '../../gateway/mqtt/settings.ts';
import { alert, device, press } from '../unit/mqtt/documents.ts';
import {
  inItsOwnThread,
  inThisThread,
  ROOT,
  type Subscriber,
  subscriber,
  type ThreadStart,
  World,
} from './mqtt-harness.ts';
import { madePair } from './support/made-certificates.ts';

const certificate = readFileSync(new URL('./fixtures/mqtt-tls.cert.pem', import.meta.url), 'utf8');
const key = readFileSync(new URL('./fixtures/mqtt-tls.key.pem', import.meta.url), 'utf8');

/** An external broker that forgets everything when it is stopped. */
class OtherBroker {
  readonly sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #aedes: Aedes;

  private constructor(aedes: Aedes, tls: boolean) {
    this.#aedes = aedes;
    this.#server = tls ? createTlsServer({ cert: certificate, key }) : createServer();
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.sockets.add(socket);
      aedes.handle(socket);
    });
  }

  static async open({ port = 0, tls = false, password = '' } = {}): Promise<OtherBroker> {
    const aedes = await Aedes.createBroker({
      authenticate: (_client, _name, given, done) => done(null, password === '' || given?.toString() === password),
    });
    const broker = new OtherBroker(aedes, tls);
    broker.#server.listen(port, '127.0.0.1');
    await once(broker.#server, 'listening');
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  onPublish(heard: (topic: string, payload: string) => void): void {
    this.#aedes.on('publish', ({ topic, payload }) => heard(topic, payload.toString()));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

/** A minimal broker: it accepts every login and answers pings. The test decides the rest. */
class ShallowBroker {
  acknowledges: boolean;
  /** Time in ms after its login at which each connection is closed. */
  closesAfterMs: number | undefined;
  readonly connectedMs: number[] = [];
  readonly topics: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#serve(socket));

  constructor(acknowledges: boolean) {
    this.acknowledges = acknowledges;
  }

  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined); // 'close' follows
    socket.on('data', (chunk) => {
      for (const [type, body] of packetsIn(chunk)) this.#answer(socket, type, body);
    });
  }

  #answer(socket: Socket, type: number, body: Buffer): void {
    if (type === 0x10) {
      this.connectedMs.push(performance.now());
      socket.write(Buffer.from([0x20, 2, 0, 0]));
      if (this.closesAfterMs !== undefined) setTimeout(() => socket.destroy(), this.closesAfterMs);
    } else if (type === 0x30) {
      const length = body.readUInt16BE(0);
      this.topics.push(body.toString('utf8', 2, 2 + length));
      if (this.acknowledges)
        socket.write(Buffer.concat([Buffer.from([0x40, 2]), body.subarray(2 + length, 4 + length)]));
    } else if (type === 0x80)
      socket.write(Buffer.concat([Buffer.from([0x90, 3]), body.subarray(0, 2), Buffer.from([1])]));
    else if (type === 0xc0) socket.write(Buffer.from([0xd0, 0]));
  }
}

/** Returns type and body of each packet. Each fits into one chunk here. */
function* packetsIn(chunk: Buffer): Generator<[number, Buffer]> {
  for (let at = 0; at < chunk.length; ) {
    const type = (chunk[at] ?? 0) & 0xf0;
    let length = 0;
    let shift = 0;
    let byte: number;
    do {
      at += 1;
      byte = chunk[at] ?? 0;
      length |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    yield [type, chunk.subarray(at + 1, at + 1 + length)];
    at += 1 + length;
  }
}

describe('an external broker', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function broker(...args: Parameters<typeof OtherBroker.open>): Promise<OtherBroker> {
    const opened = await OtherBroker.open(...args);
    cleanups.push(() => opened.close());
    return opened;
  }

  function gateway(
    port: number,
    change: object = {},
    start: ThreadStart = inThisThread,
    times: Partial<LinkOptions> = {},
  ): World {
    const settings: MqttSettings = {
      gateway: 'school',
      broker: { type: 'external', url: `mqtt://127.0.0.1:${port}`, ...change },
      homeAssistantPrefix: 'homeassistant',
    };
    const world = new World(settings, times, start);
    cleanups.push(() => world.stop());
    return world;
  }

  async function reader(port: number, filter = `${ROOT}/#`): Promise<Subscriber> {
    const client = await subscriber(`mqtt://127.0.0.1:${port}`);
    cleanups.push(() => client.client.end(true));
    await client.subscribe(filter);
    return client;
  }

  test('gets birth, states and events; the core is told when the broker has acknowledged', async () => {
    const { port } = await broker();
    const world = await gateway(port).up();
    const client = await reader(port);
    world.link.publish(device('node-101'), 1);
    world.link.publish(press('node-101', 'node-101.1.1'), 2);
    await world.until(() => world.published.length === 2);
    await client.until((heard) => heard.some(({ topic }) => topic.endsWith('/event')));
    expect(JSON.parse(client.on(`${ROOT}/status`)[0]?.text ?? '')).toMatchObject({ state: 'ready', session: 17 });
    const late = await reader(port);
    await late.until((heard) => heard.some(({ topic }) => topic.endsWith('/state')));
    expect(late.heard.map(({ topic }) => topic)).not.toContain(`${ROOT}/dev/node-101/event`);
  });

  test('publishes the will with the same session when the thread is killed, and the new thread is born again', async () => {
    const { port } = await broker();
    const world = await gateway(port, {}, inItsOwnThread).up();
    const client = await reader(port);
    await client.until((heard) => heard.length > 0);
    await world.threads[0]?.terminate();
    await client.until(() => client.on(`${ROOT}/status`).some(({ text }) => text.includes('lost')));
    const lost = client.on(`${ROOT}/status`).find(({ text }) => text.includes('lost'));
    expect(JSON.parse(lost?.text ?? '')).toMatchObject({ state: 'lost', session: 17 });
    await client.until(() => client.on(`${ROOT}/status`).at(-1)?.text.includes('ready') === true);
  });

  test('a clean stop says "disconnected" and leaves no will behind', async () => {
    const { port } = await broker();
    const world = await gateway(port).up();
    const client = await reader(port);
    await world.link.stop();
    await client.until(() => client.on(`${ROOT}/status`).at(-1)?.text.includes('disconnected') === true);
    expect(client.on(`${ROOT}/status`).some(({ text }) => text.includes('lost'))).toBe(false);
  });

  test('that restarts and has forgotten everything gets every state again', async () => {
    const first = await broker();
    const { port } = first;
    const world = await gateway(port).up();
    world.link.publish(device('node-101'));
    world.link.publish(alert('open.1.1'), 1);
    await world.until(() => world.published.length > 0);
    await first.close();
    await world.until(() => world.health.at(-1)?.state === 'down');
    world.link.publish(alert('meanwhile.1.1'), 2);
    await broker({ port });
    await world.until(() => world.published.some(({ number }) => number === 2) && world.health.at(-1)?.state === 'up');
    const client = await reader(port);
    const wanted = ['alert/meanwhile.1.1', 'alert/open.1.1', 'dev/node-101/state', 'status'];
    await client.until(() => wanted.every((place) => client.on(`${ROOT}/${place}`).length > 0));
    expect(client.on(`${ROOT}/status`).at(-1)?.text).toContain('ready');
  });

  test('that refuses the password is tried again, and told with its reason', async () => {
    const { port } = await broker({ password: 'right' });
    const world = gateway(port, { username: 'gw', password: 'wrong' });
    await world.until(() => world.health.length > 0);
    expect(world.health[0]).toMatchObject({ state: 'down' });
    expect(world.health[0]?.detail).toMatch(/not authorized/i);
  });

  test('commands come from "external broker"; a retained one is refused and reported', async () => {
    const { port } = await broker();
    const client = await reader(port);
    const payload = JSON.stringify({ alert: 'node-101.1.7', reason: 'false alarm' });
    await client.publish(`${ROOT}/cmd/cancel`, payload, true);
    const world = gateway(port);
    await world.until(() => world.notices.some(({ event }) => event === 'mqtt_command_refused'));
    expect(world.notices[0]?.detail).toContain('must not be retained');
    await client.publish(`${ROOT}/cmd/cancel`, payload);
    await world.until(() => world.commands.length > 0);
    expect(world.commands).toEqual([
      { command: 'cancel', alert: 'node-101.1.7', reason: 'false alarm', by: 'external broker' },
    ]);
  });

  test('has the Home Assistant configurations again when Home Assistant says that it is online', async () => {
    const { port } = await broker();
    const world = await gateway(port).up();
    const client = await reader(port, 'homeassistant/+/+/+/config');
    world.link.publish(device('node-101'));
    const topic = 'homeassistant/event/callpoint_school/node-101_button/config';
    await client.until(() => client.on(topic).length === 1);
    await client.publish('homeassistant/status', 'online');
    await client.until(() => client.on(topic).length === 2);
  });

  test('is spoken to over TLS with its own authority; a stranger’s certificate is not trusted', async () => {
    const { port } = await broker({ tls: true });
    const url = `mqtts://localhost:${port}`;
    await gateway(port, { url, ca: certificate }).up();
    const distrustful = gateway(port, { url });
    await distrustful.until(() => distrustful.health.length > 0);
    expect(distrustful.health[0]).toMatchObject({ state: 'down' });
    expect(distrustful.health[0]?.detail).toMatch(/self-signed/);
  });

  test('is trusted again when the authority that is renewed on disk has signed its certificate', async () => {
    const { port } = await broker({ tls: true });
    const { certificate: other } = madePair({ subject: 'another authority' });
    const world = gateway(port, { url: `mqtts://localhost:${port}`, ca: other });
    await world.until(() => world.health.at(-1)?.state === 'down');
    world.link.renew({ ca: certificate });
    await world.up();
  });

  test('whose authority could not be read at the start is connected to when it is put right', async () => {
    const { port } = await broker({ tls: true });
    const world = gateway(port, { url: `mqtts://localhost:${port}`, ca: 'no certificate' });
    await world.until(() => world.health.at(-1)?.state === 'down');
    world.link.renew({ ca: certificate });
    await world.up();
  });

  test('on another machine without TLS is never spoken to', async () => {
    const world = gateway(0, { url: 'mqtt://broker.example:1883' });
    await world.until(() => world.health.length > 0);
    expect(world.health[0]?.detail).toContain('mqtts://');
  });

  test('that can’t be reached holds back nothing: publishing goes on, bounded, and the newest states arrive', async () => {
    const placeholder = await OtherBroker.open();
    const { port } = placeholder;
    await placeholder.close();
    const world = gateway(port);
    await world.until(() => world.health.at(-1)?.state === 'down');
    for (let i = 0; i < 2000; i += 1) world.link.publish(device('node-101', { room: String(i) }));
    await broker({ port });
    await world.up();
    const client = await reader(port);
    await client.until(() => client.on(`${ROOT}/dev/node-101/state`).some(({ text }) => text.includes('"1999"')));
  });

  async function shallow(acknowledges: boolean): Promise<[ShallowBroker, number]> {
    const opened = new ShallowBroker(acknowledges);
    const port = await opened.open();
    cleanups.push(() => opened.close());
    return [opened, port];
  }

  test('that answers and takes nothing is told as down, once, and as up when it takes something again', async () => {
    const [mean, port] = await shallow(false);
    const world = gateway(port, {}, inThisThread, { stallMs: 100 });
    await world.until(() => world.health.length > 0);
    expect(world.health[0]).toMatchObject({ state: 'down', detail: expect.stringContaining('acknowledges nothing') });
    await expect.poll(() => mean.connectedMs.length).toBeGreaterThanOrEqual(2);
    expect(world.health).toHaveLength(1);
    mean.acknowledges = true;
    await world.up();
    mean.acknowledges = false;
    world.link.publish(alert('unheard.1.1'));
    await world.until(() => world.health.length === 3);
    expect(world.health.map(({ state }) => state)).toEqual(['down', 'up', 'down']);
  });

  test('that closes each connection at once is come back to ever more slowly', async () => {
    const [mean, port] = await shallow(true);
    mean.closesAfterMs = 0;
    const world = gateway(port);
    for (let i = 0; i < 50; i += 1) world.link.publish(device(`node-${i}`));
    await expect.poll(() => mean.connectedMs.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
    const gaps = mean.connectedMs.slice(1).map((ms, index) => ms - (mean.connectedMs[index] ?? ms));
    for (const [index, leastMs] of [240, 490, 990].entries()) expect(gaps[index]).toBeGreaterThan(leastMs);
    expect(world.health.filter(({ state }) => state === 'down').length).toBeLessThanOrEqual(3);
  });

  test('at whose port another program answers is told in plain words', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined); // 'close' follows
      socket.resume();
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const world = gateway((server.address() as AddressInfo).port);
    await world.until(() => world.health.length > 0);
    expect(world.health[0]?.detail).toContain('does not speak MQTT');
  });

  test('hears no event of the time it was away as if it were new, but what is over with the last word', async () => {
    const first = await broker();
    const { port } = first;
    const world = await gateway(port, {}, inThisThread, { eventLifeMs: 50 }).up();
    world.link.publish(alert('meanwhile.1.1'), 1);
    await world.until(() => world.published.length > 0);
    await first.close();
    await world.until(() => world.health.at(-1)?.state === 'down');
    world.link.publish(press('node-101', 'node-101.1.1'), 2);
    world.link.publish(alert('meanwhile.1.1', 'resolved'), 3);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const again = await broker({ port });
    const heard: string[] = [];
    again.onPublish((topic, payload) => heard.push(`${topic.slice(ROOT.length + 1)} ${payload}`));
    await world.until(() => world.published.some(({ number }) => number === 3) && world.health.at(-1)?.state === 'up');
    world.link.publish(press('node-101', 'node-101.1.2'), 4);
    await world.until(() => world.published.some(({ number }) => number === 4));
    expect(heard.filter((line) => line.includes('/event '))).toEqual([expect.stringContaining('node-101.1.2')]);
    expect(heard.some((line) => line.startsWith('alert/meanwhile.1.1 ') && line.includes('resolved'))).toBe(true);
  });

  test('that is away for a moment hears the event of that moment', async () => {
    const first = await broker();
    const { port } = first;
    const world = await gateway(port).up();
    await first.close();
    await world.until(() => world.health.at(-1)?.state === 'down');
    world.link.publish(press('node-101', 'node-101.1.1'), 2);
    await broker({ port });
    await world.until(() => world.published.some(({ number }) => number === 2));
  });

  test('an authority that can’t be read is told as what it is', async () => {
    const world = gateway(0, { url: 'mqtts://localhost:1', ca: 'nonsense' });
    await world.until(() => world.health.length > 0);
    expect(world.health[0]?.detail).toContain("the certificate given as ca can't be used");
  });
});
