import type { Aedes, AedesOptions, AedesPublishPacket, Client, PublishPacket } from 'aedes';
import { COMMAND_BYTES_MAX } from '../../protocol/gateway-command.ts';
import { covers } from '../../protocol/mqtt-topic-filter.ts';
import { parseCommand } from '../../protocol/mqtt-topics.ts';
import { monoMs } from '../system/clock.ts';
import {
  homeAssistantAdvice,
  isCommandTopic,
  isOfPeople,
  listed,
  mayRead,
  maySubscribe,
  publishRight,
  quoted,
  readable,
  type Scope,
  saysStatus,
} from './access.ts';
import type { Admission } from './admission.ts';
import type { BrokerSink } from './broker.ts';
import type { DeviceMessage, Publisher } from './device-access.ts';
import { type Login, Logins } from './logins.ts';
import { flood, isRefused5, type Refusal, served, swallow } from './refusals.ts';
import type { RetainedMessages } from './retained-messages.ts';
import type { MqttClient } from './settings.ts';
import type { Cause, TurnedAwayClients } from './turned-away-clients.ts';
import { UnreadLimit } from './unread-limit.ts';

/**
 * Subscriptions of one connection. Home Assistant asks for two topics of each device; the gateway's
 * own reader asks for each topic.
 */
const SUBSCRIPTIONS_MAX = { viewer: 2_000, operator: 2_000, device: 100, reader: 50_000 } as const;
/** Every command and every subscription fits. The library itself has no limit. */
const PACKET_BYTES_MAX = 64 * 1024;
/**
 * Zigbee2MQTT describes all its devices in one message, some 8 kB for each: this is room for 500.
 */
const DEVICE_PACKET_BYTES_MAX = 4 * 1024 * 1024;
/**
 * The gateway's own reader runs on the alert path, and drops what is longer than 64 KiB. This is
 * enough for it to see that.
 */
const READER_BYTES_MAX = 64 * 1024 + 1;

const ADVICE_OF_LENGTH = 'only a client with role: device may send more';
const ADVICE_OF_SLOWNESS = 'see whether its computer or network is overloaded';
/** Faults for which the library itself ends a connection. */
const LIBRARY_FAULTS = [
  { message: /^drain timeout$/, what: 'cut off: it reads nothing', advice: ADVICE_OF_SLOWNESS },
  {
    message: /^maxInflightInbound/,
    what: 'leaves too many messages of QoS 2 unfinished',
    advice: 'let it publish at QoS 1',
  },
] as const;
interface GuardOptions {
  readonly gateway: string;
  readonly clients: readonly MqttClient[];
  readonly scope: Scope;
  /** Newest retained payload by topic. */
  readonly retained: Pick<RetainedMessages, 'get'>;
  readonly sink: BrokerSink;
  readonly admission: Admission;
  readonly turnedAway: TurnedAwayClients;
  /** Publishes what a device said, in order with every other message. */
  readonly relay: (message: DeviceMessage, from: Publisher) => void;
}

type Handlers = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'>
>;

/**
 * Decides who may connect, read and command at the embedded broker, and how much each of them may
 * cost.
 */
