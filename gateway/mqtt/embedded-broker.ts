import { Aedes, type AedesOptions, type AedesPublishPacket, type PublishPacket } from 'aedes';
import { alertTopic, type MqttMessage, statusMessage, topicRoot } from '../../protocol/mqtt-topics.ts';
import { monoMs } from '../system/clock.ts';
import { quoted, type Scope } from './access.ts';
import { Admission } from './admission.ts';
import { atMost, type Broker, type BrokerSink } from './broker.ts';
import { BrokerStore } from './broker-store.ts';
import { ClientGuard } from './client-guard.ts';
import { type DeviceMessage, KeptForDevices, type Publisher } from './device-access.ts';
import { Listener } from './listener.ts';
import { RetainedMessages } from './retained-messages.ts';
import type { EmbeddedBroker, MqttClient } from './settings.ts';
import type { BrokerTimes } from './thread-messages.ts';
import { TurnedAwayClients } from './turned-away-clients.ts';

/** Settings where the defaults of aedes 1.2.0 would hurt. Each line says what the default did. */
const LIMITS = {
  /**
   * 0 = no limit. At the default of 100, a hundred messages that wait for one frozen subscriber
   * stop the delivery to all: healthy subscribers heard nothing until the drain time-out (60 s by
   * default). `ClientGuard` bounds the bytes that a frozen subscriber may hold.
   */
  concurrency: 0,
  /** A subscriber that reads nothing for this long is disconnected, ms. */
  drainTimeout: 10_000,
  /** A connection without a login is closed after this long, ms (30 s). */
  connectTimeout: 5000,
  /** Packets a client may send before its login is answered (42). */
  queueLimit: 100,
  /** MQTT 3.1 clients with longer ids were refused (23); 3.1.1 has no such limit. */
  maxClientsIdLength: 256,
  /** Unfinished QoS 2 messages that a client may leave here (1,000). */
  maxInflightInbound: 20,
} as const;

const FAREWELL_MS = 700;
const CLOSE_MS = 500;
const NOTHING = Buffer.alloc(0);

/** The gateway and the start that the status document names. */
export interface StatusOf {
  readonly gateway: string;
  readonly session: number;
}

/**
 * Starts the broker, which listens as soon as the port is free. Never fails: a fault of the port is
 * reported as health.
 */
export async function openEmbeddedBroker(
  settings: EmbeddedBroker,
  status: StatusOf,
  homeAssistantPrefix: string | undefined,
  sink: BrokerSink,
  times: BrokerTimes,
): Promise<Broker> {
  const root = topicRoot(status.gateway);
  const scope: Scope = homeAssistantPrefix === undefined ? { root } : { root, homeAssistantPrefix };
  const retained = new RetainedMessages(root);
  const admission = new Admission(sink, times, monoMs);
  const names = settings.clients.map(({ name }) => name);
  const turnedAway = new TurnedAwayClients(sink, names, times, monoMs);
  const guard = new ClientGuard({
    gateway: status.gateway,
    clients: settings.clients,
    scope,
    retained,
    sink,
    admission,
    turnedAway,
    relay: (message, from) => publisher.relay(message, from),
  });
  const aedesOptions: AedesOptions = { ...LIMITS, ...guard.handlers(), persistence: new BrokerStore(retained) };
  const aedes = await Aedes.createBroker(aedesOptions);
  guard.watch(aedes);
  const kept = new KeptForDevices(devicesAmong(settings.clients));
  const publisher = new InOrder(aedes, retained, turnedAway, kept);
  publisher.publish(statusMessage(status.gateway, 'ready', status.session, new Date().toISOString()), () => undefined);
  const retryMs = times.listenRetryMs;
  const listener = new Listener(settings, { aedes, sink, admission, guard, turnedAway, retryMs });
  listener.start();
  return {
    publish: (message, done) => publisher.publish(message, done),
    setClients: (clients) => {
      turnedAway.setAccounts(clients.map(({ name }) => name));
      kept.setAccounts(devicesAmong(clients));
      guard.setClients(clients);
    },
    alertText: (id) => retained.get(alertTopic(status.gateway, id))?.toString(),
    renew: ({ own }) => own && listener.renew(own),
    stop: async (farewell) => {
      await atMost(publisher.deliver(farewell), FAREWELL_MS);
      admission.stop();
      turnedAway.stop();
      await atMost(Promise.all([new Promise<void>((resolve) => aedes.close(resolve)), listener.stop()]), CLOSE_MS);
    },
  };
}

