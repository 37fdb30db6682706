import type { Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';

const NEVER_HEARD = 'never heard since the start: check its power and the topics of its availability';
const IS_UNWATCHED =
  'it was heard, but its availability does not say that it is present: check the topics of its availability';

/** The one trouble that says that a device is lost, or that its loss would not be noticed. */
export class MissingTrouble {
  readonly #device: Device;
  readonly #troubles: Troubles;

  constructor(device: Device, troubles: Troubles) {
    this.#device = device;
    this.#troubles = troubles;
  }

  lost(): void {
    this.#raise(this.#text);
  }

  /** Only its availability would report its loss, and has said nothing. */
  unheard(spoke: boolean): void {
    this.#raise(`${this.#text}; ${spoke ? IS_UNWATCHED : NEVER_HEARD}`);
  }

  /** The device itself was heard, and its availability does not say that it is present. */
  spoke(): void {
    this.#troubles.reword('deviceMissing', this.#device.id, `${this.#text}; ${IS_UNWATCHED}`);
  }

  restore(): void {
    this.#troubles.restore('deviceMissing', this.#device.id);
  }

  get #text(): string {
    return `Device missing: ${this.#device.id}, ${this.#device.location.text}`;
  }

  #raise(text: string): void {
    this.#troubles.raise('deviceMissing', this.#device.id, text, this.#device);
    // The trouble may stand for another cause.
    this.#troubles.reword('deviceMissing', this.#device.id, text);
  }
}
