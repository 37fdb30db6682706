import { afterEach, describe, expect, test } from 'vitest';
import type { RadioBehaviour } from '../../device-sim/radio/behaviour.ts';
import type { RadioWorld } from '../../device-sim/radio/radio-world.ts';
import { acknowledged, attemptOf, eventually, RadioStand, settle } from './radio-rig.ts';

const stand = new RadioStand();
afterEach(stand.close);

/** Nothing is on the air or about to be, and what was has been read. */
async function quiet(world: RadioWorld, frames: number): Promise<void> {
  await eventually(`${frames} frames on the air`, () => world.channel.frames >= frames && !world.channel.busy);
  // What the receiver sends goes through its TNC, the channel, the gateway's TNC and a socket.
  await new Promise((resolve) => setTimeout(resolve, 15));
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
      await quiet(world, frames);
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
    expect(await rig.send(attemptOf(1, 1))).toEqual({ type: 'notUnderstood' });
    expect(await rig.send(attemptOf(2, 2))).toEqual(acknowledged);
    expect(world.receiver.shown.map(({ id }) => id)).toEqual(['0002']);
  });

  test('a second acknowledgement is no news', async () => {
    const { world, rig } = await stand.connected();
    world.receiver.behave({ type: 'ackTwice' });
    expect(await rig.send(attemptOf(1, 1))).toEqual(acknowledged);
    await quiet(world, 3);
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
    await quiet(world, 2);
    rig.driver.send(attemptOf(2, 1));
    expect(rig.outcomes).toEqual([]);
    expect(await rig.outcome(2)).toEqual(acknowledged);
    expect(rig.sent).toEqual([1]);
    expect(world.channel.frames).toBe(2);
  });

  test('an acknowledgement of a number’s earlier report does not end its next one', async () => {
    const { world, rig } = await stand.connected();
    expect(await rig.send(attemptOf(1, 1, { id: 'old' }))).toEqual(acknowledged);
    world.receiver.behave({ type: 'deaf' });
    rig.driver.send(attemptOf(2, 1, { id: 'new' }));
    await quiet(world, 3);
    expect(rig.outcomes.map(({ attempt }) => attempt)).toEqual([1]);
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
    await quiet(world, 1);
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
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([rig.sent, rig.outcomes, world.channel.frames]).toEqual([[1], [], 0]);
  });
});
