import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { headerValue } from '../../protocol/sip/message.ts';
import {
  acknowledged,
  attemptOf,
  baseReport,
  certificate,
  createSipStand,
  key,
  places,
  pollOf,
  reportOf,
  settingsFor,
  settle,
} from './sip-rig.ts';

const stand = createSipStand();
afterEach(stand.close);
const { receiverWith, rigWith, connected } = stand;

describe('an alarm over SIP', () => {
  test('brings the CAP message and the place, and 200 acknowledges it', async () => {
    const { receiver, rig } = await connected();
    expect(await rig.send(attemptOf(1, { report: baseReport }))).toEqual(acknowledged);
    expect(rig.sent).toEqual([1]);
    const [call] = receiver.displayed;
    expect(call).toMatchObject({
      target: 'sip:alarms@centre.example',
      identifier: 'wb-101.5.17',
      status: 'Actual',
      msgType: 'Alert',
      headline: expect.stringContaining('Rm 101 Reception'),
    });
    for (const part of ['<scope>Private</scope>', '<addresses>sip:alarms@centre.example</addresses>'])
      expect(call?.cap).toContain(part);
    expect(call?.cap).toContain('<sender>sip:gw-1@northfield.example</sender>');
    for (const part of ['<ca:HNO>12</ca:HNO>', '<ca:ROOM>101</ca:ROOM>', '<gml:pos>39.781721 -89.650148</gml:pos>'])
      expect(call?.location).toContain(part);
  });

  test('is sent again with a CSeq, branch and tag of its own, and is the same to the receiver', async () => {
    const { receiver, rig } = await connected();
    const report = reportOf('wb-101.5.9');
    for (const attempt of [1, 2, 3])
      expect(await rig.send(attemptOf(attempt, { sequence: 7, report }))).toEqual(acknowledged);
    expect(receiver.messages).toHaveLength(3);
    expect(receiver.displayed).toHaveLength(1);
    for (const name of ['Via', 'From', 'CSeq'])
      expect(new Set(receiver.requests.map((request) => headerValue(request, name))).size).toBe(3);
    expect(new Set(receiver.requests.map((request) => headerValue(request, 'Call-ID'))).size).toBe(1);
    expect(new Set(receiver.messages.map(({ cap }) => cap)).size).toBe(1);
  });

  test('of a drill or a test never calls the real service', async () => {
    const { receiver, rig } = await connected({ target: 'urn:service:sos.police' });
    await rig.send(attemptOf(1, { report: { ...baseReport, exercise: 'drill' } }));
    await rig.send(attemptOf(2, { report: { ...reportOf('wb-101.5.2'), exercise: 'test' } }));
    await rig.send(attemptOf(3, { report: { ...reportOf('test.1'), class: 'test' } }));
    await rig.send(attemptOf(4));
    expect(receiver.messages.map(({ target, status }) => [target, status])).toEqual([
      ['urn:service:test.sos.police', 'Exercise'],
      ['urn:service:test.sos.police', 'Test'],
      ['urn:service:test.sos.police', 'Test'],
      ['urn:service:sos.police', 'Actual'],
    ]);
  });

  test('is followed by an update and a cancel that name it', async () => {
    const { receiver, rig } = await connected();
    await rig.send(attemptOf(1, { report: baseReport }));
    const { alert, occurredMs } = baseReport;
    if (alert === undefined) throw new Error('the report is about no alert');
    const later = { ...alert, earlier: [{ id: alert.id, occurredMs }] };
    await rig.send(
      attemptOf(2, { report: { ...baseReport, id: `${alert.id}.update.1`, class: 'update', alert: later } }),
    );
    await rig.send(
      attemptOf(3, { report: { ...baseReport, id: `${alert.id}.cancel`, class: 'cancel', alert: later } }),
    );
    expect(receiver.displayed.map(({ msgType }) => msgType)).toEqual(['Alert', 'Update', 'Cancel']);
    const named = 'sip:gw-1@northfield.example,wb-101.5.17,2026-01-02T03:04:05-00:00';
    for (const call of receiver.displayed.slice(1)) expect(call.cap).toContain(`<references>${named}</references>`);
  });

  test('goes over the connection that stands open; many at once share it', async () => {
    const { receiver, rig } = await connected();
    const attempts = Array.from({ length: 200 }, (_, index) => attemptOf(index + 1));
    const outcomes = await Promise.all(attempts.map((attempt) => rig.send(attempt)));
    expect(outcomes).toEqual(attempts.map(() => acknowledged));
    expect(receiver.displayed).toHaveLength(200);
    expect(receiver.connections).toBe(1);
  });

  test('waits for the connection when there is none yet', async () => {
    const receiver = await receiverWith();
    const rig = rigWith(settingsFor(receiver.port));
    expect(await rig.send(attemptOf(1))).toEqual(acknowledged);
  });

  test('never waits for DNS', async () => {
    const { port } = await receiverWith();
    const rig = rigWith(settingsFor(port, { host: 'centre.example' }), { lookup: () => new Promise(() => undefined) });
    expect(await rig.send(attemptOf(1))).toMatchObject({ type: 'failed', reason: 'noAddress' });
    expect(rig.sent).toEqual([]);
  });

  test('of a site without an address still says the room', async () => {
    const bare = { site: places.site, gateway: places.gateway, buildings: new Map() };
    const { receiver, rig } = await connected({ places: bare });
    expect(await rig.send(attemptOf(1))).toEqual(acknowledged);
    expect(receiver.displayed[0]?.location).toContain('<ca:ROOM>101</ca:ROOM>');
    expect(receiver.displayed[0]?.location).not.toContain('ca:country');
  });
});

