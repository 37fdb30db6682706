import { afterEach, describe, expect, test, vi } from 'vitest';
import { SPELLINGS } from '../../device-sim/receiver/spelling.ts';
import { attemptOf, ONCE, pollOf, type Rig } from './dc09-rig.ts';
import { acknowledged, createStand, settle } from './dc09-stand.ts';

const stand = createStand();
afterEach(() => {
  vi.restoreAllMocks();
  return stand.close();
});
const { connected, overUdp } = stand;

/** Lets this time pass on the gateway's monotonic clock. */
function later(ms: number): void {
  const real = process.hrtime.bigint;
  const moreNs = BigInt(ms) * 1_000_000n;
  vi.spyOn(process.hrtime, 'bigint').mockImplementation(() => real() + moreNs);
}

async function oneAfterTheOther(rig: Rig, count: number, first = 1): Promise<void> {
  for (let attempt = first; attempt < first + count; attempt++)
    expect(await rig.send({ attempt })).toEqual(acknowledged);
}

async function atOnce(rig: Rig, count: number, first = 1): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => rig.send({ attempt: first + index }));
  expect(await Promise.all(all)).toEqual(all.map(() => acknowledged));
}

const key = Buffer.alloc(16, 'K');

describe('a receiver that answers oddly', () => {
  test.each(SPELLINGS)(
    '%s: what it acknowledges is acknowledged, over TCP and UDP, with a key and without',
    async (spelling) => {
      for (const own of [{}, { key }]) {
        const options = { accounts: [{ account: '1234', ...own }] };
        for (const { receiver, rig } of [await connected(own, options), await overUdp({ ...ONCE, ...own }, options)]) {
          await receiver.behave({ type: 'oddSpelling', spelling });
          await oneAfterTheOther(rig, 3);
          expect(receiver.displayed).toHaveLength(3);
          expect(receiver.events).toHaveLength(3);
        }
      }
    },
  );

  test('a bare NAK refuses, and tells no time', async () => {
    for (const { receiver, rig } of [await connected(), await overUdp(ONCE)]) {
      await receiver.behave({ type: 'bareNak' });
      expect(await rig.send({ attempt: 1 })).toEqual({ type: 'wrongTime' });
      await receiver.behave({ type: 'normal' });
      expect(await rig.send({ attempt: 2 })).toEqual(acknowledged);
    }
  });

  test('NAK to one format tells its time, which is ours; the other format is acknowledged', async () => {
    for (const { receiver, rig } of [await connected(), await overUdp(ONCE)]) {
      await receiver.behave({ type: 'nakFormat', format: 'SIA-DCS' });
      const refused = await rig.send({ attempt: 1 });
      expect(refused).toEqual({ type: 'wrongTime', receiverTimeMs: expect.any(Number) });
      const theirMs = refused.type === 'wrongTime' ? (refused.receiverTimeMs ?? 0) : 0;
      expect(Math.abs(theirMs - Date.now())).toBeLessThan(20_000);
      expect(await rig.send({ attempt: 2, format: 1 })).toEqual(acknowledged);
      expect(receiver.events.map((event) => event.token)).toEqual(['ADM-CID']);
    }
  });

  test('NAK of a receiver whose clock is off tells how it is set', async () => {
    const { receiver, rig } = await connected({}, { nowWallMs: () => Date.UTC(2026, 0, 2) });
    await receiver.behave({ type: 'clockOff', ms: 3_600_000 });
    expect(await rig.send({ attempt: 1 })).toEqual({
      type: 'wrongTime',
      receiverTimeMs: Date.UTC(2026, 0, 2, 1),
    });
  });

  test('silent to NULL: the poll has no outcome, and alarms beside it are acknowledged', async () => {
    for (const { receiver, rig } of [await connected(), await overUdp(ONCE)]) {
      await receiver.behave({ type: 'silentToNull' });
      rig.driver.send(pollOf(1));
      await receiver.until((one) => one.arrivals === 1);
      await oneAfterTheOther(rig, 3, 2);
      expect(rig.outcomes.has(1)).toBe(false);
    }
  });

  test('the second of two answers to one message never answers the next', async () => {
    const { receiver, rig } = await connected({ connections: 1 });
    await receiver.behave({ type: 'ackTwice' });
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    await receiver.behave({ type: 'duh', times: 1 });
    expect(await rig.send({ attempt: 2 })).toEqual({ type: 'notUnderstood' });
  });
});

