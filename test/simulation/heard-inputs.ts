import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import type { CoreInput } from '../../gateway/core/input.ts';
import { openFrame, parseFrame } from '../../protocol/button-bus/frame.ts';
import type { UpMessage } from '../../protocol/button-bus/message.ts';
import { frameBodies } from './frame-bodies.ts';

/** A node that the gateway knows. */
export interface Enrolled {
  readonly device: string;
  readonly key: Uint8Array;
}

/** What the driver of the button bus makes of bytes on its line. */
export function* heardInputs(
  bytes: Uint8Array,
  enrolled: ReadonlyMap<number, Enrolled>,
  capturedMs: number,
): Iterable<CoreInput> {
  for (const body of frameBodies(bytes)) {
    const parsed = parseFrame(body);
    if (!parsed.ok) continue;
    const { address, epoch, counter } = parsed.frame.header;
    const node = enrolled.get(address);
    const message = node && openFrame(nodeAesCcm, node.key, parsed.frame);
    const identity = { epoch, counter };
    if (node !== undefined && message !== undefined) {
      const { device } = node;
      const opened = message as UpMessage;
      const signal = { input: 'bus-1', device, authenticated: true, capturedMs, identity, body: opened } as const;
      yield { type: 'signal', signal };
    } else {
      const reason = node === undefined ? 'notEnrolled' : 'notAuthentic';
      yield {
        type: 'unknownSignal',
        signal: { input: 'bus-1', address: String(address), reason, says: 'press', identity, capturedMs },
      };
    }
  }
}
