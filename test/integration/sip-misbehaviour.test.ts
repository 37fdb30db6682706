import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { SipBehaviour } from '../../device-sim/sip/behaviour.ts';
import { encodeSip, replyTo } from '../../protocol/sip/message.ts';
import { SipStream } from '../../protocol/sip/stream.ts';
import { acknowledged, attemptOf, createSipStand, reportOf, settingsFor, settle } from './sip-rig.ts';

const stand = createSipStand();
afterEach(stand.close);
const { rigWith, connected } = stand;

const failed = (reason: string) => ({ type: 'failed', reason });
const repeated = (attempt: number) => attemptOf(attempt, { sequence: 1, report: reportOf('wb-101.5.1') });

describe('a receiver that misbehaves', () => {
  const cases: readonly [SipBehaviour, object, number][] = [
    [{ type: 'refuse' }, failed('unreachable'), 0],
    [{ type: 'closeMidMessage' }, failed('closed'), 0],
    [{ type: 'halfThenClose' }, failed('protocolError'), 1],
    [{ type: 'garbage' }, failed('protocolError'), 1],
    [{ type: 'closeBeforeAnswering' }, failed('closed'), 1],
    [{ type: 'delay', ms: 30 }, acknowledged, 1],
    [{ type: 'tryingThenAnswer', ms: 30 }, acknowledged, 1],
    [{ type: 'closeAfterAnswering' }, acknowledged, 1],
    [{ type: 'answerTwice' }, acknowledged, 1],
    [{ type: 'vanishAfterAccepting' }, acknowledged, 1],
    [{ type: 'progressThenAnswer' }, acknowledged, 1],
    [{ type: 'relayed' }, { type: 'handedOver' }, 1],
    [{ type: 'badAlert', code: 103 }, { type: 'notUnderstood' }, 0],
    [{ type: 'badLocation' }, { type: 'notUnderstood' }, 0],
    [{ type: 'refuseWith', status: 500 }, failed('protocolError'), 0],
    [{ type: 'refuseWith', status: 302, headers: { Contact: '<sip:other@centre.example>' } }, failed('refused'), 0],
    [{ type: 'refuseWith', status: 403 }, failed('refused'), 0],
    [{ type: 'refuseWith', status: 513 }, { type: 'notUnderstood' }, 0],
  ];

  test.each(cases)(
    '%j ends an attempt as it should; the next one works when the receiver is well',
    async (how, outcome, seen) => {
      const { receiver, rig } = await connected();
      await receiver.behave(how);
      await settle();
      expect(await rig.send(attemptOf(1))).toMatchObject(outcome);
      expect(receiver.messages).toHaveLength(seen);
      await receiver.behave({ type: 'normal' });
      await settle();
      expect(await rig.send(repeated(2))).toEqual(acknowledged);
      expect(receiver.displayed).toHaveLength(1);
      expect(rig.outcomes).toHaveLength(2);
    },
  );

  const silent: readonly SipBehaviour[] = [
    { type: 'hang' },
    { type: 'vanish' },
    { type: 'halfThenSilence' },
    { type: 'drip', ms: 1 },
    { type: 'wrongBranch' },
    { type: 'wrongCallId' },
    { type: 'wrongCseq' },
    { type: 'tryingOnly' },
  ];

  test.each(silent)('%j gives no outcome; once given up, the next attempt works', async (how) => {
    const { receiver, rig } = await connected();
    await receiver.behave(how);
    rig.driver.send(attemptOf(1));
    if (how.type !== 'hang' && how.type !== 'vanish') await receiver.until((one) => one.messages.length === 1);
    await settle();
    rig.driver.abandon(1);
    await receiver.behave({ type: 'normal' });
    expect(await rig.send(repeated(2))).toEqual(acknowledged);
    expect(receiver.displayed).toHaveLength(1);
    expect(rig.outcomes.map(({ attempt }) => attempt)).toEqual([2]);
  });

  test('a bad location never stops an alarm: without it, it is taken', async () => {
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'badLocation' });
    expect(await rig.send(attemptOf(1))).toMatchObject({ type: 'notUnderstood' });
    expect(await rig.send({ ...repeated(2), format: 1 })).toEqual(acknowledged);
    expect(receiver.displayed).toHaveLength(1);
    expect(receiver.displayed[0]?.location).toBeUndefined();
    expect(receiver.displayed[0]?.cap).toContain('Rm 101 Reception');
  });

  test('the code of a bad alert is told', async () => {
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'badAlert', code: 103 });
    const outcome = await rig.send(attemptOf(1));
    expect(outcome).toMatchObject({ detail: expect.stringContaining('AlertMsg-Error 103') });
  });

  test('an answer that comes twice never acknowledges another report', async () => {
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'answerTwice' });
    expect(await rig.send(attemptOf(1))).toEqual(acknowledged);
    await receiver.behave({ type: 'tryingOnly' });
    rig.driver.send(attemptOf(2));
    await receiver.until((one) => one.messages.length === 2);
    await receiver.behave({ type: 'normal' });
    // Answers keep their order on a connection: this one comes after the second answer to the first
    // request.
    expect(await rig.send(attemptOf(3))).toEqual(acknowledged);
    expect(rig.outcomes.map(({ attempt }) => attempt)).toEqual([1, 3]);
  });

  test('one that answers some and not others keeps its connection, and late answers to what was given up are dropped', async () => {
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'delay', ms: 50 });
    rig.driver.send(attemptOf(1));
    await receiver.until((one) => one.messages.length === 1);
    await receiver.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(2))).toEqual(acknowledged);
    rig.driver.abandon(1);
    // It is as late as the first answer and was requested after it, so it comes after it.
    await receiver.behave({ type: 'delay', ms: 50 });
    expect(await rig.send(attemptOf(3))).toEqual(acknowledged);
    expect(rig.outcomes.map(({ attempt }) => attempt)).toEqual([2, 3]);
    expect(receiver.connections).toBe(1);
  });

  test('one that falls silent loses only what is given up: the rest may still be answered on the old connection', async () => {
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'delay', ms: 500 });
    for (const attempt of [1, 2]) rig.driver.send(attemptOf(attempt));
    await receiver.until((one) => one.messages.length === 2);
    rig.driver.abandon(1);
    await receiver.until((one) => one.connections === 2);
    await receiver.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(3))).toEqual(acknowledged);
    expect(await rig.outcome(2)).toEqual(acknowledged);
    await receiver.until((one) => one.connections === 1);
    expect(rig.outcomes.map(({ attempt }) => attempt)).toEqual([3, 2]);
  });

  test('everything under way fails with the connection', async () => {
    const { receiver, rig } = await connected();
    await receiver.behave({ type: 'hang' });
    const all = [1, 2, 3].map((attempt) => rig.send(attemptOf(attempt)));
    await settle();
    await receiver.behave({ type: 'refuse' });
    for (const outcome of await Promise.all(all)) expect(outcome).toMatchObject(failed('closed'));
    expect(await rig.send(attemptOf(4))).toMatchObject(failed('unreachable'));
  });
});

