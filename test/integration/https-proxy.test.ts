import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type ProxyBehaviour, type ProxyOptions, SimulatedProxy } from '../../device-sim/https/proxy.ts';
import type { HttpsEndpoint } from '../../gateway/paths/https-sender.ts';
import { Tunnel } from '../../gateway/paths/https-tunnel.ts';
import { alarm } from '../unit/cap/cap-reports.ts';
import { acknowledged, alarmNumber, certificates, createStand, until } from './cap-rig.ts';

const stand = createStand();
const proxies: SimulatedProxy[] = [];
afterEach(async () => {
  await stand.close();
  for (const proxy of proxies.splice(0)) await proxy.close();
});

const user = { user: 'gw-1', password: 'a long password' };
const tls = { ca: certificates.authority };

async function behindProxy(
  options: Partial<ProxyOptions> = {},
  endpoint: Partial<HttpsEndpoint['proxy']> = {},
  connectTimeoutMs = 10_000,
) {
  const proxy = new SimulatedProxy({ port: 0, ...options });
  await proxy.listen();
  proxies.push(proxy);
  const inbox = await stand.inbox({ tls: certificates.server });
  const target = `127.0.0.1:${inbox.port}`;
  const rig = stand.cap({
    url: `https://${target}/alerts`,
    tls,
    connectTimeoutMs,
    proxy: { url: `http://127.0.0.1:${proxy.port}`, ...endpoint },
  });
  return { proxy, inbox, rig, target };
}

describe('through a proxy', () => {
  test('alerts and polls arrive; the proxy sees the server’s name and nothing of them', async () => {
    const { proxy, inbox, rig, target } = await behindProxy();
    expect(await rig.poll()).toEqual(acknowledged);
    for (const index of [1, 2, 3]) expect(await rig.send(alarmNumber(index))).toEqual(acknowledged);
    expect(inbox.displayed).toHaveLength(3);
    expect(new Set(proxy.connected)).toEqual(new Set([target]));
    expect(proxy.passed.length).toBeGreaterThan(1000);
    expect(proxy.passed).not.toContain('/alerts');
  });

  test('the connection is there before the first press', async () => {
    const { proxy, inbox, rig } = await behindProxy();
    await until(inbox, 'a warm connection', () => inbox.connections === 1);
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(proxy.connected).toHaveLength(1);
  });

  test('many at once are all taken', async () => {
    const { inbox, rig } = await behindProxy();
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, index) => rig.send(alarmNumber(index))));
    expect(outcomes).toEqual(outcomes.map(() => acknowledged));
    expect(inbox.displayed).toHaveLength(30);
  });

  test('a long alert passes, though the proxy takes it in pieces', async () => {
    const { inbox, rig } = await behindProxy();
    const long = { ...alarm, text: 'x'.repeat(100_000) };
    expect(await rig.send(long)).toEqual(acknowledged);
    expect(inbox.displayed[0]?.body.length).toBeGreaterThan(10_000);
  });

  test('an answer that is long comes back whole, as far as it is read', async () => {
    const { inbox, rig } = await behindProxy();
    await inbox.behave({ type: 'endlessAnswer' });
    expect(await rig.send(alarm)).toEqual(acknowledged);
  });

  test('a long answer is read whole, though the server closes behind it', async () => {
    const { proxy, inbox } = await behindProxy();
    const way = { url: `http://127.0.0.1:${proxy.port}` };
    const text = 'x'.repeat(60_000);
    const rig = stand.webhook({ url: `https://127.0.0.1:${inbox.port}/`, tls, proxy: way }, { expect: { text } });
    await inbox.behave({ type: 'status', status: 200, takes: true, body: text, headers: { connection: 'close' } });
    for (const index of [1, 2, 3, 4]) expect(await rig.send(alarmNumber(index))).toEqual(acknowledged);
  });

  test('the server must still prove itself', async () => {
    const proxy = new SimulatedProxy({ port: 0 });
    await proxy.listen();
    proxies.push(proxy);
    const inbox = await stand.inbox({ tls: certificates.elsewhere });
    const way = { url: `http://127.0.0.1:${proxy.port}` };
    const rig = stand.cap({ url: `https://127.0.0.1:${inbox.port}/`, tls, proxy: way });
    expect(await rig.send(alarm)).toMatchObject({ type: 'failed', detail: expect.stringContaining('another name') });
    expect(inbox.requests).toEqual([]);
  });

  test('a proxy that cuts everything off costs an attempt at most', async () => {
    const { proxy, inbox, rig } = await behindProxy();
    expect(await rig.send(alarmNumber(1))).toEqual(acknowledged);
    proxy.behave({ type: 'normal' });
    await until(inbox, 'the end of the connection', () => inbox.connections === 0);
    expect(await rig.send(alarmNumber(2))).toEqual(acknowledged);
  });
});