function devicesAmong(clients: readonly MqttClient[]): readonly string[] {
  return clients.filter(({ role }) => role === 'device').map(({ name }) => name);
}

interface Waiting {
  /** The payload becomes bytes only if somebody reads them. */
  readonly message: Omit<DeviceMessage, 'payload'> & { readonly payload: string | Buffer };
  readonly done: (accepted: boolean) => void;
  /** Every subscriber's socket has the message, or the subscriber was disconnected. */
  readonly delivered?: () => void;
}

/**
 * Publishes one message at a time, because aedes does not keep the order of retained and other
 * messages, or of different QoS. One kind takes a step more; aedes then takes it for a duplicate
 * and drops it, because its counter is lower than that of the message that overtook it. Messages of
 * devices use the same queue, behind those of the gateway.
 *
 * A message is finished when the broker has stored it and handed it to the writers of all
 * subscribers. aedes's own callback would wait for the slowest subscriber.
 */
class InOrder {
  readonly #aedes: Aedes;
  readonly #retained: RetainedMessages;
  readonly #turnedAway: TurnedAwayClients;
  readonly #kept: KeptForDevices;
  readonly #queue: Waiting[] = [];
  readonly #ofDevices: { readonly message: DeviceMessage; readonly from: Publisher }[] = [];
  #current: Waiting | undefined;

  constructor(aedes: Aedes, retained: RetainedMessages, turnedAway: TurnedAwayClients, kept: KeptForDevices) {
    this.#aedes = aedes;
    this.#retained = retained;
    this.#turnedAway = turnedAway;
    this.#kept = kept;
    aedes.subscribe(
      '#',
      (packet, callback) => {
        this.#emitted(packet);
        callback();
      },
      () => undefined,
    );
  }

  publish(message: MqttMessage, done: (accepted: boolean) => void): void {
    this.#queue.push({ message: ownMessage(message), done });
    this.#next();
  }

  deliver(message: MqttMessage): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push({ message: ownMessage(message), done: () => undefined, delivered: resolve });
      this.#next();
    });
  }

  relay(message: DeviceMessage, from: Publisher): void {
    this.#ofDevices.push({ message, from });
    this.#next();
  }

  #next(): void {
    while (this.#current === undefined) {
      const waiting = this.#queue.shift() ?? this.#nextOfDevices();
      if (waiting === undefined) return;
      const { topic, payload, retain } = waiting.message;
      if (retain) this.#retained.keep(topic, payload);
      if (this.#aedes.connectedClients > 0) this.#send(waiting);
      else {
        // A client that connects later reads what is retained.
        waiting.done(true);
        waiting.delivered?.();
      }
    }
  }

  #send(waiting: Waiting): void {
    this.#current = waiting;
    const { topic, payload, qos, retain } = waiting.message;
    const bytes = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload;
    const packet: PublishPacket = { cmd: 'publish', topic, payload: bytes, qos, retain, dup: false };
    this.#aedes.publish(packet, (error) => {
      if (this.#current === waiting) this.#finish(error === undefined || error === null);
      waiting.delivered?.();
    });
  }

  #nextOfDevices(): Waiting | undefined {
    const next = this.#ofDevices.shift();
    if (next === undefined) return undefined;
    const { message, from } = next;
    const done = (): void => undefined;
    if (!message.retain) return { message, done };
    if (this.#kept.takes(message, from.account)) return { message, done };
    // The broker passes the message on, but forgets what the topic retained, because that is no
    // longer true.
    this.#retained.keep(message.topic, NOTHING);
    this.#turnedAway.turnAway(from.caller(), {
      event: 'mqtt_retained_full',
      what: `its message on ${quoted(message.topic)} is not kept for later subscribers: it has left too much here`,
      advice: 'let it retain fewer or shorter messages',
    });
    return { message: { ...message, retain: false }, done };
  }

  #emitted(packet: AedesPublishPacket): void {
    const own = !('clientId' in packet) || packet.clientId === undefined;
    if (own && this.#current?.message.topic === packet.topic) this.#finish(true);
  }

  #finish(accepted: boolean): void {
    const finished = this.#current;
    this.#current = undefined;
    finished?.done(accepted);
    // The next message goes after aedes has called all subscribers of this one.
    queueMicrotask(() => this.#next());
  }
}

function ownMessage({ topic, payload, retain }: MqttMessage): Waiting['message'] {
  return { topic, payload, qos: 1, retain };
}
