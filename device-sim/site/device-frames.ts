import { sealFrame } from '../../protocol/button-bus/frame.ts';
import { bytesToHex } from '../../protocol/bytes.ts';
import { unknownName } from '../known-names.ts';
import { nodeAesCcm } from '../nodes/node-aes-ccm.ts';
import type { SimulatedSite } from './site-file.ts';

interface FrameRequest {
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
  const nodes = site.lines.flatMap((line) => line.nodes);
  const node = nodes.find((each) => each.settings.id === device);
  if (node === undefined) {
    const known = nodes.map(({ settings }) => settings.id);
    throw unknownName(`no wall node "${device}" in this site`, device, known, 'it has no wall nodes');
  }
  const { key, address } = node.settings;
  for (let index = 0; index < count; index++) {
    const header = { address, epoch, counter: firstCounter + index };
    yield bytesToHex(sealFrame(nodeAesCcm, key, header, { type: 'press', button, pattern: 'single' }));
  }
}
