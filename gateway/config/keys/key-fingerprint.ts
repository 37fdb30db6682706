import { createHash } from 'node:crypto';

const LABEL = 'callpoint device key\0';
const BYTES = 8;

/** Tells a device's keys apart, for the journal: nothing else can be learnt from it, as a key is 16 random bytes. 16 hex digits. */
export function keyFingerprint(key: Uint8Array): string {
  return createHash('sha256')
    .update(LABEL)
    .update(key)
    .digest('hex')
    .slice(0, 2 * BYTES);
}
