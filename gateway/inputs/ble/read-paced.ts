import type { Readable } from 'node:stream';
import { monoMs } from '../../system/clock.ts';

/**
 * A radio hears some 2,500 advertisements in a second at most, and each is some 100 bytes as a
 * message.
 */
const BYTES_PER_MS = 512;
/** The answer to `strangers` is the longest message, and comes in one piece. */
const BURST_BYTES = 512 * 1024;
/** What a short line, and a read, cost on top of their bytes. */
const TOLL_BYTES = 64;

/**
 * Reads a stream no faster than a radio can have something to say. A sender that sends faster
 * waits: it can't keep the gateway busy, and its own bounds decide what it drops.
 *
 * @param take returns how many messages the bytes ended
 */
export function readPaced(stream: Readable, take: (bytes: Buffer) => number): void {
  let allowance = BURST_BYTES;
  let lastMs = monoMs();
  let waiting: NodeJS.Timeout | undefined;
  stream.on('data', (bytes: Buffer) => {
    const messages = take(bytes);
    const nowMs = monoMs();
    allowance = Math.min(BURST_BYTES, allowance + (nowMs - lastMs) * BYTES_PER_MS);
    lastMs = nowMs;
    allowance -= bytes.length + (messages + 1) * TOLL_BYTES;
    if (allowance >= 0) return;
    stream.pause();
    waiting = setTimeout(() => stream.resume(), Math.ceil(-allowance / BYTES_PER_MS));
  });
  stream.once('close', () => clearTimeout(waiting));
}
