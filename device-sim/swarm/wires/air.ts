import { randomBelow } from '../../random.ts';
import type { EventOf } from '../life/life-shape.ts';
import type { Observation } from '../observation.ts';
import type { Streams } from '../streams.ts';
import type { WorldClock } from '../world-clock.ts';

export interface AirDeps {
  /** Of the wire. */
  readonly name: string;
  readonly clock: WorldClock;
  readonly streams: Streams;
  readonly observe: (observation: Observation) => void;
  /** Bytes have come to the gateway: it reads them when it runs. */
  readonly toGateway: (deliver: () => void) => void;
}

type Weather = Pick<EventOf<'weather'>, 'loss' | 'flip' | 'duplicate' | 'delayMs'>;

const FAIR: Weather = { loss: 0, flip: 0, duplicate: 0, delayMs: 5 };
const DELAY_MS_MIN = 1;

/** What lies between two ends: it loses, flips, doubles, and delivers in another order. */
export class Air {
  readonly #deps: AirDeps;
  #weather = FAIR;
  #changes = 0;

  constructor(deps: AirDeps) {
    this.#deps = deps;
  }

  change({ loss, flip, duplicate, delayMs, forMs }: EventOf<'weather'>): void {
    this.#weather = { loss, flip, duplicate, delayMs };
    this.#changes += 1;
    const change = this.#changes;
    this.#deps.clock.after(forMs, () => {
      if (this.#changes === change) this.#weather = FAIR;
    });
  }

  carry(frame: Uint8Array, deliver: (bytes: Uint8Array) => void): void {
    const random = this.#deps.streams.of(`air ${this.#deps.name}`);
    const { loss, flip, duplicate, delayMs } = this.#weather;
    const copies = random() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (random() < loss) continue;
      const bytes = random() < flip ? flipped(frame, randomBelow(random, frame.length * 8)) : frame;
      this.#deps.clock.after(DELAY_MS_MIN + random() * delayMs, () => deliver(bytes));
    }
  }
}

export function flipped(frame: Uint8Array, bit: number): Uint8Array {
  const bytes = Uint8Array.from(frame);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes;
}
