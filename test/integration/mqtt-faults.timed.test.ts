import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { alert, device } from '../unit/mqtt/documents.ts';
import {
  connectAndSubscribe,
  embedded,
  inItsOwnThread,
  inThisThread,
  OPERATOR,
  ROOT,
  rawSocket,
  subscriber,
  type ThreadStart,
  VIEWER,
  World,
} from './mqtt-harness.ts';

const certificate = readFileSync(new URL('./fixtures/mqtt-tls.cert.pem', import.meta.url), 'utf8');
const key = readFileSync(new URL('./fixtures/mqtt-tls.key.pem', import.meta.url), 'utf8');

describe('faults around the embedded broker', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function open(...args: ConstructorParameters<typeof World>): World {
    const world = new World(...args);
    cleanups.push(() => world.stop());
    return world;
  }

  /** Logs in, subscribes to everything, and never reads again. */
  async function frozenSubscriber(port: number): Promise<void> {
    const socket = await rawSocket(port);
    socket.write(connectAndSubscribe(VIEWER, 'frozen', `${ROOT}/#`));
    await once(socket, 'data');
    socket.pause();
    cleanups.push(() => socket.destroy());
  }

  const bulky = 'x'.repeat(8000);

  test('a frozen subscriber never delays a healthy one, and is cut off', async () => {
    const world = await open(embedded(), {}, inItsOwnThread).up();
    await frozenSubscriber(world.port);
    const healthy = await world.client(VIEWER);
    await healthy.subscribe(`${ROOT}/#`);
    const sentMs = new Map<string, number>();
    for (let i = 0; i < 1500; i += 1) {
      sentMs.set(`${ROOT}/alert/a${i}`, performance.now());
      world.link.publish(alert(`a${i}`, 'raised', { text: bulky }), i);
      if (i % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await healthy.until(() => healthy.on(`${ROOT}/alert/a1499`).length > 0);
    const delays = healthy.heard.flatMap(({ topic, atMs }) => {
      const sent = sentMs.get(topic);
      return sent === undefined ? [] : [atMs - sent];
    });
    expect(delays).toHaveLength(1500);
    expect(Math.max(...delays)).toBeLessThan(3000);
    await world.until(() => world.published.length === 1500);
    await world.until(() => world.notices.some(({ detail }) => detail.includes('reads too slowly')));
  });

  test('a taken port is told with what to do; the link works on, and serves everything once the port is free', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const world = open(embedded({ port }));
    await world.until(() => world.health.length > 0);
    expect(world.health.at(-1)).toMatchObject({ state: 'down' });
    expect(world.health.at(-1)?.detail).toContain(`port ${port}`);
    expect(world.health.at(-1)?.detail).toContain('give MQTT another port');
    world.link.publish(device('node-101'), 1);
    await world.until(() => world.published.length > 0);
    await new Promise((resolve) => squatter.close(resolve));
    await world.up();
    expect(world.health.filter(({ state }) => state === 'down')).toHaveLength(1);
    const viewer = await world.client(VIEWER);
    await viewer.subscribe(`${ROOT}/#`);
    await viewer.until(() => viewer.on(`${ROOT}/dev/node-101/state`).length > 0);
  });

  test('a thread that dies is started again, and every state is there again, an open alert among them', async () => {
    const world = await open(embedded(), {}, inItsOwnThread).up();
    world.link.publish(device('node-101', { room: 'before' }));
    world.link.publish(device('node-101'));
    world.link.publish(alert('open.1.1'));
    world.link.publish(alert('closed.1.1'));
    world.link.publish(alert('closed.1.1', 'resolved'), 1);
    await world.until(() => world.published.length > 0);
    await world.threads[0]?.terminate();
    await world.until(() => world.health.at(-1)?.state === 'down');
    expect(world.health.at(-1)?.detail).toContain('starting it again');
    world.link.publish(alert('meanwhile.1.1'));
    await world.up();
    expect(world.threads).toHaveLength(2);
    const viewer = await world.client(VIEWER);
    await viewer.subscribe(`${ROOT}/#`);
    await viewer.until(() => viewer.on(`${ROOT}/alert/meanwhile.1.1`).length > 0 && viewer.heard.length >= 5);
    expect(viewer.heard.map(({ topic }) => topic.slice(ROOT.length + 1)).sort()).toEqual([
      'alert/meanwhile.1.1',
      'alert/open.1.1',
      'dev/node-101/state',
      'overview',
      'status',
    ]);
    expect(JSON.parse(viewer.on(`${ROOT}/dev/node-101/state`)[0]?.text ?? '')).toMatchObject({ room: '101' });
  });

  test('a thread that dies with a thousand open alerts has each again, as it was told last', async () => {
    const world = await open(embedded()).up();
    const ids = Array.from({ length: 1_000 }, (_, number) => `wb.1.${number}`);
    for (const id of ids) world.link.publish(alert(id));
    for (const id of ids) world.link.publish(alert(id, 'acknowledged', { text: `Überfall, ${id}` }));
    for (const id of ids.slice(0, 100)) world.link.publish(alert(id, 'resolved'));
    await world.threads[0]?.terminate();
    await world.until(() => world.health.at(-1)?.state === 'down');
    // While the others are sent again, one is closed and one changes.
    world.link.publish(alert('wb.1.100', 'resolved'));
    world.link.publish(alert('wb.1.999', 'acknowledged', { text: 'changed' }), 7);
    await world.up();
    await world.until(() => world.published.some(({ number }) => number === 7));
    world.link.publish(alert('last.1.1'), 8);
    await world.until(() => world.published.some(({ number }) => number === 8));
    const viewer = await world.client(VIEWER);
    await viewer.subscribe(`${ROOT}/alert/#`);
    await viewer.until(() => viewer.heard.length >= 900);
    const texts = viewer.heard.map(({ topic, text }) => [topic.split('/').at(-1), JSON.parse(text).text]);
    const expected = ids.slice(101, 999).map((id) => [id, `Überfall, ${id}`]);
    expect(new Map(texts as [string, string][])).toEqual(
      new Map([
        ...expected,
        ['wb.1.999', 'changed'],
        ['last.1.1', JSON.parse(viewer.on(`${ROOT}/alert/last.1.1`)[0]?.text ?? '{}').text],
      ] as [string, string][]),
    );
  });

  test('a thread that hangs is noticed and replaced, and publishing never waits for it', async () => {
    const up = JSON.stringify({ type: 'health', state: 'up', detail: 'listens' });
    const hanging = `require('worker_threads').parentPort.postMessage(${up}); for (;;);`;
    const start: ThreadStart = (setup) =>
      world.threads.length === 0 ? new Worker(hanging, { eval: true }) : inThisThread(setup);
    const world = open(embedded(), { checkMs: 20, checksMissed: 10, checksToStart: 500, window: 8 }, start);
    const startedMs = performance.now();
    for (let i = 0; i < 500; i += 1) world.link.publish(alert(`hang-${i}`), i);
    expect(performance.now() - startedMs).toBeLessThan(200);
    await world.until(() => world.health.some(({ detail }) => detail.includes('does not answer')));
    await world.until(() => world.published.length >= 500);
    expect(world.published.map(({ number }) => number)).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });

  test('garbage on the port never ends the broker', async () => {
    const world = await open(embedded()).up();
    const login = connectAndSubscribe(OPERATOR, 'fuzz', `${ROOT}/#`);
    for (let i = 0; i < 150; i += 1) {
      const socket = await rawSocket(world.port);
      const noise = randomBytes(1 + (i % 300));
      const damaged = Buffer.from(login);
      damaged[i % damaged.length] = noise[0] ?? 0;
      socket.write(
        [noise, damaged, Buffer.concat([login, noise]), login.subarray(0, i % login.length)][i % 4] ?? noise,
      );
      socket.end();
    }
    const viewer = await world.client(VIEWER);
    await viewer.subscribe(`${ROOT}/#`);
    world.link.publish(alert('after'));
    await viewer.until(() => viewer.on(`${ROOT}/alert/after`).length > 0);
    expect(world.threads).toHaveLength(1);
    expect(world.notices.filter(({ event }) => event === 'mqtt_connection_error').length).toBeLessThanOrEqual(5);
  });

  test('a packet announced as huge is cut off at its header, before the login', async () => {
    const world = await open(embedded()).up();
    const socket = await rawSocket(world.port);
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    socket.resume();
    await once(socket, 'close');
    await world.until(() => world.notices.some(({ detail }) => detail.includes('packet longer than')));
  });

  test('a clean stop says "disconnected" to the subscribers within two seconds', async () => {
    const world = await open(embedded()).up();
    const viewer = await world.client(VIEWER);
    await viewer.subscribe(`${ROOT}/#`);
    world.link.publish(alert('last'));
    const startedMs = performance.now();
    await world.link.stop();
    expect(performance.now() - startedMs).toBeLessThan(2000);
    await viewer.until(() => viewer.on(`${ROOT}/status`).some(({ text }) => text.includes('disconnected')));
    expect(viewer.on(`${ROOT}/alert/last`)).toHaveLength(1);
    world.link.publish(alert('too late')); // and nothing happens
  });

  test('TLS: a client that knows the certificate is served; a plain one and a distrustful one are not', async () => {
    const world = await open(embedded({ tls: { certificate, key } })).up();
    expect(world.health.at(-1)?.detail).toContain('TLS');
    const login = { username: VIEWER.name, password: VIEWER.password };
    const viewer = await subscriber(`mqtts://localhost:${world.port}`, { ...login, ca: certificate });
    cleanups.push(() => viewer.client.end(true));
    expect(await viewer.subscribe(`${ROOT}/#`)).toBe(1);
    await viewer.until(() => viewer.on(`${ROOT}/status`).length > 0);
    await expect(subscriber(`mqtts://localhost:${world.port}`, login)).rejects.toThrow(/self-signed/);
    await expect(subscriber(`mqtt://127.0.0.1:${world.port}`, login)).rejects.toThrow();
  });

  test('beyond loopback without TLS it does not listen', async () => {
    const world = open(embedded({ host: '0.0.0.0' }));
    await world.until(() => world.health.length > 0);
    expect(world.health.at(-1)).toMatchObject({ state: 'down' });
    expect(world.health.at(-1)?.detail).toContain('needs TLS');
    expect(world.port).toBe(0);
  });

  test('a certificate that can’t be used is told as what it is', async () => {
    const world = open(embedded({ tls: { certificate: 'nonsense', key } }));
    await world.until(() => world.health.length > 0);
    expect(world.health.at(-1)?.detail).toContain('certificate');
  });
});
