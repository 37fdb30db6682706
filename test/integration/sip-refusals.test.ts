import { afterEach, describe, expect, test } from 'vitest';
import { acknowledged, attemptOf, createSipStand, pollOf, reportOf } from './sip-rig.ts';

const stand = createSipStand();
afterEach(stand.close);
const { connected } = stand;

async function refusedWith(status: number, headers: Readonly<Record<string, string>> = {}) {
  const { receiver, rig } = await connected();
  await receiver.behave({ type: 'refuseWith', status, headers });
  return rig.send(attemptOf(1));
}

describe('a receiver that refuses an alarm', () => {
  test.each([
    [302, 'refused', 'redirects to <sip:other@centre.example>, and we do not follow'],
    [403, 'refused', 'forbids'],
    [404, 'refused', 'check target (SIP 404'],
    [405, 'refused', 'takes no MESSAGE'],
    [415, 'refused', 'does not take this kind of content: ask its operator for RFC 8876 (SIP 415'],
    [408, 'protocolError', 'did not reach whom we call in time (SIP 408'],
    [486, 'protocolError', 'busy'],
    [500, 'protocolError', 'SIP 500'],
    [600, 'protocolError', 'busy everywhere'],
    [699, 'protocolError', 'SIP 699'],
  ])('by %d is told in words', async (status, reason, words) => {
    const outcome = await refusedWith(status, { Contact: '<sip:other@centre.example>' });
    expect(outcome).toMatchObject({ type: 'failed', reason, detail: expect.stringContaining(words) });
  });

  test('and says what it takes instead is quoted', async () => {
    expect(await refusedWith(415, { Accept: 'text/plain' })).toMatchObject({
      detail: expect.stringContaining('SIP 415 By Behaviour, Accept text/plain'),
    });
  });

  test.each([
    ['7', 7_000],
    ['18000;duration=3600', 18_000_000],
    ['120 (in a meeting)', 120_000],
    ['999999999999', 86_400_000],
    ['0', undefined],
    ['soon', undefined],
    ['12x', undefined],
    ['-1', undefined],
  ])('for a while (Retry-After: %s) is asked no sooner', async (written, retryAfterMs) => {
    const outcome = await refusedWith(503, { 'Retry-After': written });
    expect(outcome).toMatchObject({ type: 'failed' });
    expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(retryAfterMs);
  });

  test('for its size, and says when there is room, is asked again in the same form', async () => {
    expect(await refusedWith(413, { 'Retry-After': '30' })).toMatchObject({ type: 'failed', retryAfterMs: 30_000 });
    expect(await refusedWith(413)).toMatchObject({ type: 'notUnderstood', detail: expect.stringContaining('SIP 413') });
  });
});

test('polls that fail say nothing about an alarm, which is refused first and taken then', async () => {
  const { receiver, rig } = await connected();
  await receiver.behave({ type: 'failPolls', poll: 503, first: 503 });
  const repeated = (attempt: number) => attemptOf(attempt, { sequence: 1, report: reportOf('wb-101.5.1') });
  const refusal = { type: 'failed', reason: 'protocolError', detail: expect.stringContaining('SIP 503') };
  expect(await rig.send(pollOf(1))).toMatchObject(refusal);
  expect(await rig.send(repeated(2))).toMatchObject(refusal);
  expect(await rig.send(pollOf(3))).toMatchObject(refusal);
  expect(await rig.send(repeated(4))).toEqual(acknowledged);
  expect(receiver.displayed).toHaveLength(1);
});
