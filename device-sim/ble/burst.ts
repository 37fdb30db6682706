import type { Advertisement } from './hci-controller.ts';

/** One message that is sent several times. */
export interface Burst {
  readonly advertisement: Advertisement;
  /** Number of sendings that are left. */
  readonly left: number;
  readonly dueMs: number;
}

export interface RadioStep {
  /** Packets to send now, in this order. */
  readonly advertisements: readonly Advertisement[];
  /** Time of the next `tick` on the caller's clock; `Infinity` if the device needs none. */
  readonly wakeMs: number;
}
