import mqtt, { type MqttClient } from 'mqtt';
import { topicRoot } from '../../protocol/mqtt-topics.ts';

/**
 * A staff display that reads everything the gateway publishes, and sometimes freezes: it then stays
 * connected but reads nothing.
 */
export class Display {
  readonly #client: MqttClient;
  #heard = 0;
  #connections = 0;
  #frozen = false;
  #held: (() => void)[] = [];

  constructor(url: string, gateway: string, username: string, password: string) {
    // It pings too rarely to notice that it no longer hears the answers.
    this.#client = mqtt.connect(url, { username, password, keepalive: 600, reconnectPeriod: 500 });
    this.#client.on('error', () => undefined); // the library connects again by itself
    this.#client.on('connect', () => {
      this.#connections += 1;
      this.#client.subscribe(`${topicRoot(gateway)}/#`, { qos: 1 });
    });
    this.#client.handleMessage = (_packet, done) => {
      this.#heard += 1;
      if (this.#frozen) this.#held.push(done);
      else done();
    };
  }

  get heard(): number {
    return this.#heard;
  }

  get connections(): number {
    return this.#connections;
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    for (const done of this.#held.splice(0)) done();
  }

  async close(): Promise<void> {
    this.thaw();
    await this.#client.endAsync(true);
  }
}
