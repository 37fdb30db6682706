import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { seededRandom } from '../../device-sim/random.ts';
import type { Outcome } from '../../gateway/core/report.ts';
import { parseEnvelope } from '../../protocol/dc09/message.ts';
import { encodeAck, encodeDuh, encodeNak } from '../../protocol/dc09/reply.ts';
import { Dc09Scanner } from '../../protocol/dc09/scanner.ts';
import { pollOf, settingsFor } from './dc09-rig.ts';
import { acknowledged, createStand } from './dc09-stand.ts';

const stand = createStand();
afterEach(stand.close);

/** Longer than the wait for an answer in doubt, so that there are repeats. */
const PATIENCE_MS = 400;

interface Asked {
  readonly socket: Socket;
  readonly sequence: number;
  /** Acknowledges the event and remembers that. */
  ack(): Uint8Array;
}

type Manner = (asked: Asked) => void;
const to = (sequence: number) => ({ sequence, prefix: '0', account: '1234' });
const write = (socket: Socket, bytes: Uint8Array | string) => void (socket.writable && socket.write(bytes));

const PROPER: Manner = ({ socket, ack }) => write(socket, ack());
const RUDE: readonly Manner[] = [
  PROPER,
  PROPER,
  PROPER,
  ({ socket, ack }) => socket.end(ack()),
  ({ socket }) => socket.end(),
  ({ socket }) => socket.resetAndDestroy(),
  () => undefined,
  ({ socket, ack }) => write(socket, Buffer.concat([ack(), ack()])),
  ({ socket, sequence }) => write(socket, encodeAck(to((sequence % 9999) + 1))),
  ({ socket, sequence }) => write(socket, encodeAck({ ...to(sequence), account: '99' })),
  ({ socket }) => write(socket, '"NAK"'),
  ({ socket }) => write(socket, '"ACK"'),
  ({ socket }) => write(socket, Buffer.concat([encodeNak(0), encodeNak(0)])),
  ({ socket, sequence }) => write(socket, encodeDuh(to(sequence))),
  ({ socket, ack }) => void setTimeout(() => write(socket, ack()), 300),
  ({ socket }) => write(socket, 'HTTP/1.1 400 Bad Request\r\n\r\n'),
  ({ socket, sequence }) => write(socket, encodeAck(to(sequence)).subarray(0, 9)),
  ({ socket, ack }) => write(socket, ack().slice(0, -1)),
];

test('beside a receiver that does anything: no acknowledgement it did not give, one end for each attempt, and all is well once it is', async () => {
  await Promise.all([1, 2, 3, 4, 5, 6].map(live));
});

async function live(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const connections = 1 + Math.floor(random() * 4);
  const given = new Set<number>();
  let isRude = true;
  const server = createServer((socket) => {
    const scanner = new Dc09Scanner();
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      for (const frame of scanner.push(bytes)) {
        const envelope = parseEnvelope(frame);
        if (typeof envelope === 'string') throw new Error(envelope);
        const { sequence } = envelope;
        const ack = () => {
          given.add(sequence);
          return encodeAck(to(sequence));
        };
        const manner = isRude ? RUDE[Math.floor(random() * RUDE.length)] : PROPER;
        manner?.({ socket, sequence, ack });
      }
    });
  });
  const rig = stand.rigWith(settingsFor(await stand.listening(server), { connections }));
  let attempt = 0;
  const send = async (isPoll: boolean): Promise<Outcome | undefined> => {
    attempt += 1;
    const own = attempt;
    if (isPoll) rig.driver.send(pollOf(own));
    const ended = isPoll ? rig.outcome(own) : rig.send({ attempt: own });
    const outcome = await Promise.race([ended, patience()]);
    if (outcome === undefined) rig.driver.abandon(own);
    else if (outcome.type === 'receiverAcknowledged') expect(given).toContain(isPoll ? 0 : own);
    return outcome;
  };
  for (let round = 0; round < 12; round++) {
    const burst = 1 + Math.floor(random() * 6);
    await Promise.all(Array.from({ length: burst }, () => send(random() < 0.1)));
  }
  isRude = false;
  // The earlier behaviour may delay the first few.
  for (let press = 0; press < 5; press++) await send(false);
  for (let press = 0; press < 20; press++) expect(await rig.send({ attempt: ++attempt })).toEqual(acknowledged);
  expect(rig.outcomeCount()).toBe(rig.outcomes.size);
  expect(rig.sent.length).toBe(new Set(rig.sent.map((one) => one.attempt)).size);
}

function patience(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS));
}
