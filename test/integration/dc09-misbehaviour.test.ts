import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { ReceiverBehaviour } from '../../device-sim/receiver/behaviour.ts';
import { encodeAck, encodeDuh, encodeNak } from '../../protocol/dc09/reply.ts';
import { attemptOf, baseReport, settingsFor } from './dc09-rig.ts';
import { acknowledged, createStand, settle } from './dc09-stand.ts';

const stand = createStand();
afterEach(stand.close);
const { receiverWith, rigWith, connected, listening, blackHole } = stand;

describe('a receiver that misbehaves', () => {
  const failed = (reason: string) => ({ type: 'failed', reason });
  const cases: readonly [ReceiverBehaviour, object, number][] = [
    [{ type: 'refuse' }, failed('unreachable'), 0],
    [{ type: 'closeMidFrame' }, failed('closed'), 0],
    [{ type: 'halfFrameThenClose' }, failed('protocolError'), 1],
    [{ type: 'badCrc' }, failed('protocolError'), 1],
    [{ type: 'garbage' }, failed('protocolError'), 1],
    [{ type: 'wrongSequence' }, { detail: 'the receiver answered ACK to message 0002, ours is 0001' }, 1],
    [{ type: 'wrongAccount' }, { detail: expect.stringContaining('for account FFFF0, ours is 1234') }, 1],
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
    { type: 'vanishAfterAccepting' },
    { type: 'loseRequests', times: 1 },
    { type: 'loseAnswers', times: 1 },
    { type: 'halfFrameThenSilence' },
    { type: 'drip', ms: 1 },
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
    const to = (sequence: number) => ({ sequence, prefix: '0', account: '1234' });
    let frames = 0;
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => {
        frames += 1;
        socket.write(encodeAck(to(1)));
        if (frames === 2) socket.write(encodeDuh(to(2)));
      });
    });
    const rig = rigWith(settingsFor(await listening(server), { connections: 1 }));
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    expect(await rig.send({ attempt: 2 })).toEqual({ type: 'notUnderstood' });
  });

  test('a host that does not answer connection requests is unreachable after the time-out', async () => {
    const { port, fill } = await blackHole();
    await fill();
    const rig = rigWith(settingsFor(port, { connectTimeoutMs: 80 }));
    expect(await rig.send({ attempt: 1 })).toMatchObject({ type: 'failed', reason: 'unreachable' });
  });

  test('one that accepts a single connection still gets everything, in turn', async () => {
    const receiver = await receiverWith();
    // This listener closes after its first connection, which stays open. Later ones are refused.
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