describe('over TLS', () => {
  const tls = { certificate, key };

  test('the receiver is proved by its authority, and asked by its own certificate', async () => {
    const own = { ca: certificate, own: { certificate, key }, serverName: 'localhost' };
    const { receiver, rig } = await connected({ tls: own }, { tls: { ...tls, ca: certificate } });
    expect(await rig.send(attemptOf(1))).toEqual(acknowledged);
    const [request] = receiver.requests;
    expect(request && headerValue(request, 'Via')).toMatch(/^SIP\/2\.0\/TLS 127\.0\.0\.1:\d+;branch=z9hG4bK/);
  });

  test.each([
    ['of an unknown authority', { serverName: 'localhost' }],
    ['for another name', { ca: certificate, serverName: 'centre.example' }],
  ])('a certificate %s is refused: nothing is sent', async (_, settings) => {
    const receiver = await receiverWith({ tls });
    const rig = rigWith(settingsFor(receiver.port, { tls: settings }));
    expect(await rig.send(attemptOf(1))).toMatchObject({
      type: 'failed',
      reason: 'refused',
      detail: expect.stringContaining('under tls'),
    });
    expect(rig.sent).toEqual([]);
    expect(receiver.requests).toEqual([]);
  });

  test('a receiver that never finishes the handshake is given up', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const rig = rigWith(
      settingsFor(port, { tls: { ca: certificate, serverName: 'localhost' }, connectTimeoutMs: 100 }),
    );
    expect(await rig.send(attemptOf(1))).toMatchObject({ type: 'failed', reason: 'unreachable' });
    await rig.driver.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe('the connection', () => {
  test('a poll asks the receiver with OPTIONS, and the proxy where a service is called', async () => {
    const { receiver, rig } = await connected();
    expect(await rig.send(pollOf(1))).toEqual(acknowledged);
    expect(receiver.requests).toMatchObject([{ method: 'OPTIONS', uri: 'sip:alarms@centre.example' }]);
    const service = await connected({ target: 'urn:service:sos' });
    expect(await service.rig.send(pollOf(1))).toEqual(acknowledged);
    expect(service.receiver.requests[0]?.uri).toBe(`sip:127.0.0.1:${service.receiver.port};transport=tcp`);
    expect(service.receiver.messages).toEqual([]);
  });

  test.each([
    [405, acknowledged],
    [486, acknowledged],
    [404, { type: 'unproven', detail: expect.stringContaining('check target (SIP 404') }],
    [403, { type: 'failed', reason: 'refused' }],
    [408, { type: 'failed', reason: 'protocolError' }],
    [503, { type: 'failed', reason: 'protocolError' }],
  ])('a poll answered with %d', async (status, outcome) => {
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'refuseWith', status });
    expect(await rig.send(pollOf(1))).toMatchObject(outcome);
  });

  test('answers what the far end asks: OPTIONS, anything else, and a ping', async () => {
    const { receiver } = await connected();
    const answers: string[] = [];
    receiver.on((notice) => {
      if (notice.type === 'pong') answers.push('pong');
      if (notice.type === 'answered') answers.push(`${notice.response.status} ${headerValue(notice.response, 'CSeq')}`);
    });
    const ask = (method: string) =>
      receiver.say({
        type: 'request',
        method,
        uri: 'sip:gw-1@northfield.example',
        headers: [
          { name: 'Via', value: 'SIP/2.0/TCP proxy.example;branch=z9hG4bK1' },
          { name: 'From', value: '<sip:proxy.example>;tag=1' },
          { name: 'To', value: '<sip:gw-1@northfield.example>' },
          { name: 'Call-ID', value: 'a' },
          { name: 'CSeq', value: `1 ${method}` },
        ],
        body: new Uint8Array(),
      });
    for (const [count, method] of ['OPTIONS', 'INVITE', 'ACK', 'NOTIFY'].entries()) {
      ask(method);
      if (method !== 'ACK') await receiver.until(() => answers.length >= Math.min(count + 1, 3));
    }
    receiver.say(Buffer.from('\r\n\r\n'));
    await receiver.until(() => answers.includes('pong'));
    expect(answers).toEqual(['200 1 OPTIONS', '405 1 INVITE', '405 1 NOTIFY', 'pong']);
    expect(receiver.connections).toBe(1);
  });

  test('is opened again in the background after it was lost', async () => {
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'closeBeforeAnswering' });
    expect(await rig.send(attemptOf(1))).toMatchObject({ type: 'failed', reason: 'closed' });
    await receiver.until((one) => one.connections === 0);
    await receiver.behave({ type: 'normal' });
    await receiver.until((one) => one.connections === 1);
    await settle();
    expect(await rig.send(attemptOf(2))).toEqual(acknowledged);
  });

  test('stop ends it at once and tells nothing more', async () => {
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'hang' });
    rig.driver.send(attemptOf(1));
    await rig.driver.stop();
    await receiver.until((one) => one.connections === 0);
    expect(rig.outcomes).toEqual([]);
  });
});
