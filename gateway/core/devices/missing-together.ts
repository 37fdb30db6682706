import type { Troubles } from '../troubles/troubles.ts';

/** A bridge reports this many devices one by one when it starts; the others share one trouble. */
const ONE_BY_ONE_MAX = 4;
/** So many are named in the text. */
const NAMED_MAX = 8;

/**
 * Devices that a bridge finds missing when it starts. After a long outage these may be all of them,
 * until each reports again: that has one cause. A device that is lost later is a trouble of its
 * own, whatever stands.
 */
export class MissingTogether {
  readonly #id: string;
  readonly #topic: string;
  readonly #troubles: Troubles;
  readonly #devices = new Set<string>();
  /** Devices that were reported one by one since the start; `undefined`: the start is over. */
  #oneByOne: number | undefined;

  constructor(id: string, topic: string, troubles: Troubles) {
    this.#id = id;
    this.#topic = topic;
    this.#troubles = troubles;
  }

  started(): void {
    this.#oneByOne = 0;
  }

  /**
   * From now on each loss is reported by itself. A trouble of an earlier run of the gateway ends
   * here if none of the devices is missing any more.
   */
  startEnded(): void {
    this.#oneByOne = undefined;
    this.#update();
  }

  /** @returns false if the device is to be reported by itself */
  lost(device: string): boolean {
    if (this.#oneByOne === undefined) return this.#devices.has(device);
    const isFull = this.#oneByOne >= ONE_BY_ONE_MAX || this.#troubles.stands('devicesMissing', this.#id);
    if (!isFull) {
      this.#oneByOne += 1;
      return false;
    }
    this.#devices.add(device);
    this.#update();
    return true;
  }

  found(device: string): void {
    if (this.#devices.delete(device)) this.#update();
  }

  #update(): void {
    const { size } = this.#devices;
    if (size === 0) {
      if (this.#oneByOne === undefined) this.#troubles.restore('devicesMissing', this.#id);
      return;
    }
    const named = [...this.#devices].slice(0, NAMED_MAX).join(', ');
    const more = size > NAMED_MAX ? ` and ${size - NAMED_MAX} more` : '';
    const text = `Devices missing: ${size} that ${this.#topic} has not heard for too long: ${named}${more}`;
    this.#troubles.raiseOrReword('devicesMissing', this.#id, { text });
  }
}
