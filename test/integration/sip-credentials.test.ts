import { afterEach, describe, expect, test } from 'vitest';
import type { ChallengeForm } from '../../device-sim/sip/gatekeeper.ts';
import { headerValue } from '../../protocol/sip/message.ts';
import { acknowledged, attemptOf, createSipStand, pollOf } from './sip-rig.ts';

const stand = createSipStand();
afterEach(stand.close);
const { connected } = stand;

const account = { user: 'gw-1', password: 'secret of gw-1' };
const askedBy = (challenge: ChallengeForm) => connected({ account }, { account: { ...account, challenge } });

describe('a far end that asks for a password', () => {
  test.each<ChallengeForm>([
    { algorithm: 'MD5' },
    { algorithm: 'MD5', qop: 'none' },
    { algorithm: 'MD5-sess' },
    { algorithm: 'SHA-256' },
    { algorithm: 'SHA-256-sess' },
    { algorithm: 'SHA-512-256' },
    { algorithm: 'SHA-512-256-sess' },
    { askers: ['server'] },
  ])('is answered (%j), and the next message brings the answer at once', async (challenge) => {
    const { receiver, rig } = await askedBy(challenge);
    expect(await rig.send(attemptOf(1))).toEqual(acknowledged);
    expect(receiver.requests).toHaveLength(2);
    expect(await rig.send(attemptOf(2))).toEqual(acknowledged);
    expect(receiver.requests).toHaveLength(3);
    receiver.renewChallenge();
    expect(await rig.send(attemptOf(3))).toEqual(acknowledged);
    expect(receiver.requests).toHaveLength(5);
    expect(rig.sent).toEqual([1, 2, 3]);
    expect(receiver.messages).toHaveLength(3);
  });

  test('a proxy and the server behind it are answered in one message (RFC 3261 §22.3)', async () => {
    const { receiver, rig } = await askedBy({ askers: ['proxy', 'server'], algorithm: 'SHA-256' });
    expect(await rig.send(attemptOf(1))).toEqual(acknowledged);
    expect(receiver.requests).toHaveLength(3);
    const [, , last] = receiver.requests;
    for (const name of ['Authorization', 'Proxy-Authorization']) {
      expect(last && headerValue(last, name)).toMatch(/^Digest username="gw-1"/);
    }
    expect(new Set(receiver.requests.map((request) => headerValue(request, 'Call-ID'))).size).toBe(1);
    expect(new Set(receiver.requests.map((request) => headerValue(request, 'CSeq'))).size).toBe(3);
    expect(await rig.send(attemptOf(2))).toEqual(acknowledged);
    expect(receiver.requests).toHaveLength(4);
  });

  test.each([
    ['once', [2, 4, 6]],
    ['next', [2, 3, 4]],
  ] as const)('with nonces for one request (%s) takes each message', async (nonces, requests) => {
    const { receiver, rig } = await askedBy({ nonces, askers: ['server'] });
    for (const [index, count] of requests.entries()) {
      expect(await rig.send(attemptOf(index + 1))).toEqual(acknowledged);
      expect(receiver.requests).toHaveLength(count);
    }
  });

  test('with nonces for one request takes messages that are under way together', async () => {
    const { receiver, rig } = await askedBy({ nonces: 'once' });
    const all = Array.from({ length: 4 }, (_, index) => rig.send(attemptOf(index + 1)));
    for (const outcome of await Promise.all(all)) expect(outcome).toEqual(acknowledged);
    expect(receiver.displayed).toHaveLength(4);
  });

  test('twice, with nonces for one request: what the proxy took is asked for again', async () => {
    const { receiver, rig } = await askedBy({ nonces: 'once', askers: ['proxy', 'server'] });
    expect(await rig.send(attemptOf(1))).toEqual(acknowledged);
    expect(await rig.send(attemptOf(2))).toEqual(acknowledged);
    expect(receiver.displayed).toHaveLength(2);
  });

  test('and calls each answer stale is given up, and its password is not blamed', async () => {
    const { receiver, rig } = await askedBy({ nonces: 'never' });
    const outcome = await rig.send(attemptOf(1));
    expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringContaining('5 times') });
    expect(receiver.requests).toHaveLength(5);
  });

  test.each<[ChallengeForm, string]>([
    [{ algorithm: 'SHA-384' }, 'Digest SHA-384'],
    [{ algorithm: 'AKAv1-MD5' }, 'Digest AKAv1-MD5'],
    [{ basic: true }, 'Basic'],
  ])('in a way we do not know (%j) is told so', async (challenge, name) => {
    const { receiver, rig } = await askedBy(challenge);
    const outcome = await rig.send(attemptOf(1));
    expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringContaining(name) });
    expect(receiver.requests).toHaveLength(1);
  });

  test.each(['MD5-sess', 'SHA-512-256'])('refuses a wrong one once an attempt, and names %s', async (algorithm) => {
    const challenge = { algorithm };
    const wrong = { ...account, password: 'guess' };
    const { receiver, rig } = await connected({ account: wrong }, { account: { ...account, challenge } });
    expect(await rig.send(pollOf(1))).toMatchObject({ type: 'failed', reason: 'refused' });
    expect(receiver.requests).toHaveLength(2);
    const outcome = await rig.send(attemptOf(2));
    expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringContaining('password') });
    expect(outcome).toMatchObject({ detail: expect.stringContaining(algorithm) });
    expect(JSON.stringify(outcome)).not.toContain('guess');
  });

  test('refuses us without one, and says how it asks', async () => {
    const { rig } = await connected({}, { account: { ...account, challenge: { algorithm: 'SHA-256' } } });
    expect(await rig.send(attemptOf(1))).toMatchObject({
      type: 'failed',
      reason: 'refused',
      detail: expect.stringMatching(/Digest SHA-256.*write user:/),
    });
  });
});
