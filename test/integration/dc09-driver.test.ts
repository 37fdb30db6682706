import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import type { ReceiverBehaviour } from '../../device-sim/receiver/behaviour.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../device-sim/receiver/receiver.ts';
import type { Dc09Services } from '../../gateway/paths/dc09/driver.ts';
import type { Dc09Settings } from '../../gateway/paths/dc09/settings.ts';
import { encodeAck, encodeNak } from '../../protocol/dc09/reply.ts';
import { attemptOf, baseReport, pollOf, type Rig, settingsFor, startRig } from './dc09-rig.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

async function receiverWith(options: Partial<ReceiverOptions> = {}): Promise<Receiver> {
  const receiver = await startReceiver({ port: 0, accounts: [{ account: '1234' }], ...options });
  cleanups.push(() => receiver.close());
  return receiver;
}

function rigWith(settings: Dc09Settings, services: Partial<Dc09Services> = {}): Rig {
  const rig = startRig(settings, services);
  cleanups.push(() => rig.driver.stop());
  return rig;
}

/** Receiver and driver with the standing connection open. */
async function connected(extra: Partial<Dc09Settings> = {}, options: Partial<ReceiverOptions> = {}) {
  const receiver = await receiverWith(options);
  const rig = rigWith(settingsFor(receiver.port, extra));
  await receiver.until((one) => one.connections === 1);
  await settle();
  return { receiver, rig };
}

