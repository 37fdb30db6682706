import { createHmac } from 'node:crypto';
import type { WallMs } from '../../../protocol/clocks.ts';

export const SIGNATURE_HEADER = 'callpoint-signature';

/**
 * `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 (RFC 2104), keyed with the secret, of the seconds, a full stop and the body as it was
 * sent. The receiver computes it anew, compares in constant time, and refuses what is older than it likes: a repeat is signed afresh.
 */
export function signatureOf(secret: string, nowWallMs: WallMs, body: string): string {
  const seconds = Math.floor(nowWallMs / 1000);
  const hex = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${hex}`;
}
