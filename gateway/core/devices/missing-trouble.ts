import type { Device } from '../site.ts';
import type { Troubles, TroubleText } from '../troubles/troubles.ts';
import type { DevicePresence } from './device-presence.ts';
import type { MissingTogether } from './missing-together.ts';

const NEVER_HEARD = 'never heard since the start: check its power and the topics of its availability';
const IS_UNWATCHED =
  'it was heard, but its availability does not say that it is present: check the topics of its availability';
const IS_WITHDRAWN =
  'its availability was removed from the broker: was the device renamed or removed at its bridge? Correct its topics';

/** The one trouble that says that a device is lost, or that its loss would not be noticed. */
export class MissingTrouble {
  #device: Device;
  readonly #troubles: Troubles;
  #together: MissingTogether | undefined;

  constructor(device: Device, troubles: Troubles) {
    this.#device = device;
    this.#troubles = troubles;
  }

  /** A reload has reworded the device. */
  adopt(device: Device): void {
    this.#device = device;
  }

  /** Its bridge may report many lost devices in one trouble. */
  join(together: MissingTogether): void {
    this.#together = together;
  }

  lost(): void {
    const { id } = this.#device;
    if (this.#troubles.stands('deviceMissing', id) || this.#together?.lost(id) !== true)
      this.#raise({ text: this.#text });
  }

  /**
   * Only its availability would report its loss, and had time to say something.
   *
   * @param wasHeard the device itself was heard since the start
   */
  unwatched({ state, isWithdrawn }: Pick<DevicePresence, 'state' | 'isWithdrawn'>, wasHeard: boolean): void {
    if (state === 'online' || state === 'offline') return;
    const why = wasHeard ? IS_UNWATCHED : NEVER_HEARD;
    this.#raise({ text: this.#text, detail: isWithdrawn && state === 'unheard' ? IS_WITHDRAWN : why });
  }

  /** The device itself was heard, and its availability does not say that it is present. */
  heardUnwatched(): void {
    this.#troubles.reword('deviceMissing', this.#device.id, { text: this.#text, detail: IS_UNWATCHED });
  }

  restore(): void {
    this.#together?.found(this.#device.id);
    this.#troubles.restore('deviceMissing', this.#device.id);
  }

  get #text(): string {
    return `Device missing: ${this.#device.id}, ${this.#device.location.text}`;
  }

  #raise(said: TroubleText): void {
    this.#troubles.raiseOrReword('deviceMissing', this.#device.id, said, this.#device);
  }
}
