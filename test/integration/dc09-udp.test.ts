import { afterEach, describe, expect, test } from 'vitest';
import type { ReceiverBehaviour } from '../../device-sim/receiver/behaviour.ts';
import { encodeAck, encodeDuh } from '../../protocol/dc09/reply.ts';
import { formatTimestamp } from '../../protocol/dc09/timestamp.ts';
import { attemptOf, baseReport, ONCE, pollOf, udpSettingsFor } from './dc09-rig.ts';
import { acknowledged, createStand, settle } from './dc09-stand.ts';

const stand = createStand();
afterEach(stand.close);
const { receiverWith, rigWith, overUdp, udpPeer } = stand;
const ALWAYS = Number.POSITIVE_INFINITY;

describe('delivery', () => {
  test('an alarm arrives as one datagram, with everything in it, and is acknowledged', async () => {
    const { receiver, rig } = await overUdp(ONCE);
    expect(await rig.send({ attempt: 1, sequence: 42, report: baseReport })).toEqual(acknowledged);
    expect(receiver.events).toMatchObject([
      { account: '1234', token: 'SIA-DCS', sequence: 42, code: 'HA', zone: 101, reportId: baseReport.id },
    ]);
    expect(receiver.connections).toBe(0);
    expect(rig.sent.map((one) => one.attempt)).toEqual([1]);
  });

  test('the bytes of a warm send reach the kernel within the call, whatever the event loop does next', async () => {
    const peer = await udpPeer();
    const rig = rigWith(udpSettingsFor(peer.port));
    await settle();
    rig.driver.send(attemptOf(1));
    const stopped = rig.driver.stop();
    expect((await peer.count(1)).text).toMatch(/^\n[0-9A-F]{8}"SIA-DCS"0001R0L0#1234\[#1234\|Nri1\/HA101\^.*\r$/);
    await stopped;
  });

  test.each([16, 24, 32])('an encrypted alarm and poll (%i-byte key) are accepted', async (size) => {
    const key = Buffer.alloc(size, 'K');
    const { receiver, rig } = await overUdp({ ...ONCE, key }, { accounts: [{ account: '1234', key }] });
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    rig.driver.send(pollOf(2));
    expect(await rig.outcome(2)).toEqual(acknowledged);
    expect(receiver.displayed).toMatchObject([{ encrypted: true, code: 'HA', zone: 101 }]);
    expect(receiver.polls).toBe(1);
  });

  test('several are under way at once, each from a port of its own, and each gets its own answer', async () => {
    const { receiver, rig } = await overUdp(ONCE);
    await receiver.behave({ type: 'delay', ms: 20 });
    const all = Array.from({ length: 40 }, (_, index) => rig.send({ attempt: index + 1 }));
    expect(await Promise.all(all)).toEqual(all.map(() => acknowledged));
    expect(new Set(receiver.displayed.map((event) => event.sequence)).size).toBe(40);
    expect(receiver.events).toHaveLength(40);
    expect(rig.outcomeCount()).toBe(40);
  });
});

describe('datagrams that are lost', () => {
  test('a request: it is sent again, and arrives once', async () => {
    const { receiver, rig } = await overUdp();
    await receiver.behave({ type: 'loseRequests', times: 2 });
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    expect(receiver.displayed).toHaveLength(1);
    expect(rig.sent).toHaveLength(1);
  });

  test('an answer: what is sent again is the same message, and the desk shows it once', async () => {
    const { receiver, rig } = await overUdp();
    await receiver.behave({ type: 'loseAnswers', times: 2 });
    expect(await rig.send({ attempt: 1, sequence: 7 })).toEqual(acknowledged);
    expect(receiver.events.length).toBeGreaterThanOrEqual(3);
    expect(new Set(receiver.events.map((event) => event.sequence))).toEqual(new Set([7]));
    expect(receiver.displayed).toHaveLength(1);
    expect(rig.outcomeCount()).toBe(1);
  });

  test('the repeats are the same bytes, encrypted ones too', async () => {
    const peer = await udpPeer();
    const rig = rigWith(udpSettingsFor(peer.port, { key: Buffer.alloc(16, 'K') }));
    rig.driver.send(attemptOf(1));
    await peer.count(3);
    expect(new Set(peer.heard.map((each) => each.text)).size).toBe(1);
    expect(new Set(peer.heard.map((each) => each.port)).size).toBe(1);
  });

  test('a repeat is stamped anew only when its time stamp is about to leave the receiver’s window', async () => {
    const peer = await udpPeer();
    const beginMs = Date.UTC(2026, 5, 1);
    let nowMs = beginMs;
    const rig = rigWith(udpSettingsFor(peer.port), { nowWallMs: () => nowMs });
    rig.driver.send(attemptOf(1));
    await peer.count(1);
    nowMs += 35_000;
    const old = await peer.count(3);
    expect(old.text).toContain(`]_${formatTimestamp(beginMs)}`);
    nowMs += 1000;
    const fresh = await peer.until((each) => each.text.includes(`]_${formatTimestamp(beginMs + 36_000)}`));
    expect(fresh.text).toContain('"SIA-DCS"0001');
  });

  test('everything, for ever: no outcome; abandoned, it is sent no more', async () => {
    const { receiver, rig } = await overUdp();
    await receiver.behave({ type: 'loseRequests', times: ALWAYS });
    const lost = new Promise<void>((resolve) => {
      let count = 0;
      receiver.on(() => (++count === 3 ? resolve() : undefined));
    });
    rig.driver.send(attemptOf(1));
    await lost;
    rig.driver.abandon(1);
    await receiver.behave({ type: 'normal' });
    expect(await rig.send({ attempt: 2 })).toEqual(acknowledged);
    expect(rig.outcomes.has(1)).toBe(false);
    expect(receiver.displayed.map((event) => event.sequence)).toEqual([2]);
  });
});

describe('a receiver that misbehaves', () => {
  const failed = (reason: string) => ({ type: 'failed', reason });
  const cases: readonly [ReceiverBehaviour, object][] = [
    [{ type: 'refuse' }, failed('unreachable')],
    [{ type: 'badCrc' }, failed('protocolError')],
    [{ type: 'garbage' }, failed('protocolError')],
    [{ type: 'wrongSequence' }, { detail: 'the receiver answered ACK to message 0002, ours is 0001' }],
    [{ type: 'wrongAccount' }, { detail: expect.stringContaining('for account FFFF0, ours is 1234') }],
    [{ type: 'halfFrameThenSilence' }, failed('protocolError')],
    [{ type: 'nak', times: ALWAYS }, { type: 'wrongTime' }],
    [{ type: 'duh', times: ALWAYS }, { type: 'notUnderstood' }],
    [{ type: 'delay', ms: 50 }, acknowledged],
    [{ type: 'ackTwice' }, acknowledged],
    [{ type: 'closeAfterAck' }, acknowledged],
  ];

  test.each(cases)('%j ends an attempt as it should; the next one works when it is well', async (how, outcome) => {
    const { receiver, rig } = await overUdp();
    await receiver.behave(how);
    expect(await rig.send({ attempt: 1, sequence: 1 })).toMatchObject(outcome);
    await receiver.behave({ type: 'normal' });
    expect(await rig.send({ attempt: 2, sequence: 1, report: { ...baseReport, id: 'wb-101.5.1' } })).toEqual(
      acknowledged,
    );
    expect(receiver.displayed).toHaveLength(1);
    expect(rig.outcomeCount()).toBe(2);
  });

  const silent: readonly ReceiverBehaviour[] = [
    { type: 'hang' },
    { type: 'vanish' },
    { type: 'vanishAfterAccepting' },
    { type: 'closeBeforeAnswering' },
  ];

  test.each(silent)('%j gives no outcome; the next attempt works, and the desk shows one', async (how) => {
    const { receiver, rig } = await overUdp();
    await receiver.behave(how);
    rig.driver.send(attemptOf(1));
    // An answer to the first sending would have come before the third was made.
    await receiver.until((one) => one.arrivals >= 3);
    rig.driver.abandon(1);
    expect(rig.outcomeCount()).toBe(0);
    await receiver.behave({ type: 'normal' });
    const { report } = attemptOf(1);
    expect(await rig.send({ attempt: 2, sequence: 1, ...(report && { report }) })).toEqual(acknowledged);
    expect(receiver.displayed).toHaveLength(1);
  });

  test('DUH once: the next format is accepted', async () => {
    const { receiver, rig } = await overUdp(ONCE);
    await receiver.behave({ type: 'duh', times: 1 });
    expect(await rig.send({ attempt: 1 })).toEqual({ type: 'notUnderstood' });
    expect(await rig.send({ attempt: 2, format: 1 })).toEqual(acknowledged);
    expect(receiver.displayed).toMatchObject([{ token: 'ADM-CID', code: '122' }]);
  });

  test('a clock that differs: NAK tells its time, and by that the same message is accepted', async () => {
    const theirMs = Date.UTC(2026, 5, 1);
    const receiver = await receiverWith({ udp: true, nowWallMs: () => theirMs });
    const rig = rigWith(udpSettingsFor(receiver.port), { nowWallMs: () => 12_345_000 });
    expect(await rig.send({ attempt: 1, sequence: 5 })).toEqual({ type: 'wrongTime', receiverTimeMs: theirMs });
    expect(await rig.send({ attempt: 2, sequence: 5, clockOffsetMs: theirMs - 12_345_000 })).toEqual(acknowledged);
    expect(receiver.displayed).toMatchObject([{ timestampMs: theirMs, sequence: 5 }]);
  });

  test('an answer that comes twice never acknowledges another report', async () => {
    const to = (sequence: number) => ({ sequence, prefix: '0', account: '1234' });
    const peer = await udpPeer();
    const rig = rigWith(udpSettingsFor(peer.port, ONCE));
    peer.answer = encodeAck(to(1));
    expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
    // The second request gets this answer once more, and then the proper one.
    rig.driver.send(attemptOf(2));
    await peer.send(encodeDuh(to(2)), await peer.count(2));
    expect(await rig.outcome(2)).toEqual({ type: 'notUnderstood' });
  });
});

describe('addresses', () => {
  test('without one a send fails at once and says why', async () => {
    const lookup = () => new Promise<never>(() => undefined);
    const rig = rigWith(udpSettingsFor(7700, { host: 'cms.example' }), { lookup });
    rig.driver.send(attemptOf(1));
    expect(rig.outcomeCount()).toBe(0);
    expect(await rig.outcome(1)).toMatchObject({ type: 'failed', reason: 'noAddress' });
  });

  test('one that refuses gives way to the host’s next one', async () => {
    const receiver = await receiverWith({ udp: true });
    const lookup = () => Promise.resolve(['127.0.0.77', '127.0.0.1']);
    const rig = rigWith(udpSettingsFor(receiver.port, { host: 'cms.example' }), { lookup });
    await settle();
    expect(await rig.send({ attempt: 1 })).toMatchObject({ reason: 'unreachable' });
    expect(await rig.send({ attempt: 2 })).toEqual(acknowledged);
  });

  test('one that stays silent gives way to the host’s next one', async () => {
    const receiver = await receiverWith({ udp: true });
    const silent = await udpPeer('127.0.0.77', receiver.port);
    const lookup = () => Promise.resolve(['127.0.0.77', '127.0.0.1']);
    const rig = rigWith(udpSettingsFor(receiver.port, { host: 'cms.example' }), { lookup });
    await settle();
    rig.driver.send(attemptOf(1));
    await silent.count(2);
    rig.driver.abandon(1);
    expect(await rig.send({ attempt: 2 })).toEqual(acknowledged);
  });
});

test('stopping closes everything and reports nothing afterwards', async () => {
  const { receiver, rig } = await overUdp();
  await receiver.behave({ type: 'delay', ms: 20 });
  for (const attempt of [1, 2, 3]) rig.driver.send(attemptOf(attempt));
  await receiver.until((one) => one.events.length >= 3);
  await rig.driver.stop();
  rig.driver.send(attemptOf(4));
  // It is sent later than the fourth would have been, and answered later than the others.
  const later = rigWith(udpSettingsFor(receiver.port));
  expect(await later.send({ attempt: 5 })).toEqual(acknowledged);
  expect(rig.outcomeCount()).toBe(0);
  expect(receiver.events.filter((event) => event.sequence === 4)).toEqual([]);
});
