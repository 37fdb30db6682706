import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { verdictOn } from '../../device-sim/receiver/verdict.ts';
import { bytesToAscii } from '../../protocol/bytes.ts';
import { type Dc09Message, encodeMessage } from '../../protocol/dc09/message.ts';
import { UdpPeer } from './dc09-udp-peer.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const message: Dc09Message = {
  token: 'SIA-DCS',
  sequence: 7,
  receiver: '0',
  prefix: '0',
  account: '1234',
  data: '#1234|Nri1/HA101^Intruder, Rm 101 (wb-101.5.17)^',
  xdata: [],
  timestampMs: now,
};

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

async function start(): Promise<{ receiver: Receiver; socket: Socket; ask(frame: Uint8Array): Promise<string> }> {
  const key = Buffer.alloc(16, 'K');
  const accounts = [{ account: '1234' }, { account: 'AAA1', key }];
  const receiver = await startReceiver({ port: 0, accounts, nowWallMs: () => now });
  cleanups.push(() => receiver.close());
  const socket = connect(receiver.port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  cleanups.push(() => socket.destroy());
  const ask = (frame: Uint8Array) => {
    socket.write(frame);
    return new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(bytesToAscii(bytes))));
  };
  return { receiver, socket, ask };
}

describe('the simulated receiver', () => {
  test('shows a repeat to the operator once, even under another sequence number', async () => {
    const { receiver, ask } = await start();
    for (const sequence of [7, 7, 8]) expect(await ask(encodeMessage({ ...message, sequence }))).toContain('"ACK"000');
    await ask(encodeMessage({ ...message, data: '#1234|Nri1/HA101^Intruder, Rm 101 (wb-101.5.18)^' }));
    expect(receiver.events).toHaveLength(4);
    expect(receiver.displayed.map((event) => event.reportId)).toEqual(['wb-101.5.17', 'wb-101.5.18']);
  });

  test('without an id in the text tells repeats by account, sequence and data', async () => {
    const { receiver, ask } = await start();
    const plain = { ...message, data: '#1234|Nri1/PA003' };
    for (const sequence of [1, 1, 2]) await ask(encodeMessage({ ...plain, sequence }));
    expect(receiver.displayed).toHaveLength(2);
  });

  test.each([
    [-40, 'ack'],
    [-41, 'nak'],
    [20, 'ack'],
    [21, 'nak'],
  ])('a message %i s from its clock gets %s', (seconds, answer) => {
    const rules = {
      accounts: new Map([['1234', { account: '1234' }]]),
      nullPolicy: 'accept' as const,
      random: Buffer.alloc,
    };
    expect(verdictOn(rules, encodeMessage({ ...message, timestampMs: now + seconds * 1000 }), now).answer).toBe(answer);
  });

  test('answers DUH to an unknown account, a message in clear where a key is set, and data it can’t read', async () => {
    const { receiver, ask } = await start();
    expect(await ask(encodeMessage({ ...message, account: 'FFFF' }))).toContain('"DUH"0007R0L0#FFFF[]');
    expect(await ask(encodeMessage({ ...message, account: 'AAA1' }))).toContain('"DUH"0007R0L0#AAA1[]');
    expect(await ask(encodeMessage({ ...message, data: '#1234|what' }))).toContain('"DUH"');
    expect(receiver.events).toEqual([]);
  });

  test('shows each event of a message that holds several, and takes what panels in the field send', async () => {
    const { receiver, ask } = await start();
    const several = { ...message, data: '#1234|Nri2^North wing^/BA001/PA002^Desk^' };
    expect(await ask(encodeMessage(several))).toContain('"ACK"0007');
    expect(receiver.displayed).toMatchObject([
      { code: 'BA', zone: 1, area: 2, areaName: 'North wing' },
      { code: 'PA', zone: 2, area: 2, text: 'Desk' },
    ]);
    const padded = { ...message, token: 'ADM-CID', sequence: 8, data: '#00001234|18 1120 01 003' };
    expect(await ask(encodeMessage(padded))).toContain('"ACK"0008');
    expect(receiver.displayed.at(-1)).toMatchObject({ account: '1234', code: '120', zone: 3 });
    expect(await ask(encodeMessage(several))).toContain('"ACK"0007');
    expect(receiver.displayed).toHaveLength(3);
  });

  test('hears TCP and UDP at one desk, on ports of the same number', async () => {
    const receiver = await startReceiver({ port: 0, udp: true, accounts: [{ account: '1234' }], nowWallMs: () => now });
    cleanups.push(() => receiver.close());
    const peer = await UdpPeer.open();
    cleanups.push(() => peer.close());
    const far = { address: '127.0.0.1', port: receiver.port };
    await peer.send(encodeMessage(message), far);
    expect((await peer.count(1)).text).toContain('"ACK"0007R0L0#1234[]');
    // The receiver hears both frames, although the second lacks its end.
    const next = encodeMessage({ ...message, sequence: 8 });
    await peer.send(Buffer.concat([encodeMessage(message), next.subarray(0, -1)]), far);
    expect((await peer.count(3)).text).toContain('"ACK"0008');
    const socket = connect(receiver.port, '127.0.0.1').on('error', () => socket.destroy());
    cleanups.push(() => socket.destroy());
    socket.write(encodeMessage({ ...message, sequence: 9 }));
    await once(socket, 'data');
    expect(receiver.events.map((event) => event.sequence)).toEqual([7, 7, 8, 9]);
    expect(receiver.displayed).toHaveLength(1);
  });

  test('drops a damaged frame without an answer and hears the next one', async () => {
    const { receiver, socket, ask } = await start();
    const refused: string[] = [];
    receiver.on((notice) => void (notice.type === 'refused' && refused.push(notice.why)));
    socket.write(encodeMessage(message).fill(0x58, 30, 31));
    expect(await ask(encodeMessage({ ...message, sequence: 9 }))).toContain('"ACK"0009');
    expect(refused).toEqual(['badCrc']);
  });

  test('notes when the first byte of a frame came, not the last', async () => {
    const { receiver, socket, ask } = await start();
    const frame = encodeMessage(message);
    await receiver.until((one) => one.connections === 1);
    socket.write(frame.subarray(0, 10));
    await receiver.until((one) => one.arrivals === 1);
    const beganMs = Number(process.hrtime.bigint()) / 1e6;
    await ask(frame.subarray(10));
    expect(receiver.events[0]?.firstByteMs).toBeLessThanOrEqual(beganMs);
  });

  test('that vanished neither answers nor closes; back again, it knows nothing of the old connection', async () => {
    const { receiver, socket } = await start();
    await receiver.until((one) => one.connections === 1);
    await receiver.behave({ type: 'vanish' });
    let heard = false;
    socket.on('data', () => {
      heard = true;
    });
    socket.write(encodeMessage(message));
    // Everything before this connection has arrived.
    const other = connect(receiver.port, '127.0.0.1').on('error', () => other.destroy());
    cleanups.push(() => other.destroy());
    await receiver.until((one) => one.connections === 2);
    expect(receiver.arrivals).toBe(0);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await receiver.behave({ type: 'normal' });
    await closed;
    expect(heard).toBe(false);
    expect(receiver.events).toEqual([]);
  });
});
