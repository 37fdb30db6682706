import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { formatTimestamp } from '../../protocol/dc09/timestamp.ts';
import { attemptOf, baseReport, pollOf, settingsFor } from './dc09-rig.ts';
import { acknowledged, createStand, settle } from './dc09-stand.ts';

const stand = createStand();
afterEach(stand.close);
const { receiverWith, rigWith, connected, listening } = stand;

describe('delivery', () => {
  test('an alarm arrives with account, code, zone, area, text, id and time, and is acknowledged', async () => {
    const { receiver, rig } = await connected();
    expect(await rig.send({ attempt: 1, sequence: 42, report: baseReport })).toEqual(acknowledged);
    expect(receiver.displayed).toMatchObject([
      {
        account: '1234',
        token: 'SIA-DCS',
        sequence: 42,
        code: 'HA',
        zone: 101,
        area: 1,
        text: `${baseReport.text} (${baseReport.id})`,
        reportId: baseReport.id,
        xdata: ['H03:04:05,01-02-2026'],
      },
    ]);
  });

  test.each([
    [2, '#1234|Nri2/HA101^', '#1234|1122 02 101'],
    [0, '#1234|NHA101^', '#1234|1122 00 101'],
    [undefined, '#1234|Nri1/HA101^', '#1234|1122 01 101'],
  ])('the area is the path’s own (%s), in each format, else the report’s', async (area, sia, contactId) => {
    const { receiver, rig } = await connected(area === undefined ? {} : { area });
    await rig.send({ attempt: 1 });
    await rig.send({ attempt: 2, format: 1 });
    expect(receiver.events.map((event) => event.data)).toEqual([expect.stringContaining(sia), contactId]);
  });

  test('a warm send is written before the call returns', async () => {
    const { receiver, rig } = await connected();
    await rig.send({ attempt: 1 });
    rig.driver.send(attemptOf(2));
    expect(rig.sent.map((one) => one.attempt)).toEqual([1, 2]);
    expect(rig.outcomes.has(2)).toBe(false);
    expect(await rig.outcome(2)).toEqual(acknowledged);
    expect(receiver.events).toHaveLength(2);
  });

  test('the bytes of a warm send reach the kernel within the call, whatever the event loop does next', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    const rig = rigWith(settingsFor(await listening(server)));
    await new Promise((resolve) => server.once('connection', resolve));
    await settle();
    rig.driver.send(attemptOf(1));
    const destroyed = rig.driver.stop();
    const bytes = await new Promise<Buffer>((resolve) => sockets[0]?.once('data', resolve));
    await destroyed;
    expect(bytes.toString('latin1')).toMatch(/^\n[0-9A-F]{8}"SIA-DCS"0001R0L0#1234\[#1234\|Nri1\/HA101\^.*\r$/);
  });

  test.each([16, 24, 32])('an encrypted alarm and poll (%i-byte key) are accepted', async (size) => {
    const key = Buffer.alloc(size, 'K');
    const { receiver, rig } = await connected({ key }, { accounts: [{ account: '1234', key }] });
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    expect(await rig.send({ attempt: 2, format: 1 })).toEqual(acknowledged);
    rig.driver.send(pollOf(3));
    expect(await rig.outcome(3)).toEqual(acknowledged);
    expect(receiver.displayed).toMatchObject([
      { encrypted: true, code: 'HA', zone: 101 },
      { encrypted: true, token: 'ADM-CID', code: '122', qualifier: 1, zone: 101, area: 1 },
    ]);
    expect(receiver.polls).toBe(1);
  });

  test('a waiting report is stamped anew at each sending; stamp and time of occurrence are by the receiver’s clock once it told its own', async () => {
    const receiver = await receiverWith({ nowWallMs: () => Date.UTC(2026, 5, 1) });
    const rig = rigWith(settingsFor(receiver.port), { nowWallMs: () => 12_345_000 });
    expect(await rig.send({ attempt: 1 })).toEqual({ type: 'wrongTime', receiverTimeMs: Date.UTC(2026, 5, 1) });
    const clockOffsetMs = Date.UTC(2026, 5, 1) - 12_345_000;
    expect(await rig.send({ attempt: 2, clockOffsetMs })).toEqual(acknowledged);
    const occurred = `H${formatTimestamp(Date.UTC(2026, 0, 2, 3, 4, 5) + clockOffsetMs)}`;
    expect(receiver.displayed).toMatchObject([{ timestampMs: Date.UTC(2026, 5, 1), xdata: [occurred] }]);
  });

  test('without time stamps configured, plain messages carry none', async () => {
    const { receiver, rig } = await connected({ timestamp: false });
    await rig.send({ attempt: 1 });
    expect(receiver.events[0]?.timestampMs).toBeUndefined();
  });

  test('in a storm every report arrives once, over no more connections than configured', async () => {
    const { receiver, rig } = await connected({ connections: 3 });
    let most = 0;
    receiver.on((notice) => {
      if (notice.type === 'connected') most = Math.max(most, notice.connections);
    });
    const all = Array.from({ length: 500 }, (_, index) => rig.send({ attempt: index + 1 }));
    expect(await Promise.all(all)).toEqual(all.map(() => acknowledged));
    expect(receiver.displayed).toHaveLength(500);
    expect(receiver.events).toHaveLength(500);
    expect(most).toBeLessThanOrEqual(3);
    expect(rig.outcomeCount()).toBe(500);
  });

  test('a receiver that answers slowly is used in parallel', async () => {
    const { receiver, rig } = await connected({ connections: 4 });
    await receiver.behave({ type: 'delay', ms: 60_000 });
    for (const attempt of [1, 2, 3, 4]) rig.driver.send(attemptOf(attempt));
    // All four have arrived, and none has been answered.
    await receiver.until((one) => one.events.length === 4);
    expect(rig.outcomeCount()).toBe(0);
    expect(receiver.connections).toBe(4);
  });
});