describe('a proxy that asks for a password', () => {
  test.each(['MD5', 'SHA-256', 'MD5-sess'] as const)('by Digest %s is asked once', async (algorithm) => {
    const { proxy, rig } = await behindProxy(
      { account: { digest: { ...user, algorithms: [algorithm] } } },
      { account: user },
    );
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(proxy.gate?.challenges).toBe(1);
    proxy.behave({ type: 'normal' });
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(proxy.gate?.challenges).toBe(1);
  });

  test('and then the server asks too: each gets its own password', async () => {
    const account = { user: 'desk', password: 'another password' };
    const proxy = new SimulatedProxy({ port: 0, account: { digest: { ...user, nonces: 'once' } } });
    await proxy.listen();
    proxies.push(proxy);
    const inbox = await stand.inbox({ tls: certificates.server, digest: account });
    const way = { url: `http://127.0.0.1:${proxy.port}`, account: user };
    const rig = stand.cap({ url: `https://127.0.0.1:${inbox.port}/`, tls, account, proxy: way });
    for (const index of [1, 2]) expect(await rig.send(alarmNumber(index))).toEqual(acknowledged);
    for (const { headers } of inbox.requests) expect(headers).not.toHaveProperty('proxy-authorization');
  });

  test('by Basic gets it where the site says so', async () => {
    const { rig } = await behindProxy({ account: { basic: user } }, { account: { ...user, allowBasic: true } });
    expect(await rig.send(alarm)).toEqual(acknowledged);
  });

  test('by Basic does not get it otherwise', async () => {
    const { inbox, rig } = await behindProxy({ account: { basic: user } }, { account: user });
    expect(await rig.send(alarm)).toMatchObject({
      detail: expect.stringMatching(/proxy .* answered 407: .*write auth: basic under proxy:/),
    });
    expect(inbox.connections).toBe(0);
  });

  test.each<[string, object, string]>([
    ['none', {}, 'write user: under proxy:'],
    ['the wrong one', { account: { user: 'gw-1', password: 'wrong' } }, 'does not accept our user and password'],
  ])('and gets %s refuses with words', async (_what, endpoint, words) => {
    const { rig } = await behindProxy({ account: { digest: user } }, endpoint);
    const outcome = await rig.send(alarm);
    expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringContaining(words) });
    expect(JSON.stringify(outcome)).not.toContain('wrong');
  });
});

describe('a proxy that misbehaves', () => {
  test.each<[ProxyBehaviour, string, string]>([
    [{ type: 'status', status: 403 }, 'refused', 'does not let us through'],
    [{ type: 'status', status: 502 }, 'refused', "can't reach 127.0.0.1:"],
    [{ type: 'status', status: 405 }, 'refused', 'CONNECT'],
    [{ type: 'garbage' }, 'protocolError', 'not HTTP'],
  ])('%j is told in words, and the next attempt works', async (how, reason, words) => {
    const { proxy, rig } = await behindProxy();
    proxy.behave(how);
    expect(await rig.send(alarm)).toMatchObject({ type: 'failed', reason, detail: expect.stringContaining(words) });
    proxy.behave({ type: 'normal' });
    expect(await rig.send(alarm)).toEqual(acknowledged);
  });

  test('one that says nothing is named after the time for a connection', async () => {
    const { proxy, rig } = await behindProxy({}, {}, 200);
    proxy.behave({ type: 'hang' });
    const words = expect.stringMatching(/^the proxy .* did not connect us through to .* in time$/);
    expect(await rig.send(alarm)).toMatchObject({ type: 'failed', reason: 'unreachable', detail: words });
  });

  test('one that is not there is named', async () => {
    const { proxy, rig } = await behindProxy();
    await proxy.close();
    proxies.length = 0;
    const words = expect.stringMatching(
      /^the proxy 127\.0\.0\.1:\d+ refused the connection: is it on, and is its port right\?$/,
    );
    expect(await rig.send(alarm)).toMatchObject({ type: 'failed', reason: 'refused', detail: words });
  });
});

test('what came through before the end is there for who reads later', async () => {
  const said = 'x'.repeat(10_000);
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(`HTTP/1.1 200 ok\r\n\r\n${said}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const tunnel = new Tunnel({
    address: '127.0.0.1',
    port,
    proxy: `127.0.0.1:${port}`,
    target: 'a:1',
    allowsBasic: false,
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  await once(socket, 'close');
  // Our end of the connection closes within the event loop's next turns.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  let read = '';
  for await (const bytes of tunnel) read += String(bytes);
  server.close();
  expect(read).toBe(said);
});