export class ClientGuard {
  readonly #options: GuardOptions;
  readonly #logins: Logins;
  readonly #unread = new UnreadLimit();
  /** Topics that the gateway's own inputs read, and those through which they switch outputs. */
  #ownTopics: readonly string[];

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#logins = new Logins(options);
    this.#ownTopics = ownTopics(options.clients);
  }

  /** As `Broker.setClients`. */
  setClients(clients: readonly MqttClient[]): void {
    this.#ownTopics = ownTopics(clients);
    this.#logins.setClients(clients);
  }

  packetBytesMax(client: Client | undefined): number {
    const login = client === undefined ? undefined : this.#logins.of(client);
    return login?.account.role === 'device' ? DEVICE_PACKET_BYTES_MAX : PACKET_BYTES_MAX;
  }

  /** @returns the error to end the connection with */
  packetTooLong(client: Client | undefined, bytes: number): Error {
    const what = `packet longer than ${this.packetBytesMax(client)} bytes (${bytes} bytes)`;
    const role = client === undefined ? undefined : this.#logins.of(client)?.account.role;
    const advice = role === 'device' ? 'split its list of devices over two bridges' : ADVICE_OF_LENGTH;
    // Before the login, the bytes may be those of any program.
    return this.#turnAway(client ?? null, {
      event: 'mqtt_packet_refused',
      what,
      advice,
      isTrouble: role !== undefined,
    });
  }

  /** A client of MQTT 5 takes no packet of this length: its own choice, so only the log has it. */
  notSent(client: Client | undefined, what: string): void {
    const advice = 'raise its Maximum Packet Size there';
    this.#turnAway(client ?? null, { event: 'mqtt_message_too_long', what, advice, isTrouble: false });
  }

  handlers(): Handlers {
    return {
      ...this.#logins.handlers(),
      authorizePublish: (client, packet, callback) => {
        const refused = this.#take(client, packet);
        if (refused === undefined) {
          callback(null);
          return;
        }
        const error = this.#turnAway(client, refused);
        callback(refused.isFlood !== true && isRefused5(client, packet, refused) ? null : error);
      },
      authorizeSubscribe: (client, subscription, callback) => {
        if (!this.#isPatient(client, subscription.topic)) {
          callback(this.#turnAway(client, flood('too many subscriptions')));
          return;
        }
        const refused = this.#add(client, subscription.topic);
        if (refused !== undefined) this.#options.turnedAway.turnAway(this.#logins.callerOf(client), refused);
        callback(null, refused === undefined ? served(subscription) : null);
      },
      authorizeForward: (client, packet) => this.#forward(client, packet),
    };
  }

  /** Notes each subscription, and reports the clients that the broker disconnects. */
  watch(aedes: Aedes): void {
    aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.#logins.of(client)?.filters.delete(filter);
    });
    // The library registers a client late if it must first close another one with the same id. It
    // then never forgets that client.
    aedes.on('client', (client) => {
      if (client.closed) (aedes as Aedes & { unregisterClient(client: Client): void }).unregisterClient(client);
    });
    aedes.on('clientError', (client, error) => {
      if (this.#options.turnedAway.isReported(error)) return;
      const fault = LIBRARY_FAULTS.find(({ message }) => message.test(error.message));
      if (fault !== undefined) this.#turnAway(client, { event: 'mqtt_client_error', ...fault });
      else this.#notice('info', 'mqtt_client_error', `client ${this.#who(client)}: ${error.message}`);
    });
    aedes.on('connectionError', (client, error) => {
      if (this.#options.turnedAway.isReported(error)) return;
      const from = this.#options.admission.addressOf(client.conn);
      this.#notice('info', 'mqtt_connection_error', `a connection without login: ${error.message} (from ${from})`);
    });
  }

  /**
   * @returns why the message is refused; the connection is then closed, because MQTT 3.1.1 has no
   * other way to refuse. MQTT 5 has one for messages of QoS 1 and 2.
   */
  #take(client: Client | null, packet: PublishPacket): Refusal | undefined {
    const event = isCommandTopic(this.#options.scope, packet.topic) ? 'mqtt_command_refused' : 'mqtt_publish_refused';
    const login = client === null ? undefined : this.#logins.of(client);
    if (client === null || login === undefined) {
      return { event, what: 'not logged in', advice: 'log in first', isTrouble: false };
    }
    const isReaders = login.account.role === 'reader' && login.topics?.mayPublish(packet.topic) === true;
    if (login.account.role === 'device' || isReaders) return this.#relay(login, packet, client);
    const { scope, sink } = this.#options;
    const right = publishRight(scope, login.account.role, packet.topic);
    if (right === 'none') {
      const advice =
        homeAssistantAdvice(scope, packet.topic) ?? 'turn that off there, or give it another role under mqtt: clients';
      return { event, what: `may not publish to ${quoted(packet.topic)}`, advice };
    }
    if (right === 'command') {
      const refused = this.#command(login, packet);
      // It has been taken. Nobody reads commands.
      if (refused === undefined) swallow(packet);
      return refused;
    }
    if (!login.commands.allows(monoMs())) return flood('too many messages');
    const says = saysStatus(packet.payload);
    if (says === undefined) {
      const what = `may say online or offline on ${quoted(packet.topic)}, and nothing else`;
      return { event, what, advice: 'set the default payloads of birth and will there' };
    }
    // Nobody may leave anything here for later subscribers.
    const { topic, qos } = packet;
    const caller = () => this.#logins.callerOf(client);
    this.#options.relay(
      { topic, payload: Buffer.from(says), qos, retain: false },
      { account: login.account.name, caller },
    );
    swallow(packet);
    if (says === 'online') sink.homeAssistantOnline();
    return undefined;
  }

  /**
   * The message goes out through the gateway's own queue: the library drops a message for a
   * subscriber if one that it counted later overtakes it. It gets a copy under a topic that nobody
   * hears, and acknowledges that. It acknowledges a refused message in the same way, as
   * it may [MQTT-3.3.5-2], unless the client speaks MQTT 5. The other way to refuse is to close the
   * connection: then presses would be lost whenever a bridge or a sensor also announces itself
   * somewhere else.
   */
  #relay(login: Login, packet: PublishPacket, client: Client): Refusal | undefined {
    const event = 'mqtt_publish_refused';
    const { topic, qos, retain } = packet;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    // Its will says that the device is gone. That must be heard above all when the broker cut the
    // device off for saying too much.
    if (!client.closed) {
      const nowMs = monoMs();
      if (login.messages?.allows(nowMs) !== true) return flood('too many messages');
      if (login.bytes?.allows(nowMs, payload.length) !== true) return flood('too many bytes of messages');
    }
    const caller = () => this.#logins.callerOf(client);
    if (login.topics?.mayPublish(topic) === true) {
      this.#options.relay({ topic, payload, qos, retain }, { account: login.account.name, caller });
    } else {
      const what = `may not publish to ${quoted(topic)}`;
      const cause = { event, what, ...this.#ofTopics(login, topic) };
      this.#options.turnedAway.turnAway(caller(), cause);
      if (isRefused5(client, packet, cause)) return undefined;
    }
    swallow(packet);
    return undefined;
  }

  /**
   * A device that is refused a topic of the gateway's own inputs cannot do its work: its presses
   * are lost, or its siren hears nothing. Any other topic is its own affair, such as the discovery
   * of another system, and only the log has it.
   */
  #ofTopics({ topics }: Login, filter: string): Pick<Cause, 'advice' | 'isTrouble'> {
    const isTrouble = this.#ownTopics.some((own) => covers(filter, own) || covers(own, filter));
    const granted = listed(topics?.granted ?? []);
    if (!isTrouble) return { advice: `its topics are ${granted}`, isTrouble };
    return { advice: `an input or output uses that topic: add it to the client's topics (${granted})`, isTrouble };
  }

  /** A person sees at once that the command failed: no receiver needs to know. */
  #command(login: Login, packet: PublishPacket): Refusal | undefined {
    const refused = (what: string): Refusal => {
      return { event: 'mqtt_command_refused', what, advice: 'correct the command', isTrouble: false };
    };
    if (!login.commands.allows(monoMs())) return { ...flood('too many commands'), isTrouble: false };
    if (packet.payload.length > COMMAND_BYTES_MAX) return refused(`command longer than ${COMMAND_BYTES_MAX} bytes`);
    const { topic, retain } = packet;
    const by = login.account.name;
    const result = parseCommand(this.#options.gateway, { topic, retain, payload: packet.payload.toString(), by });
    if (!result.ok) return refused(result.reason);
    this.#options.sink.command(result.command);
    return undefined;
  }

  /** For each subscription the broker searches the retained messages and sends those that match. */
  #isPatient(client: Client, filter: string): boolean {
    const login = this.#logins.of(client);
    const limit = /[+#]/.test(filter) ? login?.wildcards : login?.lookups;
    return limit?.allows(monoMs()) !== false;
  }

  /** @returns why the client does not get the subscription, and what it may have instead */
  #add(client: Client, filter: string): Cause | undefined {
    const event = 'mqtt_subscription_refused';
    const login = this.#logins.of(client);
    if (login === undefined) return { event, what: 'not logged in', advice: 'log in first', isTrouble: false };
    const { account, topics, filters } = login;
    const { scope } = this.#options;
    const may = topics === undefined ? maySubscribe(scope, filter) : topics.maySubscribe(filter);
    if (!may) {
      const isTrouble = account.role === 'device' && this.#ofTopics(login, filter).isTrouble === true;
      const advice = `it may read ${listed(topics?.granted ?? readable(scope))}`;
      return { event, what: `may not subscribe to ${quoted(filter)}`, advice, isTrouble };
    }
    const most = SUBSCRIPTIONS_MAX[account.role];
    if (!filters.has(filter) && filters.size >= most) {
      return { event, what: `has ${most} subscriptions, and may have no more`, advice: 'let it use # for a level' };
    }
    filters.add(filter);
    return undefined;
  }

  #forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const { scope, retained, admission } = this.#options;
    if (isCommandTopic(scope, packet.topic)) return null;
    if (client.conn.destroyed) return null;
    const account = () => this.#logins.of(client)?.account;
    // A viewer may have subscribed to more than it may read, such as `#`. Devices and readers may
    // read all that they subscribed to.
    if (!mayRead(scope, packet.topic) && isOfPeople(account()?.role)) return null;
    if (!this.#unread.allows(client.conn, () => account()?.name ?? '', packet.payload.length, admission.members)) {
      const cause = { event: 'mqtt_client_error', what: 'cut off: it reads too slowly', advice: ADVICE_OF_SLOWNESS };
      client.conn.destroy(this.#turnAway(client, cause));
      return null;
    }
    // aedes reads the retained messages ahead. They may be older than what the subscriber has since
    // heard live.
    const payload = packet.retain ? retained.get(packet.topic) : packet.payload;
    if (payload === undefined) return null;
    if (payload.length > READER_BYTES_MAX && account()?.role === 'reader') {
      return { ...packet, payload: payload.slice(0, READER_BYTES_MAX) };
    }
    if (packet.retain) packet.payload = payload;
    return packet;
  }

  #turnAway(client: Client | null, cause: Cause): Error {
    const { turnedAway } = this.#options;
    if (client === null) return turnedAway.turnAway({ address: '' }, cause);
    return turnedAway.turnAway(this.#logins.callerOf(client), cause);
  }

  #who(client: Client): string {
    const name = this.#logins.of(client)?.account.name;
    return name === undefined ? '(not logged in)' : quoted(name);
  }

  #notice(level: 'info' | 'warn', event: string, detail: string): void {
    this.#options.sink.notice({ level, event, detail });
  }
}

function ownTopics(clients: readonly MqttClient[]): readonly string[] {
  const readers = clients.filter(({ role }) => role === 'reader');
  return readers.flatMap(({ topics = [], publishes = [] }) => [...topics, ...publishes]);
}
