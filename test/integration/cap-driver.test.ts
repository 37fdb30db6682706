import { networkInterfaces } from 'node:os';
import { CAP_1_2 } from '@dec112/cap-ts';
import { afterEach, describe, expect, test } from 'vitest';
import { alarm, cancel, drill, restore, trouble, update } from '../unit/cap/cap-reports.ts';
import { acknowledged, alarmNumber, certificates, createStand, until } from './cap-rig.ts';

const stand = createStand();
afterEach(stand.close);

const url = (port: number, scheme = 'http', host = '127.0.0.1') => `${scheme}://${host}:${port}/alerts?site=7`;

describe('reports to a desk that is well', () => {
  test('the life of an alert: each message is taken once and refers to those before it', async () => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: url(inbox.port) });
    for (const report of [alarm, update, cancel]) expect(await rig.send(report)).toEqual(acknowledged);
    const read = await Promise.all(inbox.displayed.map(({ body }) => CAP_1_2.Alert.fromXML(body)));
    const triples = read.map(({ sender, identifier, sent }) => `${sender},${identifier},${sent}`);
    expect(read.map(({ references }) => references)).toEqual([undefined, triples[0], `${triples[0]} ${triples[1]}`]);
    expect(new Set(read.map(({ incidents }) => incidents)).size).toBe(1);
    expect(rig.outcomes.sentAttempts).toEqual([1, 2, 3]);
  });

  test('a repeat is the same to the byte, and shown once', async () => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: url(inbox.port) });
    for (const report of [alarm, alarm, restore, restore]) await rig.send(report);
    expect(inbox.posts).toHaveLength(4);
    expect(inbox.posts[0]?.body).toBe(inbox.posts[1]?.body);
    expect(inbox.posts[2]?.body).toBe(inbox.posts[3]?.body);
    expect(inbox.displayed).toHaveLength(2);
  });

  test('a drill arrives as an Exercise, a trouble as System', async () => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: url(inbox.port) });
    await rig.send(drill);
    await rig.send(trouble);
    const shown = inbox.displayed.map((post) => (post.type === 'cap' ? [post.cap.status, post.text.slice(0, 6)] : []));
    expect(shown).toEqual([
      ['Exercise', 'DRILL:'],
      ['System', 'Wall b'],
    ]);
  });

  test('letters beyond ASCII arrive as they are', async () => {
    const inbox = await stand.inbox();
    const text = 'Überfall, Grundschule Köln, Zi. 3 “Chemie” 🚨';
    await stand.cap({ url: url(inbox.port) }).send({ ...alarm, text });
    expect(inbox.displayed[0]?.text).toContain(text);
  });

  test('many at once: nothing is lost or doubled', async () => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: url(inbox.port) });
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => rig.send(alarmNumber(index))));
    expect(outcomes).toEqual(outcomes.map(() => acknowledged));
    expect(inbox.displayed).toHaveLength(50);
    expect(inbox.posts).toHaveLength(50);
  });

  test('a relay only takes over', async () => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: url(inbox.port) }, { acknowledges: 'handover' });
    expect(await rig.send(alarm)).toEqual({ type: 'handedOver' });
  });
});

describe('one connection is kept warm', () => {
  test('from the start, used by the first report, and the next ones', async () => {
    const inbox = await stand.inbox();
    let opened = 0;
    inbox.on((notice) => {
      if (notice.type === 'connected') opened += 1;
    });
    const rig = stand.cap({ url: url(inbox.port) });
    await until(inbox, 'a connection before any report', () => inbox.connections === 1);
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(await rig.send(restore)).toEqual(acknowledged);
    expect(opened).toBe(1);
  });

  test('and opened anew when the server closes it', async () => {
    const inbox = await stand.inbox();
    await inbox.behave({ type: 'closeAfterAnswer' });
    const rig = stand.cap({ url: url(inbox.port) });
    expect(await rig.send(alarm)).toEqual(acknowledged);
    await until(inbox, 'the end of the connection', () => inbox.connections === 0);
    await until(inbox, 'a new one', () => inbox.connections === 1);
    expect(inbox.posts).toHaveLength(1);
  });

  test('a warm one the server has closed meanwhile costs no attempt', async () => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: url(inbox.port) });
    await rig.send(alarm);
    const { port } = inbox;
    await inbox.close();
    const again = await stand.inbox({ port });
    expect(await rig.send(restore)).toEqual(acknowledged);
    expect(again.displayed).toHaveLength(1);
  });
});

