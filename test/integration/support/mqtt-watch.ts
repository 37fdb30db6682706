import mqtt, { type MqttClient } from 'mqtt';
import type { AlertDocument, PathDocument, TroubleDocument } from '../../../protocol/mqtt-documents.ts';
import { topicRoot } from '../../../protocol/mqtt-topics.ts';
import { Waiting } from './waiting.ts';

interface Said {
  /** Topic below the gateway's root, e.g. `alert/wb-101.5.17`. */
  readonly place: string;
  /** The document; `undefined` if a retained one was removed. */
  readonly document: unknown;
}

/**
 * Collects what a display at the site sees: everything the gateway publishes over MQTT, in order.
 * It retries until the broker is there.
 */
export class MqttWatch {
  readonly said: Said[] = [];
  readonly #root: string;
  readonly #client: MqttClient;
  readonly #waiting = new Waiting();

  constructor(port: number, password: string, gateway = 'gw-test') {
    this.#root = topicRoot(gateway);
    this.#client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { username: 'console', password, reconnectPeriod: 50 });
    // The connection is refused while nothing listens. The client retries by itself.
    this.#client.on('error', () => undefined);
    this.#client.on('connect', () => this.#client.subscribe(`${this.#root}/#`, { qos: 1 }));
    this.#client.on('message', (topic, payload) => {
      const text = payload.toString();
      const place = topic.slice(this.#root.length + 1);
      this.said.push({ place, document: text === '' ? undefined : JSON.parse(text) });
      this.#waiting.check();
    });
  }

  /** Resolves with the newest document there that meets the condition, as soon as there is one. */
  async until<T>(place: string, met: (document: T) => boolean): Promise<T> {
    const find = () =>
      this.said.findLast((one) => one.place === place && one.document !== undefined && met(one.document as T));
    await this.#waiting.until(
      place,
      () => find() !== undefined,
      () => this.said.slice(-4),
    );
    return find()?.document as T;
  }

  /** Resolves when the retained document there was removed, after there was one. */
  async gone(place: string): Promise<void> {
    const last = () => this.said.findLast((one) => one.place === place);
    await this.#waiting.until(`the end of ${place}`, () => last() !== undefined && last()?.document === undefined);
  }

  alert(id: string, met: (alert: AlertDocument) => boolean = () => true): Promise<AlertDocument> {
    return this.until(`alert/${id}`, met);
  }

  acknowledged(id: string): Promise<AlertDocument> {
    return this.alert(id, (alert) => alert.state === 'acknowledged');
  }

  path(id: string, state: PathDocument['state']): Promise<PathDocument> {
    return this.until(`link/${id}/status`, (path: PathDocument) => path.state === state);
  }

  /** Resolves when a trouble of this type stands. Its id is not known before. */
  async trouble(type: string): Promise<TroubleDocument> {
    const find = () => this.troubles.find((trouble) => trouble.type === type);
    await this.#waiting.until(
      `trouble ${type}`,
      () => find() !== undefined,
      () => this.troubles,
    );
    return find() as TroubleDocument;
  }

  /** Returns every trouble ever published, both standing and restored. */
  get troubles(): TroubleDocument[] {
    return this.said.flatMap(({ place, document }) =>
      place.startsWith('trouble/') && document !== undefined ? [document as TroubleDocument] : [],
    );
  }

  async command(name: 'resolve' | 'cancel', alert: string, reason: string): Promise<void> {
    await this.#client.publishAsync(`${this.#root}/cmd/${name}`, JSON.stringify({ alert, reason }), { qos: 1 });
  }

  async walkTest(command: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#client.publishAsync(`${this.#root}/cmd/walk-test`, JSON.stringify(command), { qos: 1 });
  }

  close(): Promise<void> {
    return this.#client.endAsync(true);
  }
}
