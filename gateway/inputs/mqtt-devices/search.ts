import type { Names } from '../../names/names.ts';
import { monoMs } from '../../system/clock.ts';
import type { HeardStrangers, InputSearch } from '../input-driver.ts';
import { BROKER_TIMES, BrokerConnection, type BrokerTimes } from './broker-connection.ts';
import { MqttStrangers } from './mqtt-strangers.ts';
import type { MqttDevicesSettings } from './settings.ts';

/** A bridge's list of 400 devices. */
const PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Where the families of `protocol/mqtt-profiles` speak, on a broker that lets us read everything.
 */
export const FAMILY_TOPICS: readonly string[] = [
  '+/bridge/devices',
  '+/+',
  '+/events/rpc',
  '+/+/events/rpc',
  'shellies/+/input_event/+',
  'shellies/+/sensor/state',
  'stat/+/RESULT',
  '+/binary_sensor/+/state',
  'homeassistant/device_automation/+/+/config',
  'homeassistant/event/+/config',
  'homeassistant/event/+/+/config',
];

/** With which account which topics may be read. */
export interface BrokerAccount {
  readonly username?: string;
  readonly password?: string;
  readonly topics: readonly string[];
}

/**
 * Listens at a broker for buttons that the configuration does not have: with connections of its
 * own, so that the gateway's are not disturbed. It publishes nothing.
 */
export function createMqttSearch(
  settings: MqttDevicesSettings,
  accounts: readonly BrokerAccount[],
  names: Names = {},
  times: BrokerTimes = BROKER_TIMES,
): InputSearch {
  return new MqttSearch(settings, accounts, names, times);
}

interface Listening {
  readonly connection: BrokerConnection;
  isUp: boolean;
  detail: string;
}

class MqttSearch implements InputSearch {
  readonly #url: string;
  readonly #strangers: MqttStrangers;
  readonly #all: readonly Listening[];
  #messages = 0;

  constructor(settings: MqttDevicesSettings, accounts: readonly BrokerAccount[], names: Names, times: BrokerTimes) {
    this.#url = settings.url;
    this.#strangers = new MqttStrangers(settings.id, settings.devices);
    this.#all = accounts.map(({ topics, ...login }) => {
      const { username: _, password: __, ...broker } = settings;
      const events = {
        up: (detail: string) => Object.assign(listening, { isUp: true, detail }),
        down: ({ kind, detail }: { readonly kind: string; readonly detail: string }) =>
          // Of several topics some may be refused. The others are heard.
          Object.assign(listening, { isUp: kind === 'subscription' && topics.length > 1, detail }),
        message: (topic: string, payload: Buffer, retained: boolean) => this.#message(topic, payload, retained),
      };
      const connection = new BrokerConnection({ ...broker, ...login }, topics, events, names, times);
      const listening: Listening = { connection, isUp: false, detail: `connects to ${settings.url}` };
      return listening;
    });
  }

  start(): void {
    for (const { connection } of this.#all) void connection.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map(({ connection }) => connection.stop()));
  }

  state(): { readonly isListening: boolean; readonly detail: string } {
    if (this.#all.length === 0) {
      const detail = `no client of ${this.#url} may read other devices: add one with role: device under mqtt: clients:`;
      return { isListening: false, detail };
    }
    const isListening = this.#all.some(({ isUp }) => isUp);
    const faults = this.#all.filter(({ isUp, detail }) => !isUp || !detail.startsWith('connected'));
    const heard = `listens at ${this.#url}: ${this.#messages} messages`;
    const details = [...(isListening ? [heard] : []), ...faults.map(({ detail }) => detail)];
    return { isListening, detail: [...new Set(details)].join('; ') };
  }

  strangers(): HeardStrangers {
    return this.#strangers.strangers();
  }

  #message(topic: string, payload: Buffer, retained: boolean): void {
    this.#messages += 1;
    if (payload.length === 0 || payload.length > PAYLOAD_BYTES_MAX) return;
    this.#strangers.heard(topic, payload.toString('utf8'), retained, monoMs());
  }
}
