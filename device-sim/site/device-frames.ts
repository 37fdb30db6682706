import { sealFrame } from '../../protocol/button-bus/frame.ts';
import { bytesToHex } from '../../protocol/bytes.ts';
import { nodeAesCcm } from '../nodes/node-aes-ccm.ts';
import type { SimulatedSite } from './site-file.ts';

export interface FrameRequest {
  readonly device: string;
  readonly count: number;
  readonly epoch: number;
  readonly firstCounter: number;
  readonly button: number;
}

/**
 * Returns the frames of `count` presses as the device writes them, one hex line each. A test rig
 * can then drive the line itself.
 */
export function* pressFrames(site: SimulatedSite, request: FrameRequest): Iterable<string> {
  const { device, count, epoch, firstCounter, button } = request;
  const node = site.lines.flatMap((line) => line.nodes).find((each) => each.settings.id === device);
  if (node === undefined) throw new RangeError(`no device "${device}" in this site`);
  const { key, address } = node.settings;
  for (let index = 0; index < count; index++) {
    const header = { address, epoch, counter: firstCounter + index };
    yield bytesToHex(sealFrame(nodeAesCcm, key, header, { type: 'press', button, pattern: 'single' }));
  }
}
