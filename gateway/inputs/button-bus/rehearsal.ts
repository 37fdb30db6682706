import { randomBytes } from 'node:crypto';
import { openFrame, parseFrame, sealFrame } from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import type { DownMessage } from '../../../protocol/button-bus/message.ts';
import type { InputDriver } from '../input-driver.ts';
import { AnswerOutbox } from './answer-outbox.ts';
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

/** An input driver without a port: each answer is gathered, sealed and thrown away. */
export function createButtonBusRehearsalInput(id: string): InputDriver {
  const key = randomBytes(16);
  const ccm = new KeptAesCcm();
  let counter = 0;
  const seal = (message: DownMessage) => {
    counter += 1;
    return sealFrame(ccm, key, { address: 1, epoch: 1, counter }, message);
  };
  const nowhere = { isOpen: true, write: (bytes: Uint8Array) => bytes.length };
  const outbox = new AnswerOutbox(nowhere, seal, () => undefined);
  return {
    id,
    start: () => undefined,
    stop: async () => outbox.clear(),
    answer: (device, { epoch, counter: of }, status) => {
      outbox.send(`${device}.${epoch}.${of}`, { type: 'ack', nodeEpoch: epoch, counter: of, status });
    },
    silence: () => undefined,
    output: () => undefined,
    counters: () => ({ framesHeard: 0, framesRejected: 0, bytesRead: 0 }),
  };
}