const acknowledged = { type: 'receiverAcknowledged' };
/** A few turns of the event loop: what the kernel already has for either end is read. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** A listener that never accepts: once its queue is full, the kernel leaves connection requests unanswered. */
async function blackHole() {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(source, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const fillers: Socket[] = [];
  const fill = async () => {
    for (let i = 0; i < 2; i++) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      fillers.push(socket);
      await once(socket, 'connect');
    }
  };
  const end = async () => {
    for (const socket of fillers) socket.destroy();
    await worker.terminate();
  };
  return { port, fill, end };
}

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

  test('a waiting report is stamped anew at each sending, with the clock offset added, and keeps its time of occurrence', async () => {
    const receiver = await receiverWith({ nowWallMs: () => Date.UTC(2026, 5, 1) });
    const rig = rigWith(settingsFor(receiver.port), { nowWallMs: () => 12_345_000 });
    expect(await rig.send({ attempt: 1 })).toEqual({ type: 'wrongTime', receiverTimeMs: Date.UTC(2026, 5, 1) });
    expect(await rig.send({ attempt: 2, clockOffsetMs: Date.UTC(2026, 5, 1) - 12_345_000 })).toEqual(acknowledged);
    expect(receiver.displayed).toMatchObject([{ timestampMs: Date.UTC(2026, 5, 1), xdata: ['H03:04:05,01-02-2026'] }]);
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
    await receiver.behave({ type: 'delay', ms: 100 });
    const before = performance.now();
    await Promise.all([1, 2, 3, 4].map((attempt) => rig.send({ attempt })));
    expect(performance.now() - before).toBeLessThan(350);
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

describe('a receiver that misbehaves', () => {
  const failed = (reason: string) => ({ type: 'failed', reason });
  const cases: readonly [ReceiverBehaviour, object, number][] = [
    [{ type: 'refuse' }, failed('refused'), 0],
    [{ type: 'closeMidFrame' }, failed('closed'), 0],
    [{ type: 'halfFrameThenClose' }, failed('protocolError'), 1],
    [{ type: 'badCrc' }, failed('protocolError'), 1],
    [{ type: 'garbage' }, failed('protocolError'), 1],
    [{ type: 'closeBeforeAnswering' }, failed('closed'), 1],
    [{ type: 'nak', times: Number.POSITIVE_INFINITY }, { type: 'wrongTime' }, 0],
    [{ type: 'duh', times: Number.POSITIVE_INFINITY }, { type: 'notUnderstood' }, 0],
    [{ type: 'delay', ms: 50 }, acknowledged, 1],
    [{ type: 'closeAfterAck' }, acknowledged, 1],
    [{ type: 'ackTwice' }, acknowledged, 1],
  ];

  test.each(cases)(
    '%j ends an attempt as it should; the next one works when the receiver is well',
    async (how, outcome, seen) => {
      const { receiver, rig } = await connected();
      await receiver.behave(how);
      await settle();
      expect(await rig.send({ attempt: 1 })).toMatchObject(outcome);
      expect(receiver.events).toHaveLength(seen);
      await receiver.behave({ type: 'normal' });
      await settle();
      expect(await rig.send({ attempt: 2, sequence: 1, report: { ...baseReport, id: 'wb-101.5.1' } })).toEqual(
        acknowledged,
      );
      expect(receiver.displayed).toHaveLength(1);
      expect(rig.outcomeCount()).toBe(2);
    },
  );

  const silent: readonly ReceiverBehaviour[] = [
    { type: 'hang' },
    { type: 'vanish' },
    { type: 'halfFrameThenSilence' },
    { type: 'wrongSequence' },
    { type: 'wrongAccount' },
  ];

  test.each(silent)(
    '%j gives no outcome; the abandoned connection is dropped and the next attempt works',
    async (how) => {
      const { receiver, rig } = await connected();
      await receiver.behave(how);
      const answered = new Promise<void>((resolve) => {
        const off = receiver.on(() => {
          off();
          resolve();
        });
      });
      rig.driver.send(attemptOf(1));
      if (how.type !== 'hang' && how.type !== 'vanish') await answered;
      await settle();
      rig.driver.abandon(1);
      await receiver.behave({ type: 'normal' });
      expect(await rig.send({ attempt: 2 })).toEqual(acknowledged);
      expect(rig.outcomes.has(1)).toBe(false);
    },
  );

  test('NAK sent twice before closing does not spoil the repeat', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      const isFirst = connections === 1;
      socket.on('error', () => socket.destroy());
      socket.on('data', () => {
        if (!isFirst) return void socket.write(encodeAck({ sequence: 1, prefix: '0', account: '1234' }));
        socket.write(encodeNak(0));
        setTimeout(() => socket.end(encodeNak(0)), 20);
      });
    });
    const rig = rigWith(settingsFor(await listening(server), { connections: 1 }));
    expect(await rig.send({ attempt: 1, sequence: 1 })).toEqual({ type: 'wrongTime', receiverTimeMs: 0 });
    expect(await rig.send({ attempt: 2, sequence: 1 })).toEqual(acknowledged);
  });

  test('DUH once: the next format is accepted on the same connection', async () => {
    const { receiver, rig } = await connected({ connections: 1 });
    await receiver.behave({ type: 'duh', times: 1 });
    expect(await rig.send({ attempt: 1 })).toEqual({ type: 'notUnderstood' });
    expect(await rig.send({ attempt: 2, format: 1 })).toEqual(acknowledged);
    expect(receiver.displayed).toMatchObject([{ token: 'ADM-CID', code: '122' }]);
    expect(receiver.connections).toBe(1);
  });

  test('an answer that comes twice never acknowledges another report', async () => {
    const { receiver, rig } = await connected({ connections: 1 });
    await receiver.behave({ type: 'ackTwice' });
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    await receiver.behave({ type: 'hang' });
    rig.driver.send(attemptOf(2));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(rig.outcomes.has(2)).toBe(false);
  });

  test('closing after each answer costs a storm one attempt a connection at most', async () => {
    const { receiver, rig } = await connected({ connections: 2 });
    await receiver.behave({ type: 'closeAfterAck' });
    const outcomes = await Promise.all(Array.from({ length: 40 }, (_, index) => rig.send({ attempt: index + 1 })));
    expect(outcomes.filter((outcome) => outcome.type === 'failed').length).toBeLessThanOrEqual(2);
    expect(outcomes.filter((outcome) => outcome.type === 'receiverAcknowledged').length).toBeGreaterThanOrEqual(38);
    await receiver.behave({ type: 'normal' });
    const after = Array.from({ length: 10 }, (_, index) => rig.send({ attempt: 100 + index }));
    expect(await Promise.all(after)).toEqual(after.map(() => acknowledged));
  });

  test('a host that does not answer connection requests is unreachable after the time-out', async () => {
    const { port, fill, end } = await blackHole();
    cleanups.push(end);
    await fill();
    const rig = rigWith(settingsFor(port, { connectTimeoutMs: 80 }));
    expect(await rig.send({ attempt: 1 })).toMatchObject({ type: 'failed', reason: 'unreachable' });
  });

  test('one that accepts a single connection still gets everything, in turn', async () => {
    const receiver = await receiverWith();
    // A listener that closes after its first connection, which lives on: further ones are refused.
    const gate = createServer((socket) => {
      gate.close();
      const onward = connect(receiver.port, '127.0.0.1');
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    });
    const rig = rigWith(settingsFor(await listening(gate)));
    await receiver.until((one) => one.connections === 1);
    await settle();
    const all = [1, 2, 3, 4, 5, 6].map((attempt) => rig.send({ attempt }));
    expect(await Promise.all(all)).toEqual(all.map(() => acknowledged));
    expect(receiver.displayed).toHaveLength(6);
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
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'refuse' });
    await settle();
    expect(await rig.send({ attempt: 1 })).toMatchObject({ reason: 'refused' });
    await receiver.behave({ type: 'normal' });
    const before = performance.now();
    expect(await rig.send({ attempt: 2 })).toEqual(acknowledged);
    expect(performance.now() - before).toBeLessThan(300);
  });
});

describe('addresses', () => {
  test('with a name server that never answers, a send fails at once and says why', async () => {
    const receiver = await receiverWith();
    const rig = rigWith(settingsFor(receiver.port, { host: 'cms.example' }), {
      lookup: () => new Promise(() => undefined),
    });
    const before = performance.now();
    rig.driver.send(attemptOf(1));
    expect(rig.outcomeCount()).toBe(0);
    expect(await rig.outcome(1)).toMatchObject({ type: 'failed', reason: 'noAddress' });
    expect(performance.now() - before).toBeLessThan(100);
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
    expect(await rig.send({ attempt: 1 })).toMatchObject({ reason: 'refused' });
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
  test('closes everything within 500 ms and reports nothing afterwards', async () => {
    const { receiver, rig } = await connected({ connections: 2 });
    await receiver.behave({ type: 'hang' });
    for (const attempt of [1, 2, 3]) rig.driver.send(attemptOf(attempt));
    const before = performance.now();
    await rig.driver.stop();
    expect(performance.now() - before).toBeLessThan(500);
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
