import { createHash } from 'node:crypto';

const LABEL = 'callpoint device key\0';
const BYTES = 8;

/**
 * 16 hex digits that tell a device's keys apart, for the journal. They reveal nothing else, because
 * a key is 16 random bytes.
 */
export function keyFingerprint(key: Uint8Array): string {
  return createHash('sha256')
    .update(LABEL)
    .update(key)
    .digest('hex')
    .slice(0, 2 * BYTES);
}
