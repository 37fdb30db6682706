import { describe, expect, test } from 'vitest';
import { messageOutcome, pollOutcome } from '../../../gateway/paths/sip/answer.ts';
import type { SipResponse } from '../../../protocol/sip/message.ts';

function response(status: number, headers: Readonly<Record<string, string>> = {}, reason = 'Because'): SipResponse {
  const all = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return { type: 'response', status, reason, headers: all, body: new Uint8Array() };
}

describe('a final answer to a MESSAGE', () => {
  test.each([
    [200, { type: 'receiverAcknowledged' }],
    [202, { type: 'handedOver' }],
    [301, { type: 'failed', reason: 'refused' }],
    [400, { type: 'notUnderstood' }],
    [401, { type: 'failed', reason: 'refused' }],
    [403, { type: 'failed', reason: 'refused' }],
    [404, { type: 'failed', reason: 'refused' }],
    [405, { type: 'failed', reason: 'refused' }],
    [408, { type: 'failed', reason: 'protocolError' }],
    [415, { type: 'failed', reason: 'refused' }],
    [424, { type: 'notUnderstood' }],
    [425, { type: 'notUnderstood' }],
    [480, { type: 'failed', reason: 'protocolError' }],
    [486, { type: 'failed', reason: 'protocolError' }],
    [488, { type: 'failed', reason: 'refused' }],
    [500, { type: 'failed', reason: 'protocolError' }],
    [503, { type: 'failed', reason: 'protocolError' }],
    [513, { type: 'notUnderstood' }],
    [600, { type: 'failed', reason: 'protocolError' }],
    [603, { type: 'failed', reason: 'refused' }],
  ])('%d', (status, outcome) => {
    expect(messageOutcome(response(status))).toMatchObject(outcome);
  });

  test('that names an error of the alert never acknowledges it, whatever its status', () => {
    const outcome = messageOutcome(
      response(200, { 'AlertMsg-Error': '100 ; code="Cannot process the alert payload"' }),
    );
    expect(outcome).toMatchObject({ type: 'notUnderstood', detail: expect.stringContaining('AlertMsg-Error 100') });
  });

  test('that names an error of the location acknowledges it all the same (RFC 6442 §4.3)', () => {
    expect(messageOutcome(response(200, { 'Geolocation-Error': '300' }))).toEqual({ type: 'receiverAcknowledged' });
  });

  test('says what to do, and nothing a stranger could write into a log', () => {
    const moved = messageOutcome(response(302, { Contact: '<sip:new@centre.example>' }, 'Moved\u001b[2J'));
    expect(moved).toMatchObject({ detail: expect.stringContaining('redirects to <sip:new@centre.example>') });
    expect(JSON.stringify(moved)).not.toContain('\\u001b');
    expect(JSON.stringify(messageOutcome(response(500, {}, 'x'.repeat(5000)))).length).toBeLessThan(500);
  });
});

test.each([
  [200, 'receiverAcknowledged'],
  [405, 'receiverAcknowledged'],
  [481, 'receiverAcknowledged'],
  [501, 'receiverAcknowledged'],
  [404, 'unproven'],
  [604, 'unproven'],
  [302, 'failed'],
  [401, 'failed'],
  [403, 'failed'],
  [407, 'failed'],
  [408, 'failed'],
  [480, 'failed'],
  [500, 'failed'],
  [503, 'failed'],
  [603, 'failed'],
])('an answer of %d to a poll: %s', (status, type) => {
  expect(pollOutcome(response(status)).type).toBe(type);
});
