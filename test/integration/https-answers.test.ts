import { afterEach, describe, expect, test } from 'vitest';
import type { InboxBehaviour } from '../../device-sim/https/behaviour.ts';
import { alarm } from '../unit/cap/cap-reports.ts';
import { acknowledged, createStand, SECRET } from './cap-rig.ts';

const stand = createStand();
afterEach(stand.close);

const handedOver = { type: 'handedOver' };
const says = (...words: readonly string[]) => ({
  detail: expect.stringMatching(new RegExp(words.map((word) => word.replace(/[().*+?[\]]/g, '\\$&')).join('.*'))),
});
const failed = (...words: readonly string[]) => ({ type: 'failed', reason: 'refused', ...says(...words) });
const notUnderstood = (...words: readonly string[]) => ({ type: 'notUnderstood', ...says(...words) });
const unproven = (...words: readonly string[]) => ({ type: 'unproven', ...says(...words) });
const answers = (status: number, body = '', headers = {}): InboxBehaviour => ({
  type: 'status',
  status,
  body,
  headers,
  takes: true,
});

/** Answer of the Teams connector when it has lost the message. */
const LOST = 'Delivery failed: endpoint returned HTTP error 429';

describe('a webhook’s answer is read as its site says', () => {
  const ok = { statuses: [200] };
  const member = { member: { names: ['result', 'status'], value: 'ok' } };
  test.each<[string, InboxBehaviour, object, object]>([
    ['no expectation: any 2xx', answers(200, LOST), {}, acknowledged],
    ['the text', answers(200, ' 1\r\n'), { expect: { text: '1' } }, acknowledged],
    ['another text', answers(200, LOST), { expect: { text: '1' } }, failed('200', 'the text of expect:', LOST)],
    ['no text', answers(200), { expect: { text: '1' } }, failed('it said nothing')],
    ['the status', answers(200), { expect: ok }, acknowledged],
    ['another status', answers(201), { expect: ok }, failed('201', 'a status that expect: names')],
    ['the member', answers(200, '{"result":{"status":"ok"}}'), { expect: member }, acknowledged],
    ['another value', answers(200, '{"result":{"status":"no"}}'), { expect: member }, failed('result.status', '"no"')],
    ['no JSON', answers(200, '<p>ok</p>'), { expect: member }, failed('result.status', 'ok')],
    [
      'a member of all objects',
      answers(200, '{}'),
      { expect: { member: { names: ['toString'], value: 'x' } } },
      failed(),
    ],
    ['true', answers(200, '{"ok":true}'), { expect: { member: { names: ['ok'], value: 'true' } } }, acknowledged],
    ['an endless body', { type: 'endlessAnswer' }, { expect: { text: '1' } }, failed('xxx')],
    ['202', answers(202), {}, handedOver],
    ['202 as delivery', answers(202), { acknowledges: 'delivery' }, acknowledged],
    ['202 as expected', answers(202), { expect: { statuses: [202] } }, acknowledged],
    ['202 with the text', answers(202, '1'), { expect: { text: '1' } }, handedOver],
    ['200 of a relay', answers(200), { acknowledges: 'handover' }, handedOver],
    [
      'an answer that a relay should not give',
      answers(200, LOST),
      { acknowledges: 'handover', expect: { text: '1' } },
      failed(LOST),
    ],
    ['400', answers(400, '\n{"error": "no such field"}\n'), {}, notUnderstood('400', 'no such field')],
    ['413', answers(413), {}, { type: 'notUnderstood', detail: 'the server answered 413' }],
    ['422', answers(422, `${'x'.repeat(500)}`), {}, notUnderstood('xxx…')],
    [
      'a page',
      answers(400, '<!DOCTYPE html>\n<h1>Bad\u001b[2J\u202e request</h1>'),
      {},
      notUnderstood('400: Bad [2J request'),
    ],
  ])('%s', async (_what, how, settings, outcome) => {
    const inbox = await stand.inbox();
    const rig = stand.webhook({ url: `http://127.0.0.1:${inbox.port}/` }, settings);
    await inbox.behave(how);
    expect(await rig.send(alarm)).toMatchObject(outcome);
  });

  test('what the server repeats of our secrets is in no message', async () => {
    const inbox = await stand.inbox();
    const headers = { 'x-api-key': 'k-12345' };
    const rig = stand.webhook({ url: `http://127.0.0.1:${inbox.port}/`, headers }, { secrets: ['k-12345'] });
    await inbox.behave(answers(400, 'the key k-12345 is not known'));
    const outcome = await rig.send(alarm);
    expect(outcome).toMatchObject(notUnderstood('the key … is not known'));
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });
});

