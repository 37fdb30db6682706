import { type BrokerLogin, DeviceClient } from './mqtt-client.ts';

const KEPT = { qos: 1, retain: true } as const;

interface RelayWords {
  /** Topic of its commands. */
  readonly topic: string;
  /** Reads a command; returns `undefined` if the device does not understand it. */
  readonly read: (payload: string) => boolean | undefined;
  readonly availability: { readonly topic: string; readonly online: string; readonly offline: string };
}

/** A relay or siren that is switched by messages. It is off when it gets power. */
export class MqttRelay {
  /** Every command since the start. A `!` marks a command that the broker had retained. */
  readonly commands: string[] = [];
  readonly #login: BrokerLogin;
  readonly #words: RelayWords;
  readonly #watchers = new Set<() => void>();
  #client: DeviceClient | undefined;
  #isOn = false;

  private constructor(login: BrokerLogin, words: RelayWords) {
    this.#login = login;
    this.#words = words;
  }

  /**
   * A Zigbee siren or plug behind Zigbee2MQTT
   * (https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html).
   */
  static async zigbee(login: BrokerLogin, name: string, base = 'zigbee2mqtt'): Promise<MqttRelay> {
    const topic = `${base}/${name}`;
    return MqttRelay.#powered(login, {
      topic: `${topic}/set`,
      read: (payload) => ({ ON: true, OFF: false })[String(stateIn(payload))],
      availability: { topic: `${topic}/availability`, online: '{"state":"online"}', offline: '{"state":"offline"}' },
    });
  }

  /**
   * A relay of a Shelly (https://shelly-api-docs.shelly.cloud/gen1/#mqtt-support).
   * @param id for example `shelly1-A8032A`
   */
  static async shelly(login: BrokerLogin, id: string): Promise<MqttRelay> {
    return MqttRelay.#powered(login, {
      topic: `shellies/${id}/relay/0/command`,
      read: (payload) => ({ on: true, off: false })[payload],
      availability: { topic: `shellies/${id}/online`, online: 'true', offline: 'false' },
    });
  }

  static async #powered(login: BrokerLogin, words: RelayWords): Promise<MqttRelay> {
    const relay = new MqttRelay(login, words);
    await relay.powerUp();
    return relay;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** The device has forgotten its state. */
  async powerUp(): Promise<void> {
    const { topic, read, availability } = this.#words;
    this.#isOn = false;
    const will = { topic: availability.topic, payload: availability.offline };
    const client = await DeviceClient.connect(this.#login, will);
    this.#client = client;
    await client.subscribe(topic, (payload, kept) => {
      this.commands.push(kept ? `!${payload}` : payload);
      this.#isOn = read(payload) ?? this.#isOn;
      for (const watcher of this.#watchers) watcher();
    });
    client.onReconnect(() => client.publish(availability.topic, availability.online, KEPT));
    await client.publish(availability.topic, availability.online, KEPT);
  }

  /** Cuts the power: the broker publishes that the device is offline. */
  async powerCut(): Promise<void> {
    await this.#client?.lose();
    this.#isOn = false;
  }

  async disconnect(): Promise<void> {
    await this.#client?.disconnect();
  }

  /** Resolves as soon as the condition holds. It is checked at each command. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const watcher = () => {
        if (!condition()) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }
}

function stateIn(payload: string): unknown {
  try {
    const said: unknown = JSON.parse(payload);
    return typeof said === 'object' && said !== null && 'state' in said ? said.state : undefined;
  } catch {
    // This command is of another kind.
    return undefined;
  }
}
