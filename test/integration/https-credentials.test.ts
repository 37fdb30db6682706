import { afterEach, describe, expect, test } from 'vitest';
import type { DigestGateOptions, GateAlgorithm } from '../../device-sim/https/digest-gate.ts';
import { alarm } from '../unit/cap/cap-reports.ts';
import { acknowledged, alarmNumber, createStand } from './cap-rig.ts';

const stand = createStand();
afterEach(stand.close);

const account = { user: 'gw-1', password: 'a "quoted" päss' };
const url = (port: number) => `http://127.0.0.1:${port}/alerts?site=7`;

async function desk(digest: Partial<DigestGateOptions> = {}) {
  const inbox = await stand.inbox({ digest: { ...account, ...digest } });
  const rig = stand.cap({ url: url(inbox.port), account });
  return { inbox, rig, challenges: () => inbox.gate?.challenges };
}

describe('a server that asks for a password by Digest', () => {
  test.each<GateAlgorithm[]>([
    ['MD5'],
    ['MD5-sess'],
    ['SHA-256'],
    ['SHA-256-sess'],
    ['SHA-512-256'],
    ['SHA-256', 'MD5'],
  ])('%s is asked once: from then on reports and polls bring it ahead of time', async (...algorithms) => {
    const { inbox, rig, challenges } = await desk({ algorithms });
    expect(await rig.poll()).toEqual(acknowledged);
    for (const index of [1, 2, 3]) expect(await rig.send(alarmNumber(index))).toEqual(acknowledged);
    expect(await rig.poll()).toEqual(acknowledged);
    expect(inbox.displayed).toHaveLength(3);
    expect(challenges()).toBe(1);
    expect(rig.outcomes.sentAttempts).toEqual([1, 2, 3, 4, 5]);
  });

  test.each<[string, Partial<DigestGateOptions>]>([
    ['says that it is stale', {}],
    ['says nothing of it', { saysStale: false }],
  ])('a nonce that is not good any more costs a round trip, where the server %s', async (_how, options) => {
    const { inbox, rig, challenges } = await desk(options);
    expect(await rig.send(alarmNumber(1))).toEqual(acknowledged);
    inbox.gate?.renew();
    expect(await rig.send(alarmNumber(2))).toEqual(acknowledged);
    expect(challenges()).toBe(2);
  });

  test('nonces that are good once are renewed for each message', async () => {
    const { rig, challenges } = await desk({ nonces: 'once' });
    for (const index of [1, 2, 3]) expect(await rig.send(alarmNumber(index))).toEqual(acknowledged);
    expect(challenges()).toBe(3);
  });

  test('a next nonce that the server names is used, and nothing is asked again', async () => {
    const { rig, challenges } = await desk({ nonces: 'onceAndNext' });
    for (const index of [1, 2, 3]) expect(await rig.send(alarmNumber(index))).toEqual(acknowledged);
    expect(challenges()).toBe(1);
  });

  test('many at once on several connections are all taken', async () => {
    const { inbox, rig } = await desk({ nonces: 'once' });
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => rig.send(alarmNumber(index))));
    expect(outcomes).toEqual(outcomes.map(() => acknowledged));
    expect(inbox.displayed).toHaveLength(20);
  });

  test('a wrong password is a failure with words, and is not tried for ever', async () => {
    const inbox = await stand.inbox({ digest: account });
    const rig = stand.cap({ url: url(inbox.port), account: { user: 'gw-1', password: 'another-secret' } });
    const outcome = await rig.send(alarm);
    expect(outcome).toMatchObject({
      type: 'failed',
      reason: 'refused',
      detail: expect.stringContaining('user and password'),
    });
    expect(JSON.stringify(outcome)).not.toContain('another-secret');
    expect(inbox.requests).toHaveLength(2);
    expect(inbox.displayed).toEqual([]);
  });

  test('one who asks for Basic is not given the password', async () => {
    const inbox = await stand.inbox();
    await inbox.behave({ type: 'status', status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } });
    const outcome = await stand.cap({ url: url(inbox.port), account }).send(alarm);
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('write auth: basic') });
    expect(inbox.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test.each([{}, { headers: { authorization: 'Basic eDp5' } }])(
    'without auth: digest, its words name it: %j',
    async (more) => {
      const inbox = await stand.inbox({ digest: account });
      const rig = stand.cap({ url: url(inbox.port), ...more });
      for (const outcome of [await rig.send(alarm), await rig.poll()]) {
        expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('write auth: digest') });
      }
    },
  );

  test('one who calls each answer stale is asked a bounded number of times', async () => {
    const inbox = await stand.inbox();
    const headers = { 'www-authenticate': 'Digest realm="x", nonce="n", qop="auth", stale=true' };
    await inbox.behave({ type: 'status', status: 401, headers });
    const outcome = await stand.cap({ url: url(inbox.port), account }).send(alarm);
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('took none of our answers') });
    expect(inbox.requests.length).toBeLessThanOrEqual(6);
  });
});

describe('headers of the site’s own', () => {
  test('go with each report and each poll', async () => {
    const inbox = await stand.inbox({ headers: { 'x-api-key': 'k-1' } });
    const rig = stand.webhook({ url: url(inbox.port), headers: { 'X-Api-Key': 'k-1', 'X-Tenant': 'northfield' } });
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(await rig.poll()).toEqual(acknowledged);
    for (const { headers } of inbox.requests) {
      expect(headers).toMatchObject({ 'x-api-key': 'k-1', 'x-tenant': 'northfield' });
      expect(headers['callpoint-signature']).toBeDefined();
    }
  });

  test('without them the server refuses', async () => {
    const inbox = await stand.inbox({ headers: { 'x-api-key': 'k-1' } });
    expect(await stand.webhook({ url: url(inbox.port) }).send(alarm)).toMatchObject({ type: 'failed' });
    expect(inbox.displayed).toEqual([]);
  });
});
