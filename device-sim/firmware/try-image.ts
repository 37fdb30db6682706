import { openFrame, parseFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { LineNode, MakeNode } from '../nodes/line-node.ts';
import { nodeAesCcm } from '../nodes/node-aes-ccm.ts';
import { seededRandom } from '../random.ts';
import { USUAL_BAUD_RATE } from './node-storage.ts';

const NODE = { id: 'trial', address: 1, key: new Uint8Array(16).fill(0x11), epoch: 1, buttons: 1, points: 1 };
/** A node says hello two thirds of a second after its start. */
const HELLO_WITHIN_MS = 1_200;
const STEP_MS = 10;

/**
 * Lets a node start with the image, off real time and for so long only: an image that loops forever
 * would hold up everything else. Returns what is wrong with it.
 */
export function tryImage(makeNode: MakeNode): string | undefined {
  try {
    const node = makeNode(NODE, seededRandom(1), USUAL_BAUD_RATE);
    for (let ms = 0; ms < HELLO_WITHIN_MS; ms += STEP_MS) if (saysHello(node, ms)) return undefined;
  } catch (error) {
    return `needs what the emulated board has not: ${messageOf(error)}`;
  }
  return 'does not start: the node says no hello';
}

function saysHello(node: LineNode, ms: number): boolean {
  let isHello = false;
  for (const wire of node.step({ type: 'tick' }, ms).frames) {
    const hear = (body: Uint8Array) => {
      const parsed = parseFrame(body);
      const message = parsed.ok ? openFrame(nodeAesCcm, NODE.key, parsed.frame) : undefined;
      isHello ||= message?.type === 'hello';
    };
    new FrameScanner().push(wire, hear, () => undefined);
  }
  return isHello;
}
