import type { Advertisement } from './hci-controller.ts';

/** One thing said several times. */
export interface Burst {
  readonly advertisement: Advertisement;
  /** Times it is still to be said. */
  readonly left: number;
  readonly dueMs: number;
}

export interface RadioStep {
  /** To be sent now, in this order. */
  readonly advertisements: readonly Advertisement[];
  /** When the device wants a `tick`, on the caller's clock; `Infinity`: not by itself. */
  readonly wakeMs: number;
}
