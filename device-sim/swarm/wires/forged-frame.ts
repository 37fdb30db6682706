import type { ButtonBusNode } from '../../../gateway/inputs/button-bus/settings.ts';
import { sealFrame } from '../../../protocol/button-bus/frame.ts';
import { nodeAesCcm } from '../../nodes/node-aes-ccm.ts';
import { type Random, randomBelow } from '../../random.ts';
import { pick } from '../streams.ts';
import { flipped } from './air.ts';

const NOISE_BYTES_MAX = 80;

/** What somebody puts on the line who has no key; `undefined`: he has recorded nothing yet. */
export function forgedFrame(
  how: 'replay' | 'forge' | 'cut' | 'flip' | 'noise',
  recorded: readonly Uint8Array[],
  nodes: readonly ButtonBusNode[],
  random: Random,
): Uint8Array | undefined {
  if (how === 'noise')
    return Uint8Array.from({ length: randomBelow(random, NOISE_BYTES_MAX) }, () => randomBelow(random, 256));
  if (how === 'forge') {
    const key = Uint8Array.from({ length: 16 }, () => randomBelow(random, 256));
    const header = {
      address: pick(random, nodes)?.address ?? 1,
      epoch: 4_000_000,
      counter: 1 + randomBelow(random, 9),
    };
    return sealFrame(nodeAesCcm, key, header, { type: 'press', button: 0, pattern: 'single' });
  }
  if (recorded.length === 0) return undefined;
  const frame = pick(random, recorded);
  if (how === 'replay') return frame;
  return how === 'cut'
    ? frame.subarray(0, randomBelow(random, frame.length))
    : flipped(frame, randomBelow(random, frame.length * 8));
}
