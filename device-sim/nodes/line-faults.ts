import { type Random, randomBelow } from '../random.ts';

/** What is wrong with the cable. Shares are probabilities 0…1, each drawn per frame. */
export interface LineFaults {
  /** Frames lost on the way to the gateway, and to the nodes. */
  readonly loseUp: number;
  readonly loseDown: number;
  /** Frames with one bit flipped. */
  readonly flipUp: number;
  readonly flipDown: number;
  /** Frames sent twice in a row. */
  readonly duplicateUp: number;
  /** Up frames with 1…40 random bytes before them. */
  readonly garbageUp: number;
  /** Nothing passes, either way. */
  readonly cut: boolean;
  /** Bits a second, 10 bits a byte; 0: as fast as the other side takes it. */
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

/** What reaches the gateway of a frame that a node sends: nothing, or one run of bytes. */
export function damageUp(frame: Uint8Array, faults: LineFaults, random: Random): Uint8Array | undefined {
  if (faults.cut || happens(faults.loseUp, random)) return undefined;
  const parts: Uint8Array[] = [];
  if (happens(faults.garbageUp, random)) parts.push(garbage(1 + randomBelow(random, MAX_GARBAGE_BYTES), random));
  const sent = happens(faults.flipUp, random) ? flipped(frame, random) : frame;
  parts.push(sent);
  if (happens(faults.duplicateUp, random)) parts.push(sent);
  return parts.length === 1 ? sent : Buffer.concat(parts);
}

/** What the nodes hear of a frame body that the gateway sends. */
export function damageDown(body: Uint8Array, faults: LineFaults, random: Random): Uint8Array | undefined {
  if (faults.cut || happens(faults.loseDown, random)) return undefined;
  return happens(faults.flipDown, random) ? flipped(body, random) : body;
}

export function garbage(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => randomBelow(random, 256));
}

function happens(share: number, random: Random): boolean {
  // No draw for what can't happen: adding a fault later leaves the rest of a seeded run as it was.
  return share > 0 && random() < share;
}

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const bit = randomBelow(random, copy.length * 8);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
