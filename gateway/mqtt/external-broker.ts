import { connect as connectPlain, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { type IClientOptions, MqttClient } from 'mqtt';
import type { MonoMs } from '../../protocol/clocks.ts';
import { CallpointError } from '../../protocol/errors.ts';
import { COMMAND_BYTES_MAX } from '../../protocol/gateway-command.ts';
import { homeAssistantStatusTopic } from '../../protocol/home-assistant.ts';
import { type MqttMessage, parseCommand, statusMessage, topicRoot } from '../../protocol/mqtt-topics.ts';
import { connectLookup } from '../names/connect-lookup.ts';
import type { Names } from '../names/names.ts';
import { chainValidity, type LinkPem } from '../system/certificates.ts';
import { monoMs, wallMs } from '../system/clock.ts';
import { atMost, type Broker, type BrokerSink } from './broker.ts';
import { refuse, trustIn, wordsOf } from './external-address.ts';
import { RateLimit } from './rate-limit.ts';
import type { ExternalBroker } from './settings.ts';

/** The sender is not known here: the other broker has checked it. */
const BY = 'external broker';
const RECONNECT_MS_MIN = 250;
const RECONNECT_MS_MAX = 30_000;
/**
 * A connection that lasts no longer than this earns no quick return, because everything is sent
 * again on the next one.
 */
const STEADY_MS = 10_000;
const WATCH_MS = 1000;
/** The library gives a broker up after one and a half of these. */
const KEEPALIVE_SECONDS = 10;
const PORTS = { 'mqtt:': 1883, 'mqtts:': 8883 };
const FAREWELL_MS = 700;
const CLOSE_MS = 500;

interface Passing {
  readonly message: MqttMessage;
  readonly done: (accepted: boolean) => void;
  readonly untilMs: MonoMs;
}

/**
 * A connection to an external broker. The main thread's window bounds what waits for it: no more
 * publications than that are under way before the broker has acknowledged some.
 *
 * The broker is up once it has acknowledged the birth, and as long as it acknowledges what it gets.
 * A broker that answers pings and acknowledges nothing is down.
 */
export class ExternalConnection implements Broker {
  #client: MqttClient | undefined;
  readonly #settings: ExternalBroker;
  #ca: string | undefined;
  #trust: SecureContext | undefined;
  readonly #status: { readonly gateway: string; readonly session: number };
  readonly #homeAssistantPrefix: string | undefined;
  readonly #sink: BrokerSink;
  readonly #stallMs: number;
  readonly #commands = new RateLimit(5, 20, monoMs());
  readonly #lookup: LookupFunction;
  /**
   * Momentary messages under way, by message id. One that the broker has not acknowledged in time
   * is dropped: later it would look new.
   */
  readonly #passing = new Map<number, Passing>();
  /** Momentary messages that wait for the connection. */
  readonly #held = new Set<Passing>();
  #watch: NodeJS.Timeout | undefined;
  /** Its address is never spoken to. */
  #isRefused = false;
  /** Publications the broker has not acknowledged. */
  #untaken = 0;
  #takenMs = monoMs();
  #upMs: number | undefined;
  #reconnectMs = RECONNECT_MS_MIN;
  #lastError = '';
  #lastReported = '';
  #isOpen = false;
  /** Counts on this connection. */
  #isBorn = false;
  #isBirthWaiting = false;
  #hasSubscribed = false;
  #hasBeenUp = false;

  constructor(
    settings: ExternalBroker,
    status: { readonly gateway: string; readonly session: number },
    homeAssistantPrefix: string | undefined,
    sink: BrokerSink,
    { names, stallMs }: { readonly names: Names; readonly stallMs: number },
  ) {
    this.#status = status;
    this.#homeAssistantPrefix = homeAssistantPrefix;
    this.#sink = sink;
    this.#stallMs = stallMs;
    this.#lookup = connectLookup(names);
    const refusal = refuse(settings.url);
    this.#settings = settings;
    if (refusal !== undefined) {
      this.#isRefused = true;
      sink.health('down', refusal.message);
      return;
    }
    this.#begin(settings.ca);
  }

  #begin(ca: string | undefined): void {
    const { url } = this.#settings;
    try {
      this.#ca = ca;
      this.#trust = ca === undefined ? undefined : trustIn(ca);
      this.#client = this.#connect(this.#settings);
    } catch (error) {
      const detail = `the certificate given as ca can't be used: ${String(error)}`;
      this.#sink.health('down', new CallpointError('BROKER_UNAVAILABLE', detail, { cause: error }).message);
      return;
    }
    this.#watch = setInterval(() => this.#look(), Math.min(WATCH_MS, this.#stallMs));
    // The client keeps it until it is connected, so that the birth comes before everything else.
    this.#sayReady(url);
  }

  publish(message: MqttMessage, done: (accepted: boolean) => void, untilMs?: MonoMs): void {
    if (this.#client === undefined) return;
    if (untilMs === undefined) this.#send(this.#client, message, done);
    else this.#pass(this.#client, { message, done, untilMs });
  }

  #send(client: MqttClient, { topic, payload, retain }: MqttMessage, done: (accepted: boolean) => void): void {
    this.#untaken += 1;
    if (this.#untaken === 1) this.#takenMs = monoMs();
    client.publish(topic, payload, { qos: 1, retain }, (error) => {
      this.#untaken -= 1;
      const accepted = error === undefined || error === null;
      if (accepted) this.#takenMs = monoMs();
      done(accepted);
    });
  }

  #pass(client: MqttClient, passing: Passing): void {
    if (monoMs() > passing.untilMs) {
      passing.done(false);
      return;
    }
    if (this.#upMs === undefined) {
      this.#held.add(passing);
      return;
    }
    let id: number | undefined;
    let isOver = false;
    this.#send(client, passing.message, (accepted) => {
      isOver = true;
      if (id !== undefined) this.#passing.delete(id);
      // The connection broke before the broker had the message. It may be back in time.
      if (accepted) passing.done(true);
      else this.#pass(client, passing);
    });
    id = client.getLastMessageId();
    if (!isOver) this.#passing.set(id, passing);
  }

  /**
   * Each second: drops messages that are too late, and gives up a broker that acknowledges nothing.
   */
  #look(): void {
    const client = this.#client;
    if (client === undefined) return;
    const nowMs = monoMs();
    for (const passing of this.#held) {
      if (nowMs <= passing.untilMs) continue;
      this.#held.delete(passing);
      passing.done(false);
    }
    for (const [id, { untilMs }] of this.#passing) if (nowMs > untilMs) client.removeOutgoingMessage(id);
    if (!client.connected || this.#untaken === 0 || nowMs - this.#takenMs < this.#stallMs) return;
    this.#lastError = 'it acknowledges nothing: does it hang, is its disk full, or the network cut?';
    client.stream.destroy();
  }

  renew({ ca }: LinkPem): void {
    if (ca === undefined || this.#isRefused) return;
    // The one given at the start could not be used.
    if (this.#client === undefined) this.#begin(ca);
    else {
      this.#ca = ca;
      this.#trust = trustIn(ca);
    }
  }

  async stop(farewell: MqttMessage): Promise<void> {
    const client = this.#client;
    clearInterval(this.#watch);
    if (client === undefined) return;
    if (client.connected) {
      await atMost(new Promise<void>((resolve) => this.publish(farewell, () => resolve())), FAREWELL_MS);
    }
    await atMost(client.endAsync(!client.connected), CLOSE_MS);
  }

  #connect(settings: ExternalBroker): MqttClient {
    const { gateway, session } = this.#status;
    const will = statusMessage(gateway, 'lost', session, new Date().toISOString());
    const options: IClientOptions = {
      clientId: `callpoint-${gateway}`,
      protocolVersion: 4,
      // A command that was sent while we were away is not carried out later.
      clean: true,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: 5000,
      reconnectPeriod: this.#reconnectMs,
      // A password that is wrong today may be right tomorrow, and nobody is here to restart the
      // gateway.
      reconnectOnConnackError: true,
      will: { topic: will.topic, payload: Buffer.from(will.payload, 'utf8'), qos: 1, retain: true },
      ...(settings.username === undefined ? {} : { username: settings.username }),
      ...(settings.password === undefined ? {} : { password: settings.password }),
    };
    const client = new MqttClient(() => this.#dial(settings.url), options);
    client.on('connect', () => this.#connected(client, settings.url));
    client.on('packetreceive', ({ cmd }) => {
      if (cmd === 'connack') this.#takenMs = monoMs();
    });
    client.on('error', (error) => {
      this.#lastError = wordsOf(error);
    });
    client.on('close', () => this.#closed(client, settings.url));
    client.on('message', (topic, payload, packet) => this.#received(topic, payload, packet.retain));
    return client;
  }

  #dial(url: string): Duplex {
    const { protocol, hostname, port } = new URL(url);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const isTls = protocol === 'mqtts:';
    const to = { host, port: Number(port) || PORTS[isTls ? 'mqtts:' : 'mqtt:'], lookup: this.#lookup };
    if (!isTls) return connectPlain({ ...to, noDelay: true });
    const name = isIP(host) === 0 ? { servername: host } : {};
    const trust = this.#trust === undefined ? {} : { secureContext: this.#trust };
    const socket = connectTls({ ...to, ...name, ...trust }).setNoDelay(true);
    socket.once('secureConnect', () => {
      const shown = chainValidity(socket.getPeerCertificate(true), wallMs(), this.#ca === undefined);
      if (shown !== undefined) this.#sink.peerCertificate(shown);
    });
    return socket;
  }

  /** The messages that waited for the connection have been sent by now, the birth among them. */
  #connected(client: MqttClient, url: string): void {
    this.#lastError = '';
    this.#isOpen = true;
    if (!this.#hasSubscribed) this.#subscribe(client);
    this.#hasSubscribed = true;
    if (this.#isBorn) this.#up(client, url);
    else this.#sayReady(url);
  }

  /** The broker has acknowledged the birth. */
  #up(client: MqttClient, url: string): void {
    this.#lastReported = '';
    this.#upMs = monoMs();
    const held = [...this.#held];
    this.#held.clear();
    for (const passing of held) this.#pass(client, passing);
    // The will has been published meanwhile, and a broker without a disk may have lost everything.
    if (this.#hasBeenUp) this.#sink.resync();
    this.#hasBeenUp = true;
    this.#sink.health('up', `connected to ${url}`);
  }

  /** Once: the library subscribes again after each reconnect. */
  #subscribe(client: MqttClient): void {
    const topics = [`${topicRoot(this.#status.gateway)}/cmd/+`];
    if (this.#homeAssistantPrefix !== undefined) topics.push(homeAssistantStatusTopic(this.#homeAssistantPrefix));
    client.subscribe(topics, { qos: 1 }, (error, granted) => {
      const refused = error !== null || (granted ?? []).some(({ qos }) => (qos as number) === 128);
      if (!refused) return;
      const what = `the broker refused the subscription to ${topics.join(', ')}: commands don't arrive`;
      const detail = `${what}; let the gateway's account read these topics there`;
      this.#sink.notice({ level: 'warn', event: 'mqtt_subscription_refused', detail });
    });
  }

  #closed(client: MqttClient, url: string): void {
    const wasSteady = this.#upMs !== undefined && monoMs() - this.#upMs > STEADY_MS;
    this.#upMs = undefined;
    this.#isOpen = false;
    this.#isBorn = false;
    for (const id of [...this.#passing.keys()]) client.removeOutgoingMessage(id);
    this.#reconnectMs = wasSteady ? RECONNECT_MS_MIN : Math.min(this.#reconnectMs * 2, RECONNECT_MS_MAX);
    client.options.reconnectPeriod = this.#reconnectMs;
    const detail = `no connection to ${url}: ${this.#lastError === '' ? 'closed by the broker' : this.#lastError}`;
    if (client.disconnecting || detail === this.#lastReported) return;
    this.#lastReported = detail;
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
    if (payload.length > COMMAND_BYTES_MAX) return `longer than ${COMMAND_BYTES_MAX} bytes`;
    const received = { topic, payload: payload.toString(), retain, by: BY };
    const result = parseCommand(this.#status.gateway, received);
    if (!result.ok) return result.reason;
    this.#sink.command(result.command);
    return undefined;
  }

  #sayReady(url: string): void {
    const client = this.#client;
    if (client === undefined || this.#isBirthWaiting) return;
    this.#isBirthWaiting = true;
    const { gateway, session } = this.#status;
    this.#send(client, statusMessage(gateway, 'ready', session, new Date().toISOString()), (accepted) => {
      this.#isBirthWaiting = false;
      this.#isBorn = accepted && client.connected;
      if (this.#isBorn && this.#isOpen) this.#up(client, url);
    });
  }
}
