import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type IClientOptions, MqttClient } from 'mqtt';
import { CallpointError } from '../../protocol/errors.ts';
import { MAX_COMMAND_BYTES } from '../../protocol/gateway-command.ts';
import { homeAssistantStatusTopic } from '../../protocol/home-assistant.ts';
import { type MqttMessage, parseCommand, statusMessage, topicRoot } from '../../protocol/mqtt-topics.ts';
import { monoMs } from '../clock.ts';
import { connectLookup } from '../names/connect-lookup.ts';
import type { Names } from '../names/names.ts';
import { atMost, type Broker, type BrokerSink, isLoopback } from './broker.ts';
import { RateLimit } from './rate-limit.ts';
import type { ExternalBroker } from './settings.ts';

/** Who it was isn't known here: the other broker has checked it. */
const BY = 'external broker';
const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 30_000;
const PORTS = { plain: 1883, tls: 8883 };
const FAREWELL_MS = 700;
const CLOSE_MS = 500;

/**
 * A connection to a broker that isn't ours. What waits for it is bounded by the main thread's window: it gives no more than so
 * many publications before the broker has acknowledged some.
 */
export class ExternalConnection implements Broker {
  readonly #client: MqttClient | undefined;
  readonly #status: { readonly gateway: string; readonly session: number };
  readonly #homeAssistantPrefix: string | undefined;
  readonly #sink: BrokerSink;
  readonly #commands = new RateLimit(5, 20, monoMs());
  #reconnectMs = RECONNECT_MIN_MS;
  #lastError = '';
  #lastTold = '';
  #connectedBefore = false;

  constructor(
    settings: ExternalBroker,
    status: { readonly gateway: string; readonly session: number },
    homeAssistantPrefix: string | undefined,
    sink: BrokerSink,
    names: Names,
  ) {
    this.#status = status;
    this.#homeAssistantPrefix = homeAssistantPrefix;
    this.#sink = sink;
    const refusal = refuse(settings.url);
    if (refusal !== undefined) {
      sink.health('down', refusal.message);
      return;
    }
    this.#client = this.#connect(settings, connectLookup(names));
    // Kept by the client until it is connected, so that the birth comes before everything else.
    this.#say('ready');
  }

  publish(message: MqttMessage, done: (accepted: boolean) => void): void {
    if (this.#client === undefined) return;
    const { topic, payload, retain } = message;
    this.#client.publish(topic, payload, { qos: 1, retain }, (error) => done(error === undefined || error === null));
  }

  async stop(farewell: MqttMessage): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    if (client.connected) {
      await atMost(new Promise<void>((resolve) => this.publish(farewell, () => resolve())), FAREWELL_MS);
    }
    await atMost(client.endAsync(!client.connected), CLOSE_MS);
  }

