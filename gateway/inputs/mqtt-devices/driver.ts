import { isDeepStrictEqual } from 'node:util';
import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { InputCounters } from '../../core/signal.ts';
import type { Names } from '../../names/names.ts';
import { monoMs } from '../../system/clock.ts';
import type { InputDriver, InputSink } from '../input-driver.ts';
import { BridgeMessages } from './bridge-messages.ts';
import { BROKER_TIMES, BrokerConnection, type BrokerTimes } from './broker-connection.ts';
import { DeviceMessages, type Said } from './device-messages.ts';
import type { MqttDevicesSettings } from './settings.ts';
import { SwitchedOutputs } from './switched-outputs.ts';

/** Larger than any device's message; reading one must not hold up a press. */
const PAYLOAD_BYTES_MAX = 64 * 1024;
const LONG = `more than ${PAYLOAD_BYTES_MAX} bytes`;
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
  #settings: MqttDevicesSettings;
  #messages: DeviceMessages;
  #bridges: BridgeMessages;
  readonly #outputs: SwitchedOutputs;
  readonly #broker: BrokerConnection;
  readonly #aliveMs = new Map<string, MonoMs>();
  #framesHeard = 0;
  #framesRejected = 0;
  #bytesRead = 0;

  constructor(settings: MqttDevicesSettings, sink: InputSink, names: Names, times: BrokerTimes) {
    this.id = settings.id;
    this.#settings = settings;
    this.#sink = sink;
    this.#messages = new DeviceMessages(settings.devices);
    this.#bridges = new BridgeMessages(settings.devices);
    this.#outputs = new SwitchedOutputs(settings.outputs, (topic, payload) => {
      sink.tap?.recorder?.message('out', Buffer.from(payload), { topic });
      this.#broker.publish(topic, payload);
    });
    const events = {
      up: (detail: string) => sink.health({ input: this.id, state: 'up', detail }),
      down: ({ detail }: { readonly detail: string }) => sink.health({ input: this.id, state: 'down', detail }),
      message: (topic: string, payload: Buffer, retained: boolean) => this.#message(topic, payload, retained),
    };
    this.#broker = new BrokerConnection(settings, this.#topics, events, names, times);
  }

  get #topics(): readonly string[] {
    return [...new Set([...this.#bridges.topics, ...this.#messages.topics, ...this.#outputs.topics])];
  }

  start(): void {
    void this.#broker.start();
  }

  /** The authority's text is live. */
  takes({ devices: _, ca, onPeerCertificate: __, ...link }: MqttDevicesSettings): boolean {
    const { devices: ___, ca: presentCa, onPeerCertificate: ____, ...present } = this.#settings;
    return isDeepStrictEqual([link, ca === undefined], [present, presentCa === undefined]);
  }

  /** The connection stays open, so that no message is missed. */
  update(settings: MqttDevicesSettings): void {
    this.#settings = settings;
    this.#messages = new DeviceMessages(settings.devices);
    this.#bridges = new BridgeMessages(settings.devices);
    this.#broker.setTopics(this.#topics);
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
    this.#sink.tap?.recorder?.message('in', payload, retained ? { topic, retained } : { topic }, capturedMs);
    this.#framesHeard += 1;
    this.#bytesRead += payload.length;
    // An empty payload clears the retained message (MQTT §3.3.1.3). It carries no other news.
    if (payload.length === 0) {
      for (const one of this.#messages.cleared(topic)) this.#tell(one, capturedMs, retained);
      return;
    }
    const isTooLong = payload.length > PAYLOAD_BYTES_MAX;
    const text = isTooLong ? '' : payload.toString('utf8');
    const isOfOutput = this.#outputs.heard(topic, text, retained);
    const bridge = this.#bridges.read(topic, text);
    if (bridge !== undefined) this.#sink.bridge({ input: this.id, ...bridge, ...(retained ? { kept: true } : {}) });
    const said = isTooLong
      ? this.#messages.unreadable(topic, LONG, retained)
      : this.#messages.read(topic, text, retained);
    const isUnderstood = said?.some(({ body }) => body.type !== 'notUnderstood') ?? (isOfOutput && !isTooLong);
    if (!isUnderstood && said?.length !== 0 && bridge === undefined) this.#framesRejected += 1;
    for (const one of said ?? []) this.#tell(one, capturedMs, retained);
    if (isTooLong) return;
    for (const name of this.#messages.strangers(topic, text, retained)) {
      const address = `${topic} ${name}`;
      this.#sink.unknownSignal({ input: this.id, address, reason: 'notEnrolled', says: 'press', capturedMs });
    }
  }

  #tell({ device, body, lastSeenMs }: Said, capturedMs: MonoMs, retained: boolean): void {
    if (body.type === 'availability' && body.says !== 'online') this.#aliveMs.delete(device);
    if (body.type === 'alive') {
      if (capturedMs - (this.#aliveMs.get(device) ?? LONG_AGO_MS) < ALIVE_GAP_MS) return;
      this.#aliveMs.set(device, capturedMs);
    }
    const signal = { input: this.id, device, authenticated: false, capturedMs, body } as const;
    this.#sink.signal({
      ...signal,
      ...(lastSeenMs === undefined ? {} : { lastSeenMs }),
      ...(retained ? { kept: true } : {}),
    });
  }
}
