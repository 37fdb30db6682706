import mqtt, { type MqttClient } from 'mqtt';
import { topicRoot } from '../../protocol/mqtt-topics.ts';

interface TreeLogin {
  readonly port: number;
  readonly gateway: string;
  readonly username: string;
  readonly password: string;
}

/** A document that the gateway published. These fields are looked at by name. */
interface Document {
  readonly id?: unknown;
  readonly state?: unknown;
  readonly device?: unknown;
  readonly raised_at?: unknown;
  readonly [name: string]: unknown;
}

/** Reads the gateway's MQTT tree, as an operator's console does. */
export class TreeWatch {
  readonly #client: MqttClient;
  readonly #root: string;
  /** The newest document of each topic below the root. */
  readonly latest = new Map<string, Document>();

  constructor(
    { port, gateway, username, password }: TreeLogin,
    onDocument: (topic: string, document: Document) => void,
  ) {
    this.#root = topicRoot(gateway);
    this.#client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
      username,
      password,
      reconnectPeriod: 50,
      // A broker that hangs accepts connections and says nothing.
      connectTimeout: 2_000,
      keepalive: 5,
    });
    // The connection is refused until the gateway listens. The client connects again by itself.
    this.#client.on('error', () => undefined);
    this.#client.on('connect', () => this.#client.subscribe(`${this.#root}/#`, { qos: 1 }));
    this.#client.on('message', (topic, payload) => {
      const place = topic.slice(this.#root.length + 1);
      if (payload.length === 0) {
        this.latest.delete(place);
        return;
      }
      const document = JSON.parse(payload.toString()) as Document;
      this.latest.set(place, document);
      onDocument(place, document);
    });
  }

  /** Sends a command to the gateway, as `cmd/<name>`. */
  async command(name: string, fields: Document): Promise<void> {
    await this.#client.publishAsync(`${this.#root}/cmd/${name}`, JSON.stringify(fields), { qos: 1 });
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
