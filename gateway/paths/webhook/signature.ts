import { createHmac } from 'node:crypto';
import type { WallMs } from '../../../protocol/clocks.ts';

export const SIGNATURE_HEADER = 'callpoint-signature';

/**
 * `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 (RFC 2104), keyed with the secret, of the seconds,
 * a full stop and the body as it was sent. The receiver computes it again, compares in constant
 * time, and refuses what is too old for it: a repeat has a fresh signature.
 */
export function signatureOf(secret: string, nowWallMs: WallMs, body: string): string {
  const seconds = Math.floor(nowWallMs / 1000);
  const hex = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${hex}`;
}