describe('connections', () => {
  test('that a receiver refused for a while are not opened for every press afterwards', async () => {
    const { receiver, rig } = await connected();
    await oneAfterTheOther(rig, 5);
    await receiver.behave({ type: 'refuse' });
    expect(await rig.send({ attempt: 6 })).toMatchObject({ type: 'failed' });
    await receiver.behave({ type: 'normal' });
    const before = receiver.accepted;
    await oneAfterTheOther(rig, 50, 10);
    expect(receiver.accepted - before).toBeLessThanOrEqual(1);
    expect(receiver.events).toHaveLength(55);
  });

  test.each([1, 4])(
    'closed after each answer lose no attempt, and each message arrives once (%i at once)',
    async (connections) => {
      const { receiver, rig } = await connected({ connections });
      await receiver.behave({ type: 'closeAfterAck' });
      await oneAfterTheOther(rig, 10);
      await atOnce(rig, 40, 11);
      expect(receiver.displayed).toHaveLength(50);
      expect(receiver.events).toHaveLength(50);
      expect(rig.outcomeCount()).toBe(50);
    },
  );

  test('are kept again half a minute after a receiver has ceased to close them', async () => {
    const { receiver, rig } = await connected({ connections: 1 });
    await receiver.behave({ type: 'closeAfterAck' });
    await oneAfterTheOther(rig, 5);
    await receiver.behave({ type: 'normal' });
    later(31_000);
    const before = receiver.accepted;
    await oneAfterTheOther(rig, 20, 10);
    expect(receiver.accepted - before).toBeLessThanOrEqual(1);
  });

  test('closed once are kept, as a receiver that was restarted keeps them', async () => {
    const { receiver, rig } = await connected({ connections: 1 });
    await receiver.behave({ type: 'closeAfterAck' });
    await oneAfterTheOther(rig, 1);
    await receiver.behave({ type: 'normal' });
    await oneAfterTheOther(rig, 20, 10);
    expect(receiver.accepted).toBeLessThanOrEqual(3);
  });

  test.each([1, 4])(
    'of which only the first message is answered cost one repeat, once (%i at once)',
    async (connections) => {
      const { receiver, rig } = await connected({ connections });
      await receiver.behave({ type: 'firstFrameOnly' });
      await oneAfterTheOther(rig, 6);
      // Six messages, and the one that was not read.
      expect(receiver.arrivals).toBe(7);
      expect(receiver.displayed).toHaveLength(6);
      await atOnce(rig, 12, 11);
      expect(receiver.arrivals).toBe(19);
      expect(rig.sent).toHaveLength(18);
    },
  );

  test('are kept where a receiver answers polls at once and its first alarm slowly: one repeat, no habit', async () => {
    const { receiver, rig } = await connected();
    rig.driver.send(pollOf(100));
    expect(await rig.outcome(100)).toEqual(acknowledged);
    await receiver.behave({ type: 'delay', ms: 400 });
    await oneAfterTheOther(rig, 1);
    expect(receiver.displayed).toHaveLength(1);
    await receiver.behave({ type: 'normal' });
    const before = receiver.accepted;
    await oneAfterTheOther(rig, 10, 2);
    expect(receiver.accepted).toBe(before);
  });

  test('of which one is read at a time cost one repeat, and are then used in turn', async () => {
    const { receiver, rig } = await connected({ connections: 4 });
    await receiver.behave({ type: 'oneConnection' });
    await atOnce(rig, 4);
    const before = receiver.accepted;
    expect(before).toBeLessThanOrEqual(4);
    await atOnce(rig, 20, 11);
    expect(receiver.accepted).toBe(before);
    expect(receiver.displayed).toHaveLength(24);
    expect(rig.outcomeCount()).toBe(24);
    expect(rig.sent).toHaveLength(24);
  });

  test('that were read one at a time are used side by side again, once the receiver does better', async () => {
    const { receiver, rig } = await connected({ connections: 4 });
    await receiver.behave({ type: 'oneConnection' });
    await atOnce(rig, 4);
    await receiver.behave({ type: 'normal' });
    later(31_000);
    await atOnce(rig, 20, 11);
    expect(receiver.connections).toBe(4);
  });

  test('a message lost with one keeps its place: what was raised first arrives first', async () => {
    const { receiver, rig } = await connected({ connections: 1 });
    await receiver.behave({ type: 'closeAfterAck' });
    await atOnce(rig, 30);
    expect(receiver.events.map((event) => event.sequence)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  test('side by side, messages leave in the order they were raised', async () => {
    const { receiver, rig } = await connected({ connections: 4 });
    for (const type of ['normal', 'closeAfterAck', 'oneConnection'] as const) {
      await receiver.behave({ type });
      const first = 1 + rig.sent.length;
      await atOnce(rig, 40, first);
      const order = rig.sent.slice(first - 1).map((one) => one.attempt);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  });

  test('a message is sent again once only, and its attempt is given up with it', async () => {
    const { receiver, rig } = await connected({ connections: 1 });
    await oneAfterTheOther(rig, 1);
    await receiver.behave({ type: 'hang' });
    rig.driver.send(attemptOf(2));
    await receiver.until((one) => one.arrivals === 3);
    rig.driver.abandon(2);
    await receiver.behave({ type: 'normal' });
    await settle();
    expect(await rig.send({ attempt: 3 })).toEqual(acknowledged);
    expect(receiver.arrivals).toBe(4);
    expect(rig.outcomes.has(2)).toBe(false);
  });
});