describe('names', () => {
  test('are looked up in the background; the server is asked by its name', async () => {
    const inbox = await stand.inbox({ tls: certificates.server });
    let asked = 0;
    const lookup = async () => {
      asked += 1;
      return ['127.0.0.1'];
    };
    const tls = { ca: certificates.authority };
    const rig = stand.cap({ url: url(inbox.port, 'https', 'alerts.callpoint.test'), tls }, {}, { lookup });
    await until(inbox, 'a connection', () => inbox.connections === 1);
    for (const report of [alarm, restore]) expect(await rig.send(report)).toEqual(acknowledged);
    expect(asked).toBe(1);
  });

  test('that nobody knows fail at once, and not within send', async () => {
    const rig = stand.cap(
      { url: 'https://alerts.callpoint.test/' },
      {},
      { lookup: () => new Promise(() => undefined) },
    );
    const attempt = rig.begin(alarm);
    expect(rig.outcomes.all).toEqual([]);
    await rig.outcomes.until('the outcome', () => rig.outcomes.of(attempt) !== undefined);
    expect(rig.outcomes.of(attempt)).toMatchObject({ type: 'failed', reason: 'noAddress' });
    expect(rig.outcomes.sentAttempts).toEqual([]);
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));

test.skipIf(!hasIpv6)('a server at a literal IPv6 address', async () => {
  const inbox = await stand.inbox({ host: '::1' });
  expect(await stand.cap({ url: `http://[::1]:${inbox.port}/` }).send(alarm)).toEqual(acknowledged);
});

describe('TLS and who we are', () => {
  const tls = { ca: certificates.authority };

  test('mutual: our certificate opens the door', async () => {
    const inbox = await stand.inbox({ tls: { ...certificates.server, clientCa: certificates.authority } });
    const own = { url: url(inbox.port, 'https'), tls: { ...tls, own: certificates.client } };
    expect(await stand.cap(own).send(alarm)).toEqual(acknowledged);
  });

  test.each([
    ['none', undefined],
    ['one of another authority', certificates.stranger],
  ])('mutual: %s does not, and the words say what to check', async (_what, own) => {
    const inbox = await stand.inbox({ tls: { ...certificates.server, clientCa: certificates.authority } });
    const rig = stand.cap({ url: url(inbox.port, 'https'), tls: { ...tls, ...(own && { own }) } });
    expect(await rig.send(alarm)).toMatchObject({
      type: 'failed',
      detail: expect.stringMatching(/certificate of ours/),
    });
    expect(inbox.posts).toEqual([]);
  });

  test.each([
    ['another authority', certificates.server, {}, 'authority we know'],
    ['another name', certificates.elsewhere, tls, 'for another name'],
  ])('a server whose certificate has %s gets nothing', async (_what, pair, trust, words) => {
    const inbox = await stand.inbox({ tls: pair });
    const rig = stand.cap({ url: url(inbox.port, 'https'), tls: trust });
    const outcome = await rig.send(alarm);
    expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringContaining(words) });
    expect(inbox.posts).toEqual([]);
    expect(rig.outcomes.sentAttempts).toEqual([]);
  });

  test('a server that is known by another name than its host', async () => {
    const inbox = await stand.inbox({ tls: certificates.elsewhere });
    const named = { ...tls, serverName: 'elsewhere.callpoint.test' };
    expect(await stand.cap({ url: url(inbox.port, 'https'), tls: named }).send(alarm)).toEqual(acknowledged);
  });

  test('a damaged certificate of the authority fails attempts, not the start', async () => {
    const inbox = await stand.inbox({ tls: certificates.server });
    const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const rig = stand.cap({ url: url(inbox.port, 'https'), tls: { ca } });
    expect(await rig.send(alarm)).toMatchObject({ type: 'failed', detail: expect.stringContaining('under tls:') });
  });

  test('https to what speaks plain HTTP says so', async () => {
    const inbox = await stand.inbox();
    const outcome = await stand.cap({ url: url(inbox.port, 'https'), tls }).send(alarm);
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('check url') });
  });

  test('a wrong token is refused, in polls too; no secret stands in the words', async () => {
    const inbox = await stand.inbox({ authorization: 'Bearer right' });
    expect(await stand.cap({ url: url(inbox.port), headers: { authorization: 'Bearer right' } }).send(alarm)).toEqual(
      acknowledged,
    );
    const rig = stand.cap({ url: url(inbox.port), headers: { authorization: 'Bearer wrong' } });
    for (const outcome of [await rig.send(alarm), await rig.poll()]) {
      expect(outcome).toMatchObject({
        type: 'failed',
        reason: 'refused',
        detail: expect.stringContaining('keys.yaml'),
      });
      expect(JSON.stringify(outcome)).not.toContain('wrong');
    }
  });
});

test('a poll asks for nothing: a desk shows nothing of it', async () => {
  const inbox = await stand.inbox();
  const rig = stand.cap({ url: url(inbox.port) });
  expect(await rig.poll()).toEqual(acknowledged);
  expect(inbox.polls).toBe(1);
  expect(inbox.posts).toEqual([]);
});

test('stopped, it is silent, holds nothing open, and stops within a moment', async () => {
  const inbox = await stand.inbox();
  await inbox.behave({ type: 'hang' });
  const rig = stand.cap({ url: url(inbox.port) });
  const attempt = rig.begin(alarm);
  await rig.outcomes.until('it to be sent', () => rig.outcomes.sentAttempts.includes(attempt));
  await rig.driver.stop();
  await until(inbox, 'no connection', () => inbox.connections === 0);
  rig.begin(restore);
  expect(rig.outcomes.all).toEqual([]);
});