describe('polls', () => {
  test('a poll is a NULL with sequence 0000 and proves the path', async () => {
    const { receiver, rig } = await connected();
    rig.driver.send(pollOf(1));
    expect(await rig.outcome(1)).toEqual(acknowledged);
    expect(receiver.polls).toBe(1);
    expect(receiver.events).toEqual([]);
  });

  test.each([
    ['nak', 'wrongTime'],
    ['duh', 'notUnderstood'],
  ] as const)('a poll refused with %s says so (%s), and alarms still go through', async (nullPolicy, type) => {
    const { rig } = await connected({}, { nullPolicy });
    rig.driver.send(pollOf(1));
    expect(await rig.outcome(1)).toMatchObject({ type });
    expect(await rig.send({ attempt: 2 })).toEqual(acknowledged);
  });
});

describe('the standing connection', () => {
  test('comes back by itself after the receiver closed it, and the next press finds it warm', async () => {
    const { receiver, rig } = await connected();
    await rig.send({ attempt: 1 });
    await receiver.behave({ type: 'idleClose', ms: 20 });
    await receiver.until((one) => one.connections === 0);
    await receiver.behave({ type: 'normal' });
    await receiver.until((one) => one.connections === 1);
    await settle();
    rig.driver.send(attemptOf(2));
    expect(rig.sent.at(-1)?.attempt).toBe(2);
    expect(await rig.outcome(2)).toEqual(acknowledged);
  });

  test('does not hold a press back while it waits to reconnect', async () => {
    const receiver = await receiverWith();
    let dials = 0;
    const dial = () => {
      dials += 1;
      return connect(receiver.port, '127.0.0.1');
    };
    const rig = rigWith(settingsFor(receiver.port), { dial });
    await receiver.until((one) => one.connections === 1);
    await receiver.behave({ type: 'refuse' });
    await settle();
    expect(await rig.send({ attempt: 1 })).toMatchObject({ reason: 'unreachable' });
    await receiver.behave({ type: 'normal' });
    const before = dials;
    rig.driver.send(attemptOf(2));
    expect(dials).toBe(before + 1);
    expect(await rig.outcome(2)).toEqual(acknowledged);
  });
});

describe('addresses', () => {
  test('with a name server that never answers, a send fails at once and says why', async () => {
    const receiver = await receiverWith();
    const rig = rigWith(settingsFor(receiver.port, { host: 'cms.example' }), {
      lookup: () => new Promise(() => undefined),
    });
    rig.driver.send(attemptOf(1));
    expect(rig.outcomeCount()).toBe(0);
    expect(await rig.outcome(1)).toMatchObject({ type: 'failed', reason: 'noAddress' });
  });

  test('once known, an address is used without asking again', async () => {
    const receiver = await receiverWith();
    let asked = 0;
    const lookup = () => {
      asked += 1;
      return asked === 1 ? Promise.resolve(['127.0.0.1']) : new Promise<never>(() => undefined);
    };
    const rig = rigWith(settingsFor(receiver.port, { host: 'cms.example' }), { lookup });
    await receiver.until((one) => one.connections === 1);
    await receiver.behave({ type: 'refuse' });
    await settle();
    expect(await rig.send({ attempt: 1 })).toMatchObject({ reason: 'unreachable' });
    await receiver.behave({ type: 'normal' });
    expect(await rig.send({ attempt: 2 })).toEqual(acknowledged);
    expect(asked).toBe(1);
  });

  test('an address that does not work gives way to the host’s next one', async () => {
    const receiver = await receiverWith();
    const lookup = () => Promise.resolve(['127.0.0.77', '127.0.0.1']);
    const rig = rigWith(settingsFor(receiver.port, { host: 'cms.example' }), { lookup });
    await settle();
    const outcomes = [await rig.send({ attempt: 1 }), await rig.send({ attempt: 2 })];
    expect(outcomes.at(-1)).toEqual(acknowledged);
  });

  test('a literal address is never looked up', async () => {
    const receiver = await receiverWith();
    const rig = rigWith(settingsFor(receiver.port), { lookup: () => Promise.reject(new Error('asked')) });
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
  });
});

describe('stopping', () => {
  test('closes everything and reports nothing afterwards', async () => {
    const { receiver, rig } = await connected({ connections: 2 });
    await receiver.behave({ type: 'hang' });
    for (const attempt of [1, 2, 3]) rig.driver.send(attemptOf(attempt));
    await rig.driver.stop();
    await receiver.until((one) => one.connections === 0);
    rig.driver.send(attemptOf(4));
    await settle();
    expect(rig.outcomeCount()).toBe(0);
  });

  test('abandoning a report that still waits for a connection leaves the others alone', async () => {
    const { receiver, rig } = await connected({ connections: 1 });
    await receiver.behave({ type: 'delay', ms: 30 });
    for (const attempt of [1, 2, 3]) rig.driver.send(attemptOf(attempt));
    rig.driver.abandon(2);
    expect(await rig.outcome(1)).toEqual(acknowledged);
    expect(await rig.outcome(3)).toEqual(acknowledged);
    expect(receiver.displayed.map((event) => event.sequence)).toEqual([1, 3]);
    expect(rig.outcomes.has(2)).toBe(false);
  });
});
