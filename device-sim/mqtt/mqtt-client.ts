import mqtt, { type IClientPublishOptions, type MqttClient } from 'mqtt';

/** Where a simulated device logs in, and as which client. */
export interface BrokerLogin {
  /** For example `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

interface Will {
  readonly topic: string;
  readonly payload: string;
}

/** One device's or bridge's connection to the broker. */
export class DeviceClient {
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  /** @param will message that the broker publishes retained when the connection is lost */
  static async connect({ url, username, password }: BrokerLogin, will?: Will): Promise<DeviceClient> {
    const client = await mqtt.connectAsync(url, {
      username,
      password,
      // The certificate is for the gateway's name in its own network, which is not known here.
      rejectUnauthorized: false,
      ...(will && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    });
    client.on('error', () => undefined); // the library connects again by itself
    return new DeviceClient(client);
  }

  /**
   * Calls back at each connection, including the first: a broker that was restarted has lost its
   * retained messages.
   */
  onReconnect(announce: () => Promise<void>): void {
    this.#client.on('connect', () => {
      announce().catch(() => undefined); // lost again: the next connection announces
    });
  }

  /** Publishes a message. Resolves when the broker has it, or at QoS 0 when it is written. */
  async publish(topic: string, payload: string | Buffer, options: IClientPublishOptions = { qos: 0 }): Promise<void> {
    await this.#client.publishAsync(topic, payload, options);
  }

  /** @param listener called with each message; `kept` is true for a retained one */
  async subscribe(topic: string, listener: (payload: string, kept: boolean) => void): Promise<void> {
    this.#client.on('message', (to, payload, { retain }) => {
      if (to === topic) listener(payload.toString('utf8'), retain);
    });
    await this.#client.subscribeAsync(topic, { qos: 1 });
  }

  /** Disconnects properly: the broker does not publish the will. */
  async disconnect(): Promise<void> {
    await this.#client.endAsync();
  }

  /** Cuts the power: the broker publishes the will. */
  async lose(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
