import { randomBytes } from 'node:crypto';
import { encodeAck } from '../../../protocol/dc09/reply.ts';
import { Dc09Scanner } from '../../../protocol/dc09/scanner.ts';
import { createSealer } from '../../../protocol/dc09/sealer.ts';
import type { Attempt } from '../../core/report.ts';
import { opensslAesCbc } from './aes-cbc.ts';
import { judgeAnswer } from './answer.ts';
import { encodeAttempt } from './attempt-frame.ts';
import type { Dc09Settings } from './settings.ts';

/** Codes an attempt and reads its acknowledgement as the driver does, without a connection: warms the code up. */
export function rehearseDc09(settings: Dc09Settings): (attempt: Attempt) => void {
  const key = settings.key === undefined ? undefined : randomBytes(settings.key.length);
  const sealer = key && createSealer(opensslAesCbc, key, randomBytes);
  const scanner = new Dc09Scanner();
  return (attempt) => {
    const stampMs = Date.now();
    encodeAttempt(settings, attempt, stampMs, sealer);
    const { sequence } = attempt;
    const account = settings.account.toUpperCase();
    const expected = { sequence, account, stampMs, ...(sealer && { sealer }) };
    const answer = encodeAck({ sequence, prefix: settings.prefix, account }, stampMs, sealer);
    for (const frame of scanner.push(answer)) judgeAnswer(frame, expected);
  };
}