describe('a CAP receiver’s answer in CAP is read', () => {
  test.each<[string, InboxBehaviour, object, object]>([
    ['Ack', { type: 'capReply', msgType: 'Ack' }, {}, acknowledged],
    ['Ack that names nothing', { type: 'capReply', msgType: 'Ack', about: 'nothing' }, {}, acknowledged],
    ['Ack of another message', { type: 'capReply', msgType: 'Ack', about: 'other' }, {}, failed('CAP Ack to another')],
    [
      'Error',
      { type: 'capReply', msgType: 'Error', note: 'rejected: sender not authorised' },
      {},
      failed('CAP Error: rejected: sender not authorised'),
    ],
    ['Error without a note', { type: 'capReply', msgType: 'Error' }, {}, failed('CAP Error: it gives no note')],
    ['Error about nothing', { type: 'capReply', msgType: 'Error', about: 'nothing' }, {}, failed('CAP Error')],
    ['Error about another', { type: 'capReply', msgType: 'Error', about: 'other' }, {}, failed('CAP Error to another')],
    ['Error of a relay', { type: 'capReply', msgType: 'Error' }, { acknowledges: 'handover' }, failed('CAP Error')],
    ['Ack of a relay', { type: 'capReply', msgType: 'Ack' }, { acknowledges: 'handover' }, handedOver],
    ['a plain text', answers(200, LOST), {}, acknowledged],
    ['an empty CAP body', answers(200, '', { 'content-type': 'application/cap+xml' }), {}, acknowledged],
    [
      'an unreadable CAP body',
      answers(200, 'no', { 'content-type': 'application/cap+xml' }),
      {},
      failed("can't be read"),
    ],
    ['202', answers(202), {}, handedOver],
    ['202 as delivery', answers(202), { acknowledges: 'delivery' }, acknowledged],
  ])('%s', async (_what, how, settings, outcome) => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: `http://127.0.0.1:${inbox.port}/` }, settings);
    await inbox.behave(how);
    expect(await rig.send(alarm)).toMatchObject(outcome);
  });

  test('the note of an Error that comes with 400 is the detail', async () => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: `http://127.0.0.1:${inbox.port}/` });
    const body =
      '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><msgType>Error</msgType><note>no area</note></alert>';
    await inbox.behave(answers(400, body, { 'content-type': 'text/xml' }));
    expect(await rig.send(alarm)).toMatchObject({ type: 'notUnderstood', detail: 'the server answered 400: no area' });
  });
});

describe('a poll proves no more than it asks', () => {
  test.each([400, 404, 405, 410, 415, 501])(
    'HEAD answered %i proves nothing; a report then is taken',
    async (status) => {
      const inbox = await stand.inbox();
      const rig = stand.webhook({ url: `http://127.0.0.1:${inbox.port}/` });
      await inbox.behave({ type: 'polls', status });
      expect(await rig.poll()).toMatchObject(unproven(String(status), 'proves nothing'));
      expect(await rig.send(alarm)).toEqual(acknowledged);
    },
  );

  test.each([301, 401, 403, 407, 429, 500, 502, 503])('HEAD answered %i is a failure', async (status) => {
    const inbox = await stand.inbox();
    const rig = stand.webhook({ url: `http://127.0.0.1:${inbox.port}/` });
    await inbox.behave({ type: 'polls', status });
    expect(await rig.poll()).toMatchObject(failed(String(status)));
  });

  test.each([401, 403, 404, 410])('a report answered %i has failed', async (status) => {
    const inbox = await stand.inbox();
    const rig = stand.webhook({ url: `http://127.0.0.1:${inbox.port}/` });
    await inbox.behave({ type: 'status', status });
    expect(await rig.send(alarm)).toMatchObject(failed(String(status)));
  });

  test('503 the first time, 403 to each poll: the second try of the same message is taken', async () => {
    const inbox = await stand.inbox();
    const rig = stand.webhook({ url: `http://127.0.0.1:${inbox.port}/` });
    await inbox.behave({ type: 'firstTimeEach', status: 503, polls: 403 });
    expect(await rig.poll()).toMatchObject(failed('403'));
    expect(await rig.send(alarm)).toMatchObject(failed('503'));
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(await rig.poll()).toMatchObject(failed('403'));
  });
});

describe('the far end says when to come again', () => {
  const date = 'Sat, 28 Nov 2026 12:00:00 GMT';
  test.each<[number, Record<string, string>, number | undefined]>([
    [503, { 'retry-after': '120' }, 120_000],
    [429, { 'retry-after': '1' }, 1_000],
    [302, { 'retry-after': '5' }, 5_000],
    [503, { 'retry-after': 'Sat, 28 Nov 2026 12:02:00 GMT', date }, 120_000],
    [503, { 'retry-after': '999999999999' }, 86_400_000],
    [503, { 'retry-after': '-5' }, undefined],
    [503, { 'retry-after': '0' }, undefined],
    [503, { 'retry-after': 'Sat, 28 Nov 2026 11:00:00 GMT', date }, undefined],
    [503, { 'retry-after': 'soon' }, undefined],
    [503, {}, undefined],
    [500, { 'retry-after': '120' }, undefined],
  ])('%i with %j', async (status, headers, retryAfterMs) => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: `http://127.0.0.1:${inbox.port}/` });
    await inbox.behave(answers(status, '', headers));
    const outcome = await rig.send(alarm);
    const asks = retryAfterMs === undefined ? '' : `(it asks us to wait ${retryAfterMs / 1000} s)`;
    expect(outcome).toMatchObject(failed(`${status}: `));
    expect(outcome).toMatchObject({ detail: expect.stringContaining(asks) });
    expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(retryAfterMs);
  });
});