test('a far end that only keeps its connection alive counts as silent: the next message gets a new one', async () => {
  const sockets: Socket[] = [];
  let isDeaf = true;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    if (!isDeaf) {
      const stream = new SipStream();
      socket.on('data', (chunk) => {
        for (const piece of stream.push(chunk)) {
          if (piece.type !== 'message' || piece.message.type !== 'request') continue;
          socket.write(encodeSip(replyTo(piece.message, 200, 'OK', 'far')));
        }
      });
      return;
    }
    // This receiver has read the message and does nothing about it.
    socket.on('data', (chunk) => {
      if (chunk.length === 2) return;
      socket.write('\r\n\r\n');
      socket.write('OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP p;branch=z9hG4bK1\r\nCSeq: 1 OPTIONS\r\n\r\n');
      isDeaf = false;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const rig = rigWith(settingsFor((server.address() as { port: number }).port));
  rig.driver.send(attemptOf(1));
  await vi.waitFor(() => expect(isDeaf).toBe(false));
  await settle();
  rig.driver.abandon(1);
  expect(await rig.send(repeated(2))).toEqual(acknowledged);
  await rig.driver.stop();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('a far end that asks without end and reads nothing is dropped', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).pause();
    const ask = Buffer.from(
      `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP p;branch=z9hG4bK1;x=${'x'.repeat(12_000)}\r\nCSeq: 1 OPTIONS\r\n\r\n`,
    );
    const flood = () => {
      while (!socket.destroyed && socket.write(ask));
    };
    socket.on('drain', flood);
    flood();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const rig = rigWith(settingsFor((server.address() as { port: number }).port));
  rig.driver.send(attemptOf(1));
  expect(await rig.outcome(1)).toMatchObject(failed('protocolError'));
  await rig.driver.stop();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});
