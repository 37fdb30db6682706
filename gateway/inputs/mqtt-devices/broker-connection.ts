import { randomBytes } from 'node:crypto';
import { connect as connectPlain, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { IClientOptions, MqttClient } from 'mqtt';
import { LONG_AGO_MS } from '../../../protocol/clocks.ts';
import { connectLookup } from '../../names/connect-lookup.ts';
import type { Names } from '../../names/names.ts';
import { monoMs } from '../../system/clock.ts';
import {
  type BrokerTrouble,
  certificateTrouble,
  connectionTrouble,
  libraryTrouble,
  NOT_TAKEN,
  subscriptionTrouble,
} from './broker-trouble.ts';
import { trustIn } from './broker-trust.ts';
import type { MqttDevicesSettings } from './settings.ts';

/** Times in ms; tests shorten them. */
export interface BrokerTimes {
  /** First wait before connecting again; doubles up to `retryMsMax`. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  /** For CONNACK, SUBACK and PUBACK. */
  readonly answerMs: number;
  /**
   * A broker that starts together with the gateway does not listen yet: no trouble is reported
   * within this time.
   */
  readonly startingMs: number;
  /** Wait before topics are asked for again that the broker refused. */
  readonly refusedMs: number;
}

export const BROKER_TIMES: BrokerTimes = {
  retryMs: 250,
  retryMsMax: 10_000,
  answerMs: 5_000,
  startingMs: 15_000,
  refusedMs: 30_000,
};

interface BrokerEvents {
  up(detail: string): void;
  /** Once for each kind of trouble. */
  down(trouble: BrokerTrouble): void;
  message(topic: string, payload: Buffer, retained: boolean): void;
}

/** The library takes a broker for dead after one and a half of these. */
const KEEPALIVE_SECONDS = 10;
/** With the longest topics still within the 64 kB that a broker may take at once. */
const TOPICS_A_PACKET = 100;
const STOP_MS = 500;
const PORTS = { 'mqtt:': 1883, 'mqtts:': 8883 };

/** Within this time the broker's thread knows of the rights that a reload has changed. */
const RIGHTS_MS = 200;

/** Keeps a connection to the broker open, with every topic subscribed, until it is stopped. */
export class BrokerConnection {
  readonly #settings: MqttDevicesSettings;
  #topics: readonly string[];
  /** The topics of the subscriptions that are under way, or were made last. */
  #asked: readonly string[] = [];
  readonly #events: BrokerEvents;
  readonly #times: BrokerTimes;
  readonly #lookup: LookupFunction;
  #client: MqttClient | undefined;
  #trust: ConnectionOptions = {};
  #trustedCa: string | undefined;
  #startedMs = LONG_AGO_MS;
  #hasBeenUp = false;
  #lastError: unknown;
  #reportedKind: BrokerTrouble['kind'] | undefined;
  /** Published, and not taken by the broker yet: message ids. */
  readonly #untaken = new Set<number>();
  #untakenTimer: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    settings: MqttDevicesSettings,
    topics: readonly string[],
    events: BrokerEvents,
    names: Names,
    times: BrokerTimes,
  ) {
    this.#settings = settings;
    this.#topics = topics;
    this.#events = events;
    this.#times = times;
    this.#lookup = connectLookup(names);
  }

  async start(): Promise<void> {
    this.#startedMs = monoMs();
    const { url, ca } = this.#settings;
    try {
      // Once, and here: in the library's own timer nothing would catch what a broken certificate
      // throws.
      if (ca !== undefined) this.#trust = trustIn(ca);
      this.#trustedCa = ca;
    } catch (error) {
      this.#down(certificateTrouble(url, error));
      // Its file may be put right while the gateway runs.
      if (!this.#stopped) this.#timer = setTimeout(() => void this.start(), this.#times.retryMsMax);
      return;
    }
    try {
      const { default: mqtt } = await import('mqtt');
      if (!this.#stopped) this.#client = this.#connect(mqtt.MqttClient);
    } catch (error) {
      this.#down(libraryTrouble(error));
    }
  }

  /**
   * With QoS 1, not retained. Without a connection nothing happens: what is queued would be said
   * when it is no longer true.
   */
  publish(topic: string, payload: string): void {
    const client = this.#client;
    if (client?.connected !== true || this.#stopped) return;
    let id: number | undefined;
    client.publish(topic, payload, { qos: 1 }, () => {
      if (id !== undefined) this.#untaken.delete(id);
      if (this.#untaken.size === 0) clearTimeout(this.#untakenTimer);
    });
    id = client.getLastMessageId();
    if (this.#untaken.size === 0) this.#expectTaken(client);
    this.#untaken.add(id);
  }

  /**
   * A broker may answer pings and accept no message. Outputs then keep their state, and nothing
   * else would notice.
   */
  #expectTaken(client: MqttClient): void {
    clearTimeout(this.#untakenTimer);
    this.#untakenTimer = setTimeout(() => {
      this.#lastError = NOT_TAKEN;
      client.stream.destroy();
    }, this.#times.answerMs);
  }

  /** What was published before it is still delivered, if the broker takes it in time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#untakenTimer);
    const client = this.#client;
    if (client === undefined) return;
    const over = new AbortController();
    const late = delay(STOP_MS, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([client.endAsync(!client.connected), late]);
    over.abort();
  }

  #connect(Client: typeof MqttClient): MqttClient {
    const { username, password } = this.#settings;
    const options: IClientOptions = {
      // As every broker must take it: letters and digits, at most 23 (MQTT 3.1.1 §3.1.3.1).
      clientId: `callpoint${randomBytes(6).toString('hex')}`,
      protocolVersion: 4,
      // What was queued while we were away is old: a press in it would be an alarm long after.
      clean: true,
      resubscribe: false,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: this.#times.answerMs,
      reconnectPeriod: this.#times.retryMs,
      // A password that is wrong now may be right later, and no person is there to restart the
      // gateway.
      reconnectOnConnackError: true,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    };
    const client = new Client(() => this.#dial(), options);
    client.on('connect', () => this.#subscribeAll(client));
    client.on('error', (error) => {
      this.#lastError = error;
    });
    client.on('close', () => {
      this.#forgetUntaken(client);
      this.#closed(client);
    });
    client.on('message', (topic, payload, { retain }) => {
      if (!this.#stopped) this.#events.message(topic, payload, retain);
    });
    return client;
  }

  #dial(): Duplex {
    const { protocol, hostname, port } = new URL(this.#settings.url);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const isTls = protocol === 'mqtts:';
    const to = { host, port: Number(port) || PORTS[isTls ? 'mqtts:' : 'mqtt:'], lookup: this.#lookup };
    if (!isTls) return connectPlain({ ...to, noDelay: true });
    const name = isIP(host) === 0 ? { servername: host } : {};
    this.#renewTrust();
    const socket = connectTls({ ...to, ...name, ...this.#trust }).setNoDelay(true);
    socket.once('secureConnect', () => this.#settings.onPeerCertificate?.(socket.getPeerCertificate(true)));
    return socket;
  }

  /**
   * The authority was renewed on disk. Whoever put it into the settings has seen that it can be
   * used.
   */
  #renewTrust(): void {
    const { ca } = this.#settings;
    if (ca === undefined || ca === this.#trustedCa) return;
    this.#trust = trustIn(ca);
    this.#trustedCa = ca;
  }

  /**
   * Other topics from now on. Those that stay are asked for again, because the broker then repeats
   * what it has kept of them. What is published meanwhile is not missed.
   */
  setTopics(topics: readonly string[]): void {
    const gone = this.#topics.filter((topic) => !topics.includes(topic));
    this.#topics = topics;
    const client = this.#client;
    if (client?.connected !== true || this.#stopped) return;
    if (gone.length > 0) client.unsubscribe(gone);
    // The embedded broker is told of the new rights in this moment, in its own thread.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => client.connected && this.#subscribeAll(client), RIGHTS_MS);
  }

  #subscribeAll(client: MqttClient): void {
    this.#asked = this.#topics;
    this.#subscribe(client, this.#topics);
  }

  #subscribe(client: MqttClient, topics: readonly string[], refused: readonly string[] = []): void {
    clearTimeout(this.#timer);
    const asked = topics.slice(0, TOPICS_A_PACKET);
    if (asked.length === 0) {
      this.#subscribed(client, refused);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#lastError = new Error('subscription timeout');
      client.stream.destroy();
    }, this.#times.answerMs);
    client.subscribe([...asked], { qos: 1 }, (_error, _subscriptions, answer) => {
      // Without an answer the connection has closed, and begins anew.
      if (answer === undefined || this.#stopped) return;
      const now = asked.filter((_topic, index) => ((answer.granted[index] as number | undefined) ?? 0x80) >= 0x80);
      this.#subscribe(client, topics.slice(asked.length), [...refused, ...now]);
    });
  }

  #subscribed(client: MqttClient, refused: readonly string[]): void {
    const { url, username } = this.#settings;
    client.options.reconnectPeriod = this.#times.retryMs;
    this.#lastError = undefined;
    if (this.#asked !== this.#topics) {
      this.#subscribeAll(client);
      return;
    }
    if (refused.length > 0) {
      this.#down(subscriptionTrouble(url, username, refused));
      this.#timer = setTimeout(() => this.#subscribe(client, refused), this.#times.refusedMs);
      return;
    }
    this.#hasBeenUp = true;
    this.#reportedKind = undefined;
    this.#events.up(`connected to ${url}`);
  }

  #closed(client: MqttClient): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    const { url, username } = this.#settings;
    client.options.reconnectPeriod = Math.min(Number(client.options.reconnectPeriod) * 2, this.#times.retryMsMax);
    const trouble = connectionTrouble(url, username, this.#lastError);
    this.#lastError = undefined;
    const isStarting = !this.#hasBeenUp && monoMs() - this.#startedMs < this.#times.startingMs;
    if (trouble.kind !== 'refused' || !isStarting) this.#down(trouble);
  }

  /** The library would say it again on the next connection. */
  #forgetUntaken(client: MqttClient): void {
    clearTimeout(this.#untakenTimer);
    const untaken = [...this.#untaken];
    this.#untaken.clear();
    for (const id of untaken) client.removeOutgoingMessage(id);
  }

  #down(trouble: BrokerTrouble): void {
    if (trouble.kind === this.#reportedKind) return;
    this.#reportedKind = trouble.kind;
    this.#events.down(trouble);
  }
}
