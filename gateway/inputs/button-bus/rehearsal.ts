import { randomBytes } from 'node:crypto';
import { openFrame, parseFrame, sealFrame } from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import { KeptAesCcm } from './kept-aes-ccm.ts';

/** Hears a press and seals an answer as the driver does, without a port: warms the code up. */
export function warmButtonBusCodec(): () => void {
  const key = randomBytes(16);
  const ccm = new KeptAesCcm();
  const scanner = new FrameScanner();
  let counter = 0;
  const hear = (body: Uint8Array) => {
    const parsed = parseFrame(body);
    if (parsed.ok) openFrame(ccm, key, parsed.frame);
  };
  return () => {
    counter += 1;
    const header = { address: 1, epoch: 1, counter };
    scanner.push(sealFrame(ccm, key, header, { type: 'press', button: 0, pattern: 'single' }), hear, () => undefined);
    sealFrame(ccm, key, header, { type: 'ack', nodeEpoch: 1, counter, status: 'accepted' });
  };
}
