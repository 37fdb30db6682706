import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { encodeAck } from '../../../protocol/dc09/reply.ts';
import { Dc09Scanner } from '../../../protocol/dc09/scanner.ts';
import { createSealer, type Sealer } from '../../../protocol/dc09/sealer.ts';
import type { Attempt, Outcome, Report } from '../../core/report.ts';
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

/**
 * Sends pretended reports through a driver of its own to an echo in this process, over an abstract Unix socket that nothing outside
 * the machine can reach: the code of sockets and streams is warm when the first storm comes. One at a time, so that a real alert
 * waits for less than a millisecond. Nothing of it reaches the receiver.
 */
export async function rehearseConnection(settings: Dc09Settings, count: number): Promise<void> {
  const name = `\0callpoint-${process.pid}-${randomBytes(8).toString('hex')}`;
  const key = settings.key && randomBytes(settings.key.length);
  const sealer = sealerFor(key);
  let sequence = 0;
  const echo = createServer((socket) => answerAll(socket, () => acknowledgement(settings, sequence, sealer)));
  echo.listen(name);
  await once(echo, 'listening');
  let answered: (outcome: Outcome) => void = () => undefined;
  const { key: _real, ...rest } = settings;
  const driver = createDc09Driver(
    { ...rest, ...(key && { key }), host: '127.0.0.1' },
    { sent: () => undefined, outcome: (_path, _attempt, outcome) => answered(outcome) },
    { nowWallMs: Date.now, dial: () => connect(name) },
  );
  driver.start();
  for (let attempt = 1; attempt <= count; attempt++) {
    const outcome = new Promise<Outcome>((resolve) => {
      answered = resolve;
    });
    sequence = (attempt % 9999) + 1;
    driver.send({ attempt, path: settings.id, sequence, clockOffsetMs: 0, format: 0, report: pretended(attempt) });
    if ((await outcome).type !== 'receiverAcknowledged') break;
  }
  await driver.stop();
  echo.close();
}

function answerAll(socket: Socket, answer: () => Uint8Array): void {
  const scanner = new Dc09Scanner();
  socket.on('data', (bytes) => {
    for (const _frame of scanner.push(bytes)) socket.write(answer());
  });
  socket.on('error', () => socket.destroy());
}

function acknowledgement({ prefix, account }: Dc09Settings, sequence: number, sealer: Sealer | undefined): Uint8Array {
  return encodeAck({ sequence, prefix, account: account.toUpperCase() }, Date.now(), sealer);
}

function sealerFor(key: Uint8Array | undefined): Sealer | undefined {
  return key && createSealer(opensslAesCbc, key, randomBytes);
}

function pretended(number: number): Report {
  return {
    id: `rehearsal.1.${number}`,
    class: 'alarm',
    sia: 'PA',
    contactId: '120',
    qualifier: 1,
    zone: 101,
    area: 0,
    text: 'Rehearsal, Main building, First floor, Rm 101 Reception',
    occurredMs: Date.now(),
  };
}
