import { randomBytes } from 'node:crypto';
import { encodeAck } from '../../../protocol/dc09/reply.ts';
import { Dc09Scanner } from '../../../protocol/dc09/scanner.ts';
import type { Sealer } from '../../../protocol/dc09/sealer.ts';
import type { Attempt } from '../../core/report.ts';
import { wallMs } from '../../system/clock.ts';
import { interpretAnswer } from './answer.ts';
import { AttemptFrames } from './attempt-frame.ts';
import { opensslSealer } from './openssl-sealer.ts';
import type { Dc09Account } from './settings.ts';

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

function acknowledgement({ prefix, account }: Dc09Account, sequence: number, sealer: Sealer | undefined): Uint8Array {
  return encodeAck({ sequence, prefix, account: account.toUpperCase() }, wallMs(), sealer);
}

function sealerFor(key: Uint8Array | undefined): Sealer | undefined {
  return key && opensslSealer(key);
}
