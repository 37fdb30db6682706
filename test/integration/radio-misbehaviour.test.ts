import { afterEach, describe, expect, test } from 'vitest';
import type { RadioBehaviour } from '../../device-sim/radio/behaviour.ts';
import { stationOf } from '../../device-sim/radio/digipeater.ts';
import { asciiToBytes } from '../../protocol/bytes.ts';
import { encodeUi } from '../../protocol/radio/ax25.ts';
import { acknowledged, attemptOf, eventually, pollOf, RadioStand, settle } from './radio-rig.ts';

const stand = new RadioStand();
afterEach(stand.close);

function frameOf(source: string, info: string): Uint8Array {
  const stations = { destination: stationOf('APRS'), source: stationOf(source), digipeaters: [] };
  return encodeUi({ ...stations, info: asciiToBytes(info) });
}

describe('a receiving station that misbehaves', () => {
  const silent: readonly [RadioBehaviour, number, number][] = [
    [{ type: 'deaf' }, 1, 0],
    [{ type: 'wrongId' }, 2, 1],
    [{ type: 'wrongSource', callsign: 'N0CALL-2' }, 2, 1],
    [{ type: 'wrongAddressee', callsign: 'N0CALL-8' }, 2, 1],
    [{ type: 'vanishAfterAccepting' }, 1, 1],
    [{ type: 'ackLost', times: 1 }, 1, 1],
  ];
  test.each(silent)(
    '%j is no acknowledgement; the next attempt of the same report ends it, shown once',
    async (how, frames, seen) => {
      const { world, rig } = await stand.connected();
      world.receiver.behave(how);
      rig.driver.send(attemptOf(1, 1));
      await stand.heardAll(world, frames);
      expect(rig.outcomes).toEqual([]);
      expect(world.receiver.shown).toHaveLength(seen);
      rig.driver.abandon(1);
      world.receiver.behave({ type: 'normal' });
      expect(await rig.send(attemptOf(2, 1))).toEqual(acknowledged);
      expect(world.receiver.shown).toMatchObject([{ id: '0001', copies: seen + 1 }]);
      expect(rig.outcomes).toHaveLength(1);
    },
  );

  test('a refusal ends the attempt as not understood, and the next report goes through', async () => {
    const { world, rig } = await stand.connected();
    world.receiver.behave({ type: 'rej', times: 1 });
    expect(await rig.send(attemptOf(1, 1))).toEqual({
      type: 'notUnderstood',
      detail: expect.stringContaining('N0CALL-1 rejects the message (rej)'),
    });
    expect(await rig.send(attemptOf(2, 2))).toEqual(acknowledged);
    expect(world.receiver.shown.map(({ id }) => id)).toEqual(['0002']);
  });

  test('a second acknowledgement is no news', async () => {
    const { world, rig } = await stand.connected();
    world.receiver.behave({ type: 'ackTwice' });
    expect(await rig.send(attemptOf(1, 1))).toEqual(acknowledged);
    await stand.heardAll(world, 3);
    world.receiver.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(2, 2))).toEqual(acknowledged);
    expect(rig.outcomes).toHaveLength(2);
  });

  test('an acknowledgement of an attempt given up ends the one under way', async () => {
    const { world, rig } = await stand.connected();
    world.receiver.behave({ type: 'slowAck', ms: 40 });
    rig.driver.send(attemptOf(1, 1));
    await world.receiver.until(({ heard }) => heard.length === 1);
    rig.driver.abandon(1);
    world.receiver.behave({ type: 'deaf' });
    expect(await rig.send(attemptOf(2, 1))).toEqual(acknowledged);
    expect(rig.outcomes.map(({ attempt }) => attempt)).toEqual([2]);
  });

  test('one that comes between two attempts ends the next one, which is not sent', async () => {
    const { world, rig } = await stand.connected();
    world.receiver.behave({ type: 'slowAck', ms: 20 });
    rig.driver.send(attemptOf(1, 1));
    await world.receiver.until(({ heard }) => heard.length === 1);
    rig.driver.abandon(1);
    await stand.heardAll(world, 2);
    rig.driver.send(attemptOf(2, 1));
    expect(rig.outcomes).toEqual([]);
    expect(await rig.outcome(2)).toEqual(acknowledged);
    expect(rig.sent).toEqual([1]);
    expect(world.receiver.heard).toHaveLength(1);
  });

  test('an acknowledgement of a number’s earlier report does not end its next one', async () => {
    const { world, rig } = await stand.connected();
    expect(await rig.send(attemptOf(1, 1, { id: 'old' }))).toEqual(acknowledged);
    world.receiver.behave({ type: 'deaf' });
    rig.driver.send(attemptOf(2, 1, { id: 'new' }));
    await stand.heardAll(world, 3);
    expect(rig.outcomes.map(({ attempt }) => attempt)).toEqual([1]);
  });

  test('a message that was refused is sent again, and may be acknowledged', async () => {
    const { world, rig } = await stand.connected();
    world.receiver.behave({ type: 'rejFirst' });
    expect(await rig.send(attemptOf(1, 1))).toMatchObject({ type: 'notUnderstood' });
    expect(await rig.send(attemptOf(2, 1))).toEqual(acknowledged);
    expect(world.receiver.shown).toMatchObject([{ id: '0001', copies: 1 }]);
  });

  test('the first copy of a message may be missed', async () => {
    const { world, rig } = await stand.connected();
    world.receiver.behave({ type: 'missFirst' });
    rig.driver.send(attemptOf(1, 1));
    await stand.heardAll(world, 1);
    expect(rig.outcomes).toEqual([]);
    rig.driver.abandon(1);
    expect(await rig.send(attemptOf(2, 1))).toEqual(acknowledged);
  });

  test('what is abandoned before its failure was told stays untold', async () => {
    const { server, rig } = await stand.connected();
    await server.close();
    await settle();
    rig.driver.send(attemptOf(1, 1));
    rig.driver.abandon(1);
    await settle();
    expect(rig.outcomes).toEqual([]);
  });

  test('a TNC that was switched off behind its adapter is told its parameters again with the next message', async () => {
    const { world, rig } = await stand.connected({ txDelayMs: 20 });
    world.receiver.behave({ type: 'deaf' });
    rig.driver.send(attemptOf(1, 1));
    await stand.heardAll(world, 1);
    rig.driver.abandon(1);
    world.receiver.behave({ type: 'normal' });
    world.near.reset();
    expect(world.near.parameters.txDelayMs).not.toBe(20);
    expect(await rig.send(attemptOf(2, 1))).toEqual(acknowledged);
    expect(world.near.parameters.txDelayMs).toBe(20);
  });

  test('without an antenna nothing is acknowledged, whatever the TNC takes', async () => {
    const { world, rig } = await stand.connected();
    world.near.antenna = false;
    rig.driver.send(attemptOf(1, 1));
    // Once the TNC has accepted the bytes after the frame, it has accepted the frame.
    rig.driver.send(attemptOf(2, 2));
    await eventually('both frames at the TNC', () => world.near.taken === 2);
    expect([rig.sent, rig.outcomes, world.channel.frames]).toEqual([[1, 2], [], 0]);
  });
});

