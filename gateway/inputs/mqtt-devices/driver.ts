import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { InputCounters, SignalBody } from '../../core/signal.ts';
import type { Names } from '../../names/names.ts';
import { monoMs } from '../../system/clock.ts';
import type { InputDriver, InputSink } from '../input-driver.ts';
import { BROKER_TIMES, BrokerConnection, type BrokerTimes } from './broker-connection.ts';
import { DeviceMessages } from './device-messages.ts';
import type { MqttDevicesSettings } from './settings.ts';
import { SwitchedOutputs } from './switched-outputs.ts';

/** Larger than any device's message; reading one must not hold up a press. */
const PAYLOAD_BYTES_MAX = 64 * 1024;
const ALIVE_GAP_MS = 1000;

/**
 * The input driver of buttons, sensors, relays and sirens that speak MQTT themselves, by one
 * broker.
 */
export function createMqttDevicesDriver(
  settings: MqttDevicesSettings,
  sink: InputSink,
  names: Names = {},
  times: BrokerTimes = BROKER_TIMES,
): InputDriver {
  return new MqttDevicesDriver(settings, sink, names, times);
}

class MqttDevicesDriver implements InputDriver {
  readonly id: string;
  readonly #sink: InputSink;
  readonly #messages: DeviceMessages;
  readonly #outputs: SwitchedOutputs;
  readonly #broker: BrokerConnection;
  readonly #aliveMs = new Map<string, MonoMs>();
  #framesHeard = 0;
  #framesRejected = 0;
  #bytesRead = 0;

  constructor(settings: MqttDevicesSettings, sink: InputSink, names: Names, times: BrokerTimes) {
    this.id = settings.id;
    this.#sink = sink;
    this.#messages = new DeviceMessages(settings.devices);
    this.#outputs = new SwitchedOutputs(settings.outputs, (topic, payload) => this.#broker.publish(topic, payload));
    const events = {
      up: (detail: string) => sink.health({ input: this.id, state: 'up', detail }),
      down: ({ detail }: { readonly detail: string }) => sink.health({ input: this.id, state: 'down', detail }),
      message: (topic: string, payload: Buffer, retained: boolean) => this.#message(topic, payload, retained),
    };
    const topics = [...new Set([...this.#messages.topics, ...this.#outputs.topics])];
    this.#broker = new BrokerConnection(settings, topics, events, names, times);
  }

  start(): void {
    void this.#broker.start();
  }

  stop(): Promise<void> {
    this.#outputs.allOff();
    return this.#broker.stop();
  }

  output(output: string, on: boolean): void {
    this.#outputs.set(output, on);
  }

  counters(): InputCounters {
    return { framesHeard: this.#framesHeard, framesRejected: this.#framesRejected, bytesRead: this.#bytesRead };
  }

  #message(topic: string, payload: Buffer, retained: boolean): void {
    const capturedMs = monoMs();
    this.#framesHeard += 1;
    this.#bytesRead += payload.length;
    // An empty payload clears the retained message (MQTT §3.3.1.3). It carries no news.
    if (payload.length === 0) return;
    const isTooLong = payload.length > PAYLOAD_BYTES_MAX;
    const text = isTooLong ? '' : payload.toString('utf8');
    const isOfOutput = this.#outputs.heard(topic, text, retained);
    const said = isTooLong ? undefined : this.#messages.read(topic, text, retained);
    if (said === undefined) this.#framesRejected += isOfOutput && !isTooLong ? 0 : 1;
    else for (const { device, body } of said) this.#tell(device, body, capturedMs, retained);
  }

  #tell(device: string, body: SignalBody, capturedMs: MonoMs, retained: boolean): void {
    if (body.type === 'gone') this.#aliveMs.delete(device);
    if (body.type === 'alive' && !retained) {
      if (capturedMs - (this.#aliveMs.get(device) ?? LONG_AGO_MS) < ALIVE_GAP_MS) return;
      this.#aliveMs.set(device, capturedMs);
    }
    const signal = { input: this.id, device, authenticated: false, capturedMs, body } as const;
    this.#sink.signal(retained ? { ...signal, kept: true } : signal);
  }
}
