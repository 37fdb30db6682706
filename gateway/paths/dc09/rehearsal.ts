import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { parseEnvelope } from '../../../protocol/dc09/message.ts';
import { encodeAck } from '../../../protocol/dc09/reply.ts';
import { Dc09Scanner, framesOfDatagram } from '../../../protocol/dc09/scanner.ts';
import type { Sealer } from '../../../protocol/dc09/sealer.ts';
import type { Attempt } from '../../core/report.ts';
import { wallMs } from '../../system/clock.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { interpretAnswer } from './answer.ts';
import { AttemptFrames } from './attempt-frame.ts';
import { createDc09Driver } from './driver.ts';
import { opensslSealer } from './openssl-sealer.ts';
import type { Dc09Account, Dc09Settings, Dc09UdpSettings } from './settings.ts';
import { createDc09UdpDriver } from './udp-driver.ts';

/**
 * Encodes an attempt and reads its acknowledgement as the driver does, without a connection, so
 * that the code is compiled.
 */
export function warmDc09Codec(settings: Dc09Account): (attempt: Attempt) => void {
  const key = settings.key && randomBytes(settings.key.length);
  const sealer = sealerFor(key);
  const frames = new AttemptFrames({ ...settings, ...(key && { key }) });
  const scanner = new Dc09Scanner();
  return (attempt) => {
    const stampMs = wallMs();
    frames.encode(attempt, stampMs);
    const expected = frames.expected(attempt, stampMs, []);
    for (const frame of scanner.push(acknowledgement(settings, expected.sequence, sealer)))
      interpretAnswer(frame, expected);
  };
}

/** A separate driver, and its far end. */
export interface RehearsalPath {
  readonly driver: PathDriver;
  close(): void;
}

type AnyDc09Settings = Dc09Settings | Dc09UdpSettings;

/**
 * A real driver that delivers to an echo in this process, with a key of its own. Nothing reaches
 * the receiver.
 */
export function createDc09RehearsalPath(settings: AnyDc09Settings, sink: PathSink): Promise<RehearsalPath> {
  const { key: realKey, localAddress: _, host: __, ...rest } = settings;
  const key = realKey && randomBytes(realKey.length);
  const own = { ...rest, ...(key && { key }), host: '127.0.0.1' };
  const sealer = sealerFor(key);
  const answer = (sequence: number) => acknowledgement(settings, sequence, sealer);
  return own.driver === 'dc09-tcp' ? overUnixSocket(own, sink, answer) : overLoopback(own, sink, answer);
}

type Answer = (sequence: number) => Uint8Array;

/** An abstract Unix socket, which nothing outside the machine can reach. */
async function overUnixSocket(settings: Dc09Settings, sink: PathSink, answer: Answer): Promise<RehearsalPath> {
  const name = `\0callpoint-${process.pid}-${randomBytes(8).toString('hex')}`;
  const echo = createServer((socket) => answerAll(socket, answer));
  echo.listen(name);
  await once(echo, 'listening');
  const { tls: _, ...bare } = settings;
  const driver = createDc09Driver(bare, sink, { nowWallMs: wallMs, dial: () => connect(name) });
  return { driver, close: () => echo.close() };
}

async function overLoopback(settings: Dc09UdpSettings, sink: PathSink, answer: Answer): Promise<RehearsalPath> {
  const echo = createSocket('udp4');
  echo.on('message', (datagram, from) => {
    for (const frame of framesOfDatagram(datagram)) {
      const envelope = parseEnvelope(frame);
      if (typeof envelope !== 'string') echo.send(answer(envelope.sequence), from.port, from.address);
    }
  });
  echo.bind(0, '127.0.0.1');
  await once(echo, 'listening');
  echo.on('error', () => echo.close());
  const { port } = echo.address();
  return {
    driver: createDc09UdpDriver({ ...settings, port }, sink, { nowWallMs: wallMs }),
    close: () => echo.close(),
  };
}

function answerAll(socket: Socket, answer: Answer): void {
  const scanner = new Dc09Scanner();
  socket.on('data', (bytes) => {
    for (const frame of scanner.push(bytes)) {
      const envelope = parseEnvelope(frame);
      if (typeof envelope !== 'string') socket.write(answer(envelope.sequence));
    }
  });
  socket.on('error', () => socket.destroy());
}

function acknowledgement({ prefix, account }: Dc09Account, sequence: number, sealer: Sealer | undefined): Uint8Array {
  return encodeAck({ sequence, prefix, account: account.toUpperCase() }, wallMs(), sealer);
}

function sealerFor(key: Uint8Array | undefined): Sealer | undefined {
  return key && opensslSealer(key);
}