describe('a receiving station that answers in its own spelling', () => {
  const spellings: readonly RadioBehaviour[] = [
    { type: 'replyAck' },
    { type: 'shortNumber' },
    { type: 'ackByIgate', igate: 'W2XYZ-10' },
    { type: 'ackEvery30s' },
  ];
  test.each(spellings)('%j acknowledges reports and polls', async (how) => {
    const { world, rig } = await stand.connected({ igates: ['W2XYZ-10'] });
    world.receiver.behave(how);
    expect(await rig.send(attemptOf(1, 45))).toEqual(acknowledged);
    expect(await rig.send(pollOf(2))).toEqual(acknowledged);
    expect(await rig.send(attemptOf(3, 9999))).toEqual(acknowledged);
  });

  test('an igate that the site does not name brings no answer', async () => {
    const { world, rig } = await stand.connected({ igates: ['W2XYZ-11'] });
    world.receiver.behave({ type: 'ackByIgate', igate: 'W2XYZ-10' });
    rig.driver.send(attemptOf(1, 45));
    await stand.heardAll(world, 2);
    expect(rig.outcomes).toEqual([]);
  });
});

describe('nobody else acknowledges for the receiving station', () => {
  const ack = ':N0CALL-9 :ack0045';
  const hostile: readonly (readonly [what: string, source: string, info: string])[] = [
    ['another station', 'N0CALL-2', ack],
    ['the igate in its own name', 'W2XYZ-10', ack],
    ['the receiving station for another number', 'N0CALL-1', ':N0CALL-9 :ack0046'],
    ['the receiving station for a longer number', 'N0CALL-1', ':N0CALL-9 :ack10045'],
    ['the receiving station in capitals', 'N0CALL-1', ':N0CALL-9 :ACK0045'],
    ['the receiving station in a text', 'N0CALL-1', ':N0CALL-9 :say ack0045'],
    ['the receiving station to another', 'N0CALL-1', ':N0CALL-8 :ack0045'],
    ['ourselves', 'N0CALL-9', ack],
    ['an igate for another station', 'W2XYZ-10', `}N0CALL-2>APRS,TCPIP,W2XYZ-10*:${ack}`],
    ['an igate for a longer call sign', 'W2XYZ-10', `}N0CALL-11>APRS,TCPIP,W2XYZ-10*:${ack}`],
    ['an igate to another', 'W2XYZ-10', '}N0CALL-1>APRS,TCPIP,W2XYZ-10*::N0CALL-8 :ack0045'],
    ['an igate in an igate', 'W2XYZ-10', `}N0CALL-1>APRS,TCPIP,W2XYZ-10*:}N0CALL-1>APRS,TCPIP*:${ack}`],
    ['a station that plays igate', 'N0CALL-2', `}N0CALL-1>APRS,TCPIP,W2XYZ-10*:${ack}`],
    ['the receiving station that quotes itself', 'N0CALL-1', `}N0CALL-1>APRS,TCPIP,W2XYZ-10*:${ack}`],
    ['a header without an end', 'W2XYZ-10', `}N0CALL-1>APRS,TCPIP,W2XYZ-10*`],
    ['a header without a source', 'W2XYZ-10', `}>APRS,TCPIP*:${ack}`],
  ];
  test.each(hostile)('not %s', async (_, source, info) => {
    const { world, rig } = await stand.connected({ igates: ['W2XYZ-10'] });
    world.receiver.behave({ type: 'deaf' });
    rig.driver.send(attemptOf(1, 45));
    await eventually('the frame', () => world.channel.frames === 1);
    world.near.heard(frameOf(source, info));
    await stand.heardAll(world);
    expect(rig.outcomes).toEqual([]);
    rig.driver.abandon(1);
    rig.driver.send(attemptOf(2, 45));
    await stand.heardAll(world);
    expect(rig.outcomes).toEqual([]);
  });
});
