import { receiverAesCbc } from '../../../device-sim/receiver/aes-cbc.ts';
import type { Sealer } from '../../../protocol/dc09/sealer.ts';

/** A sealer whose pad is the given bytes; fails if another number of bytes is asked for. */
export function sealerWithPad(key: Uint8Array, pad: Uint8Array): Sealer {
  return {
    aes: receiverAesCbc(key),
    pad: (count) => {
      if (count !== pad.length) throw new Error(`pad of ${count} asked for, ${pad.length} given`);
      return pad;
    },
  };
}
