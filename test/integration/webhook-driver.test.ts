import { afterEach, describe, expect, test } from 'vitest';
import type { InboxBehaviour } from '../../device-sim/https/behaviour.ts';
import { alarm, cancel, drill, update } from '../unit/cap/cap-reports.ts';
import { acknowledged, alarmNumber, certificates, createStand, until } from './cap-rig.ts';

const stand = createStand();
afterEach(stand.close);

const at = (port: number) => ({ url: `http://127.0.0.1:${port}/hook` });

test('an alert, its doors and its end arrive in parts, signed, each once', async () => {
  const inbox = await stand.inbox();
  const rig = stand.webhook(at(inbox.port));
  for (const report of [alarm, update, cancel]) expect(await rig.send(report)).toEqual(acknowledged);
  const documents = inbox.displayed.map((post) => (post.type === 'webhook' ? post.document : {}));
  expect(documents).toMatchObject([
    {
      version: 1,
      id: alarm.id,
      class: 'alarm',
      alert: { id: alarm.id, doors_not_secured: [{ door: 'door-102' }, {}] },
    },
    { class: 'update', alert: { id: alarm.id, doors_not_secured: [] } },
    { class: 'cancel', follows: alarm.id, alert: { id: alarm.id, closed_by: 'desk' } },
  ]);
  expect(rig.outcomes.sentAttempts).toEqual([1, 2, 3]);
});

test('a repeat carries the same key and body; it is signed afresh', async () => {
  const inbox = await stand.inbox();
  let nowMs = Date.now();
  const rig = stand.webhook(at(inbox.port), {}, { nowWallMs: () => nowMs });
  await inbox.behave({ type: 'halfAnswerThenClose' });
  expect(await rig.send(alarm)).toMatchObject({ type: 'failed', reason: 'closed' });
  await inbox.behave({ type: 'normal' });
  nowMs += 60_000;
  expect(await rig.send(alarm)).toEqual(acknowledged);
  expect(new Set(inbox.posts.map(({ body }) => body)).size).toBe(1);
  expect(inbox.displayed.map(({ key }) => key)).toEqual([alarm.id]);
});

test('a drill says so', async () => {
  const inbox = await stand.inbox();
  await stand.webhook(at(inbox.port)).send(drill);
  expect(inbox.displayed).toMatchObject([{ document: { exercise: 'drill', text: expect.stringMatching(/^DRILL: /) } }]);
});

test('many at once: nothing is lost or doubled', async () => {
  const inbox = await stand.inbox();
  const rig = stand.webhook(at(inbox.port));
  const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => rig.send(alarmNumber(index))));
  expect(outcomes).toEqual(outcomes.map(() => acknowledged));
  expect(inbox.displayed).toHaveLength(50);
});

test.each([
  ['another secret', { secret: 'not it' }, {}],
  ['a clock that is an hour off', {}, { nowWallMs: () => Date.now() - 3_600_000 }],
])('with %s it is refused, and no secret stands in the words', async (_what, settings, services) => {
  const inbox = await stand.inbox();
  const outcome = await stand.webhook(at(inbox.port), settings, services).send(alarm);
  expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringContaining('keys.yaml') });
  expect(JSON.stringify(outcome)).not.toContain('not it');
  expect(inbox.posts).toEqual([]);
});

test('over TLS with a certificate of ours', async () => {
  const inbox = await stand.inbox({ tls: { ...certificates.server, clientCa: certificates.authority } });
  const tls = { ca: certificates.authority, own: certificates.client };
  const rig = stand.webhook({ url: `https://127.0.0.1:${inbox.port}/hook`, tls });
  expect(await rig.send(alarm)).toEqual(acknowledged);
  expect(await rig.poll()).toEqual(acknowledged);
});

describe('a server that misbehaves', () => {
  const failed = (reason: string) => ({ type: 'failed', reason });
  const cases: readonly [InboxBehaviour, object][] = [
    [{ type: 'refuse' }, failed('unreachable')],
    [{ type: 'closeUnread' }, failed('closed')],
    [{ type: 'closeBeforeAnswering' }, failed('closed')],
    [{ type: 'halfAnswerThenClose' }, failed('closed')],
    [{ type: 'garbage' }, failed('protocolError')],
    [{ type: 'late', ms: 50 }, acknowledged],
    [{ type: 'status', status: 400 }, { type: 'notUnderstood' }],
    [{ type: 'status', status: 307, location: 'http://127.0.0.1:1/' }, failed('refused')],
    [{ type: 'status', status: 503, times: 1 }, failed('refused')],
  ];

  test.each(cases)('%j ends an attempt as it should; the next one works, shown once', async (how, outcome) => {
    const inbox = await stand.inbox();
    const rig = stand.webhook(at(inbox.port));
    await until(inbox, 'a warm connection', () => inbox.connections === 1);
    await inbox.behave(how);
    expect(await rig.send(alarm)).toMatchObject(outcome);
    await inbox.behave({ type: 'normal' });
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(inbox.displayed.map(({ key }) => key)).toEqual([alarm.id]);
    expect(rig.outcomes.all).toHaveLength(2);
  });

  test('hanging, it gives no outcome; abandoned, the next attempt works', async () => {
    const inbox = await stand.inbox();
    const rig = stand.webhook(at(inbox.port));
    await inbox.behave({ type: 'hang' });
    const attempt = rig.begin(alarm);
    await rig.outcomes.until('it to be sent', () => rig.outcomes.sentAttempts.length === 1);
    rig.driver.abandon(attempt);
    await inbox.behave({ type: 'normal' });
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(rig.outcomes.of(attempt)).toBeUndefined();
  });
});
