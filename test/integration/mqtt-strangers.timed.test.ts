import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ROOM } from '../../gateway/mqtt/connection-places.ts';
import type { EmbeddedBroker } from '../../gateway/mqtt/settings.ts';
import { alert } from '../unit/mqtt/documents.ts';
import {
  connectAndSubscribe,
  embedded,
  OPERATOR,
  ROOT,
  rawSocket,
  type Subscriber,
  subscriber,
  VIEWER,
  World,
} from './mqtt-harness.ts';

const certificate = readFileSync(new URL('./fixtures/mqtt-tls.cert.pem', import.meta.url), 'utf8');
const key = readFileSync(new URL('./fixtures/mqtt-tls.key.pem', import.meta.url), 'utf8');
const BRIDGE = { name: 'bridge', password: 'bridge-Pa55', role: 'device', topics: ['zigbee2mqtt/#'] } as const;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(change: Partial<EmbeddedBroker> = {}, times: object = {}): Promise<World> {
  const world = new World(embedded({ clients: [VIEWER, OPERATOR, BRIDGE], ...change }), times);
  cleanups.push(() => world.stop());
  return world.up();
}

async function idle(world: World, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i += 1) {
    const socket = await rawSocket(world.port);
    socket.resume();
    cleanups.push(() => socket.destroy());
    sockets.push(socket);
  }
  return sockets;
}

/** Logs in with a wrong password; resolves when the connection is closed. */
async function guess(world: World, clientId = 'guesser'): Promise<void> {
  const socket = await rawSocket(world.port);
  cleanups.push(() => socket.destroy());
  socket.write(connectAndSubscribe({ ...VIEWER, password: 'not-it' }, clientId, 'x'));
  socket.resume();
  await closed(socket);
}

/** Resolves at any kind of close. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

function strains(world: World, strain: 'full' | 'guessing'): boolean[] {
  return world.strains.filter((each) => each.strain === strain).map(({ standing }) => standing);
}

async function logsIn(world: World, tls: boolean): Promise<Subscriber> {
  if (!tls) return world.client(VIEWER);
  const login = { username: VIEWER.name, password: VIEWER.password, ca: certificate };
  const client = await subscriber(`mqtts://localhost:${world.port}`, login);
  cleanups.push(() => client.client.end(true));
  return client;
}

describe('strangers', () => {
  test.each([
    ['silent', false],
    ['that never finish a TLS handshake', true],
  ])(
    '%s keep nobody out, however many: the oldest give way, which is told once, and its end as well',
    async (_how, tls) => {
      const world = await open(tls ? { tls: { certificate, key } } : {}, { quietMs: 100 });
      const sockets = await idle(world, 3 * ROOM.strangers);
      for (let i = 0; i < 10; i += 1) {
        const client = await logsIn(world, tls);
        expect(await client.subscribe(`${ROOT}/#`)).toBe(1);
      }
      await world.until(() => strains(world, 'full').length === 3);
      // The trouble was over when the thread started; then it began and was over again.
      expect(strains(world, 'full')).toEqual([false, true, false]);
      await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(2 * ROOM.strangers);
      expect(sockets.slice(0, ROOM.strangers).every(({ closed }) => closed)).toBe(true);
    },
  );

  test('take no place from those who are logged in', async () => {
    const world = await open();
    const display = await world.client(VIEWER);
    await display.subscribe(`${ROOT}/#`);
    await idle(world, 3 * ROOM.strangers);
    world.link.publish(alert('meanwhile'));
    await display.until(() => display.on(`${ROOT}/alert/meanwhile`).length > 0);
    expect(display.client.connected).toBe(true);
  });

  test('break nothing of whose client id they name', async () => {
    const world = await open();
    const bridge = await rawSocket(world.port);
    cleanups.push(() => bridge.destroy());
    bridge.write(connectAndSubscribe(BRIDGE, 'bridge-1', 'zigbee2mqtt/#'));
    await once(bridge, 'data');
    // These are messages of QoS 2, each half done when the stranger comes: the library keeps the
    // rest by the client id.
    for (let id = 1; id <= 25; id += 1) {
      bridge.write(Buffer.concat([Buffer.from([0x34, 12, 0, 8]), Buffer.from('zigbee2m'), Buffer.from([0, id])]));
      await once(bridge, 'data');
      await guess(world, 'bridge-1');
      bridge.write(Buffer.from([0x62, 2, 0, id]));
      await once(bridge, 'data');
    }
    bridge.write(Buffer.from([0xc0, 0]));
    expect((await once(bridge, 'data'))[0]).toEqual(Buffer.from([0xd0, 0]));
  });
});

describe('a wrong password', () => {
  test('is refused only after a while; a right one from the same address is let in at once meanwhile', async () => {
    const world = await open({}, { refusalMs: 60_000, quietMs: 60_000 });
    let refused = 0;
    for (let i = 0; i < 30; i += 1) void guess(world).then(() => (refused += 1));
    await world.until(() => strains(world, 'guessing').at(-1) === true);
    const display = await world.client(VIEWER);
    expect(await display.subscribe(`${ROOT}/#`)).toBe(1);
    expect(refused).toBe(0);
  });

  test('tried in a storm holds up neither a right login nor an alert, and is told once without what was tried', async () => {
    const world = await open({}, { refusalMs: 2000, quietMs: 60_000 });
    const display = await world.client(VIEWER);
    await display.subscribe(`${ROOT}/#`);
    let storming = true;
    const storm = Array.from({ length: 100 }, async () => {
      while (storming) await guess(world, 'evil-client-id');
    });
    await world.until(() => strains(world, 'guessing').at(-1) === true);
    for (let i = 0; i < 5; i += 1) {
      const startedMs = performance.now();
      const operator = await world.client(OPERATOR);
      expect(await operator.subscribe(`${ROOT}/status`)).toBe(1);
      world.link.publish(alert(`storm-${i}`));
      await display.until(() => display.on(`${ROOT}/alert/storm-${i}`).length > 0);
      expect(performance.now() - startedMs).toBeLessThan(1500);
    }
    storming = false;
    expect(strains(world, 'guessing')).toEqual([false, true]);
    expect(JSON.stringify(world.strains)).not.toMatch(/evil|not-it|wall-display/);
    await world.stop();
    await Promise.all(storm);
  });

  test('mistyped a few times is no trouble', async () => {
    const world = await open();
    for (let i = 0; i < 5; i += 1) await guess(world);
    expect(strains(world, 'guessing')).toEqual([false]);
  });
});

describe('an account', () => {
  test('that opens one connection too many loses the one that was silent for longest; others lose nothing', async () => {
    const world = await open({}, { quietMs: 60_000 });
    const operator = await world.client(OPERATOR);
    const first = await rawSocket(world.port);
    cleanups.push(() => first.destroy());
    first.resume();
    first.write(connectAndSubscribe(VIEWER, 'first', `${ROOT}/#`));
    await once(first, 'data');
    for (let i = 1; i <= ROOM.roles.viewer.each; i += 1) {
      const socket = await rawSocket(world.port);
      cleanups.push(() => socket.destroy());
      socket.write(connectAndSubscribe(VIEWER, `display-${i}`, `${ROOT}/#`));
      await once(socket, 'data');
      socket.resume();
    }
    await closed(first);
    await world.until(() => strains(world, 'full').at(-1) === true);
    expect(world.strains.at(-1)?.detail).toContain(VIEWER.name);
    expect(operator.client.connected).toBe(true);
  });
});
