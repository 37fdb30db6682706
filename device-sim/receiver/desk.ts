import type { EventRead } from './verdict.ts';

export interface ReceivedEvent extends EventRead {
  /**
   * Monotonic ms (CLOCK_MONOTONIC, the same in every process of this machine) of the frame's first
   * byte.
   */
  readonly firstByteMs: number;
  /** Receiver's wall clock, ms since 1970 UTC. */
  readonly receivedMs: number;
}

/**
 * The operator's screen, which shows each alert once, however often and in whatever form it
 * arrives.
 */
export class Desk {
  readonly events: ReceivedEvent[] = [];
  readonly displayed: ReceivedEvent[] = [];
  readonly #known = new Set<string>();

  /** Returns true if the event is new to the operator. */
  accept(event: ReceivedEvent): boolean {
    this.events.push(event);
    const key = event.reportId ?? `${event.account} ${event.sequence} ${event.data} ${event.code} ${event.zone ?? ''}`;
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    this.displayed.push(event);
    return true;
  }

  clear(): void {
    this.events.length = 0;
    this.displayed.length = 0;
    this.#known.clear();
  }
}
