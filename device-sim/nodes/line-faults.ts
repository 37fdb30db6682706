import { type Random, randomBelow } from '../random.ts';

/** Faults of the cable. Shares are probabilities 0…1, drawn for each frame. */
export interface LineFaults {
  /** Shares of the frames that are lost on the way to the gateway and to the nodes. */
  readonly loseUp: number;
  readonly loseDown: number;
  /** Shares of the frames in which one bit is flipped. */
  readonly flipUp: number;
  readonly flipDown: number;
  /** Share of the frames that are sent twice in a row. */
  readonly duplicateUp: number;
  /** Share of the up frames with 1…40 random bytes before them. */
  readonly garbageUp: number;
  /** True if nothing passes in either direction. */
  readonly cut: boolean;
  /** Line speed in bits per second, 10 bits per byte; 0 for as fast as the other side reads. */
  readonly baudRate: number;
}

export const NO_FAULTS: LineFaults = {
  loseUp: 0,
  loseDown: 0,
  flipUp: 0,
  flipDown: 0,
  duplicateUp: 0,
  garbageUp: 0,
  cut: false,
  baudRate: 0,
};

const MAX_GARBAGE_BYTES = 40;

/**
 * Returns the bytes that reach the gateway when a node sends a frame: one run of bytes, or nothing.
 */
export function damageUp(frame: Uint8Array, faults: LineFaults, random: Random): Uint8Array | undefined {
  if (faults.cut || happens(faults.loseUp, random)) return undefined;
  const parts: Uint8Array[] = [];
  if (happens(faults.garbageUp, random)) parts.push(garbage(1 + randomBelow(random, MAX_GARBAGE_BYTES), random));
  const sent = happens(faults.flipUp, random) ? flipped(frame, random) : frame;
  parts.push(sent);
  if (happens(faults.duplicateUp, random)) parts.push(sent);
  return parts.length === 1 ? sent : Buffer.concat(parts);
}

/** Returns what the nodes hear when the gateway sends a frame body. */
export function damageDown(body: Uint8Array, faults: LineFaults, random: Random): Uint8Array | undefined {
  if (faults.cut || happens(faults.loseDown, random)) return undefined;
  return happens(faults.flipDown, random) ? flipped(body, random) : body;
}

export function garbage(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => randomBelow(random, 256));
}

function happens(share: number, random: Random): boolean {
  // An impossible fault draws no random number. A fault that is added later leaves the rest of a
  // seeded run unchanged.
  return share > 0 && random() < share;
}

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const bit = randomBelow(random, copy.length * 8);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
