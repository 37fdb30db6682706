import type { BridgeState } from '../../core/signal.ts';
import { availabilityInPayload } from './availability-reader.ts';
import type { MqttAvailability, MqttDevice } from './settings.ts';

type BridgeSaid = Pick<BridgeState, 'bridge' | 'says' | 'word'>;

/** Reads what the bridges of the devices say of themselves. */
export class BridgeMessages {
  readonly #byTopic: ReadonlyMap<string, MqttAvailability>;

  constructor(devices: readonly MqttDevice[]) {
    const bridges = devices.map(({ bridge }) => bridge).filter((bridge) => bridge !== undefined);
    this.#byTopic = new Map(bridges.map((bridge) => [bridge.topic, bridge]));
  }

  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }

  /** @returns `undefined` for a message of no bridge, or that says nothing of its state */
  read(topic: string, payload: string): BridgeSaid | undefined {
    const bridge = this.#byTopic.get(topic);
    const said = bridge === undefined ? undefined : availabilityInPayload(bridge, payload);
    return said === undefined ? undefined : { bridge: topic, ...said };
  }
}