  #connect(settings: ExternalBroker, lookup: LookupFunction): MqttClient {
    const { gateway, session } = this.#status;
    const will = statusMessage(gateway, 'lost', session, new Date().toISOString());
    const options: IClientOptions = {
      clientId: `callpoint-${gateway}`,
      protocolVersion: 4,
      // A command sent while we were away is not carried out later.
      clean: true,
      keepalive: 10,
      connectTimeout: 5000,
      reconnectPeriod: this.#reconnectMs,
      // A password that is wrong today may be right tomorrow; nobody is here to restart us.
      reconnectOnConnackError: true,
      will: { topic: will.topic, payload: Buffer.from(will.payload, 'utf8'), qos: 1, retain: true },
      ...(settings.username === undefined ? {} : { username: settings.username }),
      ...(settings.password === undefined ? {} : { password: settings.password }),
    };
    const client = new MqttClient(() => dial(settings, lookup), options);
    client.on('connect', () => this.#connected(client, settings.url));
    client.on('error', (error) => {
      this.#lastError = error.message === '' ? String((error as NodeJS.ErrnoException).code) : error.message;
    });
    client.on('close', () => this.#closed(client, settings.url));
    client.on('message', (topic, payload, packet) => this.#received(topic, payload, packet.retain));
    return client;
  }

  #connected(client: MqttClient, url: string): void {
    this.#reconnectMs = RECONNECT_MIN_MS;
    client.options.reconnectPeriod = this.#reconnectMs;
    this.#lastError = '';
    this.#lastTold = '';
    if (this.#connectedBefore) {
      // The will has been published meanwhile, and a broker without a disk may have forgotten everything.
      this.#say('ready');
      this.#sink.resync();
    } else {
      this.#subscribe(client);
    }
    this.#connectedBefore = true;
    this.#sink.health('up', `connected to ${url}`);
  }

  /** Once: the library subscribes again after each reconnect. */
  #subscribe(client: MqttClient): void {
    const topics = [`${topicRoot(this.#status.gateway)}/cmd/+`];
    if (this.#homeAssistantPrefix !== undefined) topics.push(homeAssistantStatusTopic(this.#homeAssistantPrefix));
    client.subscribe(topics, { qos: 1 }, (error, granted) => {
      const refused = error !== null || (granted ?? []).some(({ qos }) => (qos as number) === 128);
      if (!refused) return;
      const detail = `the broker refused the subscription to ${topics.join(', ')}: commands don't arrive`;
      this.#sink.notice({ level: 'warn', event: 'mqtt_subscription_refused', detail });
    });
  }

  #closed(client: MqttClient, url: string): void {
    this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MAX_MS);
    client.options.reconnectPeriod = this.#reconnectMs;
    const detail = `no connection to ${url}: ${this.#lastError === '' ? 'closed by the broker' : this.#lastError}`;
    if (client.disconnecting || detail === this.#lastTold) return;
    this.#lastTold = detail;
    this.#sink.health('down', new CallpointError('BROKER_UNAVAILABLE', detail).message);
  }

  #received(topic: string, payload: Buffer, retain: boolean): void {
    if (this.#homeAssistantPrefix !== undefined && topic === homeAssistantStatusTopic(this.#homeAssistantPrefix)) {
      if (payload.toString().trim() === 'online') this.#sink.homeAssistantOnline();
      return;
    }
    const refusal = this.#command(topic, payload, retain);
    if (refusal === undefined) return;
    this.#sink.notice({ level: 'warn', event: 'mqtt_command_refused', detail: `command refused: ${refusal}` });
  }

  #command(topic: string, payload: Buffer, retain: boolean): string | undefined {
    if (!this.#commands.allows(monoMs())) return 'too many';
    if (payload.length > MAX_COMMAND_BYTES) return `longer than ${MAX_COMMAND_BYTES} bytes`;
    const received = { topic, payload: payload.toString(), retain, by: BY };
    const result = parseCommand(this.#status.gateway, received);
    if (!result.ok) return result.reason;
    this.#sink.command(result.command);
    return undefined;
  }

  #say(state: 'ready'): void {
    const message = statusMessage(this.#status.gateway, state, this.#status.session, new Date().toISOString());
    this.publish(message, (accepted) => {
      if (accepted) return;
      const detail = 'the broker did not take the status';
      this.#sink.notice({ level: 'warn', event: 'mqtt_status_refused', detail });
    });
  }
}

function dial({ url, ca }: ExternalBroker, lookup: LookupFunction): Socket {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isTls = protocol === 'mqtts:';
  const to = { host, port: Number(port) || PORTS[isTls ? 'tls' : 'plain'], lookup };
  if (!isTls) return connectPlain({ ...to, noDelay: true });
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ ...to, ...name, ...(ca !== undefined && { ca }) }).setNoDelay(true);
}

function refuse(url: string): CallpointError | undefined {
  try {
    const { protocol, hostname } = new URL(url);
    if (protocol === 'mqtts:' || (protocol === 'mqtt:' && isLoopback(hostname))) return undefined;
    return new CallpointError('BROKER_UNAVAILABLE', `${url}: a broker on another machine must be mqtts://, with TLS`);
  } catch (error) {
    return new CallpointError('BROKER_UNAVAILABLE', `${url} is not a URL`, { cause: error });
  }
}
