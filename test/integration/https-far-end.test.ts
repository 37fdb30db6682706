import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import type { FarEnd } from '../../device-sim/site/far-end.ts';
import { startFarEnds } from '../../device-sim/site/far-ends.ts';
import { readSite } from '../../device-sim/site/site-file.ts';
import type { HttpsEndpoint } from '../../gateway/paths/https-sender.ts';
import { alarmNumber, certificates, createStand, type Rig } from './cap-rig.ts';

const cleanups: (() => unknown)[] = [];
const stand = createStand();
afterEach(async () => {
  await stand.close();
  while (cleanups.length > 0) await cleanups.pop()?.();
});

const SECRET = 'correct horse battery staple';
const account = { user: 'gw-1', password: 'a password' };
const headers = { 'X-Api-Key': 'k-12345', 'X-Tenant': 'northfield' };
const tls = { ca: certificates.authority };

/**
 * The far end of one path, as `sim receiver` starts it, and a driver of the gateway with its
 * secrets.
 */
async function playing(driver: 'cap' | 'webhook', isProxied = false): Promise<{ end: FarEnd; rig: Rig }> {
  const port = await freePort();
  const proxyPort = await freePort();
  const scheme = isProxied ? 'https' : 'http';
  const url = `${scheme}://127.0.0.1:${port}/desk`;
  const at = mkdtempSync(join(tmpdir(), 'callpoint-https-'));
  cleanups.push(() => rmSync(at, { recursive: true }));
  const proxy = isProxied ? `, proxy: { url: "http://127.0.0.1:${proxyPort}", user: gw-1 }` : '';
  const written = `{ id: desk, driver: ${driver}, url: "${url}", auth: digest, user: gw-1${proxy},
      headers: [{ name: X-Api-Key }, { name: X-Tenant, value: northfield }] }`;
  writeFileSync(join(at, 'site.yaml'), `paths:\n  - ${written}\n`);
  const own =
    driver === 'cap' ? `  desk: ${account.password}\n` : `  desk: ${SECRET}\n  desk.auth: ${account.password}\n`;
  const more = `  desk.headers.X-Api-Key: k-12345\n  desk.proxy: ${account.password}\n`;
  writeFileSync(join(at, 'keys.yaml'), `paths:\n${own}${more}`);
  const ends = await startFarEnds(readSite(join(at, 'site.yaml'), 1), { tls: certificates.server });
  cleanups.push(() => ends.close());
  const endpoint: Partial<HttpsEndpoint> = {
    ...{ url, account, headers, connectTimeoutMs: 10_000 },
    ...(isProxied ? { tls, proxy: { url: `http://127.0.0.1:${proxyPort}`, account } } : {}),
  };
  return {
    end: ends.of('desk'),
    rig: driver === 'cap' ? stand.cap(endpoint) : stand.webhook(endpoint, { secret: SECRET }),
  };
}

describe.each(['cap', 'webhook'] as const)('the far end of a %s path, on request', (driver) => {
  // Each row has the outcome of an alarm, whether it is shown, and the outcome of a poll.
  const cases: readonly [string, string, number, string][] = [
    ...[401, 403, 404, 410, 429, 500, 503].map((status): [string, string, number, string] => [
      `refuse${status}`,
      'failed',
      0,
      status === 404 || status === 410 ? 'unproven' : 'failed',
    ]),
    ...[400, 413, 422].map((status): [string, string, number, string] => [
      `refuse${status}`,
      'notUnderstood',
      0,
      'unproven',
    ]),
    ...[404, 405, 501].map((status): [string, string, number, string] => [
      `poll${status}`,
      'receiverAcknowledged',
      1,
      'unproven',
    ]),
    ...[403, 503].map((status): [string, string, number, string] => [
      `poll${status}`,
      'receiverAcknowledged',
      1,
      'failed',
    ]),
    ['failPolls', 'failed', 0, 'failed'],
    ['retryAfter', 'failed', 0, 'failed'],
    ['relayed', 'handedOver', 1, 'receiverAcknowledged'],
    ['errorIn200', 'receiverAcknowledged', 0, 'receiverAcknowledged'],
    ['redirect307', 'failed', 0, 'failed'],
    ['redirect302', 'failed', 0, 'failed'],
    ['redirectHttp', 'failed', 0, 'failed'],
    ['oneTimeNonces', 'receiverAcknowledged', 1, 'receiverAcknowledged'],
    ['newNonces', 'receiverAcknowledged', 1, 'receiverAcknowledged'],
    ['nextNonce', 'receiverAcknowledged', 1, 'receiverAcknowledged'],
    ['md5Sess', 'receiverAcknowledged', 1, 'receiverAcknowledged'],
    ['sha256Sess', 'receiverAcknowledged', 1, 'receiverAcknowledged'],
    ...(driver === 'cap'
      ? (
          [
            ['capError', 'failed', 0, 'receiverAcknowledged'],
            ['capAck', 'receiverAcknowledged', 1, 'receiverAcknowledged'],
          ] as const
        ).map(([...one]): [string, string, number, string] => one)
      : []),
  ];

  test('does all of this, and is normal again', async () => {
    const { end, rig } = await playing(driver);
    expect([...end.ownBehaviours].sort()).toEqual(cases.map(([how]) => how).sort());
    let index = 0;
    for (const [how, outcome, shown, poll] of cases) {
      await end.behave('normal');
      const before = end.displayed.length;
      await end.behave(how);
      expect([how, (await rig.send(alarmNumber(index))).type]).toEqual([how, outcome]);
      expect([how, end.displayed.length - before]).toEqual([how, shown]);
      expect([how, (await rig.poll()).type]).toEqual([how, poll]);
      await end.behave('normal');
      expect([how, (await rig.send(alarmNumber(index))).type]).toEqual([how, 'receiverAcknowledged']);
      index += 1;
    }
    expect(end.displayed).toHaveLength(cases.length);
    await expect(end.behave('nonsense')).rejects.toThrow('failPolls');
  });
});

test('behind a proxy, over TLS, it does this as well', async () => {
  const { end, rig } = await playing('webhook', true);
  for (const how of ['http2Only', 'proxy403', 'proxy502']) {
    await end.behave(how);
    expect([how, (await rig.send(alarmNumber(1))).type]).toEqual([how, 'failed']);
    await end.behave('normal');
    expect([how, (await rig.send(alarmNumber(1))).type]).toEqual([how, 'receiverAcknowledged']);
  }
  expect(end.displayed).toHaveLength(1);
});
