import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { receiverAesCbc } from '../../device-sim/receiver/aes-cbc.ts';
import { asciiToBytes, bytesToAscii } from '../../protocol/bytes.ts';
import { crc16Arc } from '../../protocol/crc16.ts';
import { encodeAck, encodeNak } from '../../protocol/dc09/reply.ts';
import { createSealer } from '../../protocol/dc09/sealer.ts';
import { attemptOf, ONCE, settingsFor, udpSettingsFor } from './dc09-rig.ts';
import { acknowledged, createStand, settle } from './dc09-stand.ts';

const stand = createStand();
afterEach(() => {
  vi.restoreAllMocks();
  return stand.close();
});
const { rigWith, udpPeer, listening } = stand;

const key = randomBytes(16);
const sealer = createSealer(receiverAesCbc(key), randomBytes);
const to = (sequence: number) => ({ sequence, receiver: '0', prefix: '0', account: '1234' });

/** Changes that an attacker without the key can make on the way. */
function renumbered(frame: Uint8Array, sequence: number): Uint8Array {
  const hex4 = (value: number) => value.toString(16).padStart(4, '0');
  const body = bytesToAscii(frame)
    .slice(9, -1)
    .replace(/"\d{4}/, `"${String(sequence).padStart(4, '0')}`);
  return asciiToBytes(`\n${hex4(crc16Arc(asciiToBytes(body)))}${hex4(body.length)}${body}\r`);
}

/** Lets this time pass on the gateway's monotonic clock. */
function later(ms: number): void {
  const thenNs = process.hrtime.bigint() + BigInt(ms) * 1_000_000n;
  vi.spyOn(process.hrtime, 'bigint').mockReturnValue(thenNs);
}

describe('answers that are not the receiver’s', () => {
  test('from another port, or another address with the same port, acknowledge nothing', async () => {
    const peer = await udpPeer();
    const strangers = [await udpPeer(), await udpPeer('127.0.0.3', peer.port)];
    const rig = rigWith(udpSettingsFor(peer.port));
    rig.driver.send(attemptOf(1));
    const request = await peer.count(1);
    for (const stranger of strangers) await stranger.send(encodeAck(to(1)), request);
    await peer.count(peer.heard.length + 1);
    expect(rig.outcomeCount()).toBe(0);
    await peer.send(encodeAck(to(1)), request);
    expect(await rig.outcome(1)).toEqual(acknowledged);
  });

  test.each([
    ['in clear', () => encodeAck(to(1))],
    ['recorded an hour ago', () => encodeAck(to(1), Date.now() - 3_600_000, sealer)],
    [
      'under another key',
      () => encodeAck(to(1), Date.now(), createSealer(receiverAesCbc(randomBytes(16)), randomBytes)),
    ],
  ])('%s do not keep the true one from counting', async (_how, forged) => {
    const peer = await udpPeer();
    const rig = rigWith(udpSettingsFor(peer.port, { ...ONCE, key }));
    rig.driver.send(attemptOf(1));
    const request = await peer.count(1);
    for (let i = 0; i < 3; i++) await peer.send(forged(), request);
    await peer.send(encodeAck(to(1), Date.now(), sealer), request);
    expect(await rig.outcome(1)).toEqual(acknowledged);
  });

  describe('recorded from another message, and put before this one', () => {
    const recorded = encodeAck(to(1), Date.now(), sealer);
    const forged = renumbered(recorded, 2);

    test('acknowledge nothing over UDP, and do not keep the true one from counting', async () => {
      const peer = await udpPeer();
      const rig = rigWith(udpSettingsFor(peer.port, { ...ONCE, key }));
      rig.driver.send(attemptOf(1));
      await peer.send(recorded, await peer.count(1));
      expect(await rig.outcome(1)).toEqual(acknowledged);
      later(5_000);
      rig.driver.send(attemptOf(2));
      const request = await peer.count(2);
      await peer.send(forged, request);
      await settle();
      expect(rig.outcomeCount()).toBe(1);
      await peer.send(encodeAck(to(2), Date.now(), sealer), request);
      expect(await rig.outcome(2)).toEqual(acknowledged);
    });

    test('acknowledge nothing over TCP', async () => {
      const answers = [recorded, forged];
      const server = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.on('data', () => socket.write(answers.shift() ?? ''));
      });
      const rig = rigWith(settingsFor(await listening(server), { key }));
      expect(await rig.send({ attempt: 1 })).toEqual(acknowledged);
      later(5_000);
      expect(await rig.send({ attempt: 2 })).toMatchObject({ detail: expect.stringContaining('replays it') });
    });
  });

  test('when the repeat is answered no better, the reason is told', async () => {
    const peer = await udpPeer();
    const rig = rigWith(udpSettingsFor(peer.port, { key }));
    rig.driver.send(attemptOf(1));
    await peer.send(encodeAck(to(1)), await peer.count(1));
    await settle();
    expect(rig.outcomeCount()).toBe(0);
    peer.answer = encodeAck(to(1));
    expect(await rig.outcome(1)).toEqual({
      type: 'failed',
      reason: 'protocolError',
      detail: 'the receiver acknowledged an encrypted message in clear',
    });
  });
});

describe('a NAK names no frame', () => {
  test('it is the answer to the one whose port it came to; the others go on waiting for theirs', async () => {
    const peer = await udpPeer();
    const rig = rigWith(udpSettingsFor(peer.port, ONCE));
    rig.driver.send(attemptOf(1));
    const first = await peer.count(1);
    rig.driver.send(attemptOf(2));
    const second = await peer.count(2);
    expect(second.port).not.toBe(first.port);
    await peer.send(encodeNak(0), first);
    expect(await rig.outcome(1)).toEqual({ type: 'wrongTime', receiverTimeMs: 0 });
    await settle();
    expect(rig.outcomes.has(2)).toBe(false);
    await peer.send(encodeAck(to(2)), second);
    expect(await rig.outcome(2)).toEqual(acknowledged);
  });

  test('one that comes twice does not hit the repeat', async () => {
    const peer = await udpPeer();
    const rig = rigWith(udpSettingsFor(peer.port, ONCE));
    rig.driver.send(attemptOf(1, { sequence: 1 }));
    const first = await peer.count(1);
    await peer.send(encodeNak(0), first);
    await rig.outcome(1);
    rig.driver.send(attemptOf(2, { sequence: 1 }));
    const repeat = await peer.count(2);
    await peer.send(encodeNak(0), first);
    await settle();
    await peer.send(encodeAck(to(1)), repeat);
    expect(await rig.outcome(2)).toEqual(acknowledged);
  });

  test('one to a message that was sent twice does not hit the next', async () => {
    const peer = await udpPeer();
    const rig = rigWith(udpSettingsFor(peer.port));
    rig.driver.send(attemptOf(1));
    const first = await peer.count(2);
    await peer.send(encodeAck(to(1)), first);
    expect(await rig.outcome(1)).toEqual(acknowledged);
    rig.driver.send(attemptOf(2));
    const next = await peer.until((each) => each.text.includes('"SIA-DCS"0002'));
    expect(next.port).not.toBe(first.port);
  });
});
