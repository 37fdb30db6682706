import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { parseEnvelope } from '../../../protocol/dc09/message.ts';
import { encodeAck } from '../../../protocol/dc09/reply.ts';
import { Dc09Scanner } from '../../../protocol/dc09/scanner.ts';
import { createSealer, type Sealer } from '../../../protocol/dc09/sealer.ts';
import type { Attempt } from '../../core/report.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { opensslAesCbc } from './aes-cbc.ts';
import { judgeAnswer } from './answer.ts';
import { encodeAttempt } from './attempt-frame.ts';
import { createDc09Driver } from './driver.ts';
import type { Dc09Settings } from './settings.ts';

/** Codes an attempt and reads its acknowledgement as the driver does, without a connection: warms the code up. */
export function rehearseDc09(settings: Dc09Settings): (attempt: Attempt) => void {
  const key = settings.key && randomBytes(settings.key.length);
  const sealer = sealerFor(key);
  const scanner = new Dc09Scanner();
  return (attempt) => {
    const stampMs = Date.now();
    encodeAttempt(settings, attempt, stampMs, sealer);
    const expected = {
      sequence: attempt.sequence,
      account: settings.account.toUpperCase(),
      stampMs,
      ...(sealer && { sealer }),
    };
    for (const frame of scanner.push(acknowledgement(settings, attempt.sequence, sealer))) judgeAnswer(frame, expected);
  };
}

/** A driver of its own kind, and what it talks to. */
export interface RehearsalPath {
  readonly driver: PathDriver;
  close(): void;
}

/**
 * A real driver that delivers to an echo in this process, over an abstract Unix socket that nothing outside the machine can reach,
 * with a key of its own. Nothing of it reaches the receiver.
 */
export async function rehearsalDc09(settings: Dc09Settings, sink: PathSink): Promise<RehearsalPath> {
  const name = `\0callpoint-${process.pid}-${randomBytes(8).toString('hex')}`;
  const { key: realKey, ...rest } = settings;
  const key = realKey && randomBytes(realKey.length);
  const sealer = sealerFor(key);
  const echo = createServer((socket) => answerAll(socket, (sequence) => acknowledgement(settings, sequence, sealer)));
  echo.listen(name);
  await once(echo, 'listening');
  const driver = createDc09Driver({ ...rest, ...(key && { key }), host: '127.0.0.1' }, sink, {
    nowWallMs: Date.now,
    dial: () => connect(name),
  });
  return { driver, close: () => echo.close() };
}

function answerAll(socket: Socket, answer: (sequence: number) => Uint8Array): void {
  const scanner = new Dc09Scanner();
  socket.on('data', (bytes) => {
    for (const frame of scanner.push(bytes)) {
      const envelope = parseEnvelope(frame);
      if (typeof envelope !== 'string') socket.write(answer(envelope.sequence));
    }
  });
  socket.on('error', () => socket.destroy());
}

function acknowledgement({ prefix, account }: Dc09Settings, sequence: number, sealer: Sealer | undefined): Uint8Array {
  return encodeAck({ sequence, prefix, account: account.toUpperCase() }, Date.now(), sealer);
}

function sealerFor(key: Uint8Array | undefined): Sealer | undefined {
  return key && createSealer(opensslAesCbc, key, randomBytes);
}
