import { availabilityInPayload } from './availability-reader.ts';
import type { MqttOutput } from './settings.ts';

/**
 * Relays and sirens that are switched by messages. Never retained: the broker would switch a siren
 * on again, for whoever connects, long after the alert and even after this gateway. What a retained
 * message would be good for, a device that comes back, is seen to by its availability topic: when
 * it is there again, it is told again what it is to be.
 */
export class SwitchedOutputs {
  readonly #outputs: ReadonlyMap<string, MqttOutput>;
  readonly #publish: (topic: string, payload: string) => void;
  /** The state that was last sent to each. */
  readonly #switched = new Map<string, boolean>();

  /**
   * @param publish sends the state once, if there is a connection
   */
  constructor(outputs: readonly MqttOutput[], publish: (topic: string, payload: string) => void) {
    this.#outputs = new Map(outputs.map((output) => [output.id, output]));
    this.#publish = publish;
  }

  /** To be listened to. */
  get topics(): readonly string[] {
    return [...this.#outputs.values()].flatMap(({ availability }) => availability?.topic ?? []);
  }

  set(id: string, on: boolean): void {
    const output = this.#outputs.get(id);
    if (output === undefined) return;
    this.#switched.set(id, on);
    this.#publish(output.topic, on ? output.on : output.off);
  }

  allOff(): void {
    for (const [id, on] of this.#switched) if (on) this.set(id, false);
  }

  /**
   * @param kept the message was retained. It is no news: with each new connection every output is
   * sent again
   * @returns whether it is about an output at all
   */
  heard(topic: string, payload: string, kept: boolean): boolean {
    let isOurs = false;
    for (const { id, availability } of this.#outputs.values()) {
      if (availability?.topic !== topic) continue;
      isOurs = true;
      const on = this.#switched.get(id);
      if (!kept && on !== undefined && availabilityInPayload(availability, payload)?.says === 'online')
        this.set(id, on);
    }
    return isOurs;
  }
}
