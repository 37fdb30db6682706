import type { Aedes, AedesOptions, AedesPublishPacket, Client, PublishPacket } from 'aedes';
import { COMMAND_BYTES_MAX } from '../../protocol/gateway-command.ts';
import { homeAssistantStatusTopic } from '../../protocol/home-assistant.ts';
import { parseCommand } from '../../protocol/mqtt-topics.ts';
import { monoMs } from '../system/clock.ts';
import { isCommandTopic, listed, maySubscribe, publishRight, quoted, readable, type Scope } from './access.ts';
import type { Admission } from './admission.ts';
import type { BrokerSink } from './broker.ts';
import type { DeviceMessage } from './device-access.ts';
import { type Login, Logins } from './logins.ts';
import type { RetainedMessages } from './retained-messages.ts';
import type { MqttClient } from './settings.ts';

/**
 * Subscriptions of one connection. Home Assistant asks for two topics of each device; the gateway's
 * own reader asks for each topic.
 */
const SUBSCRIPTIONS_MAX = { viewer: 2_000, operator: 2_000, device: 100, reader: 50_000 } as const;
/** A filter that nobody may subscribe to. */
const NOBODYS_TOPIC = '$SYS/relayed';
const NOTHING = Buffer.alloc(0);
/**
 * Bytes that all subscribers together may leave unread in this process, and the least and the most
 * for one of them.
 */
const UNREAD_TOTAL = 64 * 1024 * 1024;
const UNREAD_EACH_MIN = 512 * 1024;
const UNREAD_EACH_MAX = 4 * 1024 * 1024;

interface GuardOptions {
  readonly gateway: string;
  readonly clients: readonly MqttClient[];
  readonly scope: Scope;
  /** Newest retained payload by topic. */
  readonly retained: Pick<RetainedMessages, 'get'>;
  readonly sink: BrokerSink;
  readonly admission: Admission;
  /** Publishes what a device said, in order with every other message. */
  readonly relay: (message: DeviceMessage) => void;
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
  /** Refusals that the log has: the broker reports each of them again as the client's error. */
  readonly #reported = new WeakSet<Error>();

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#logins = new Logins(options);
  }

  isDevice(client: Client): boolean {
    return this.#logins.of(client)?.account.role === 'device';
  }

  handlers(): Handlers {
    return {
      ...this.#logins.handlers(),
      authorizePublish: (client, packet, callback) => {
        const refusal = this.#take(client, packet);
        const event = isCommandTopic(this.#options.scope, packet.topic)
          ? 'mqtt_command_refused'
          : 'mqtt_publish_refused';
        if (refusal === undefined) callback(null);
        else callback(this.#refuse(client, event, refusal));
      },
      authorizeSubscribe: (client, subscription, callback) => {
        if (!this.#isPatient(client, subscription.topic)) {
          callback(this.#refuse(client, 'mqtt_subscription_refused', 'too many subscriptions'));
          return;
        }
        const refusal = this.#add(client, subscription.topic);
        if (refusal !== undefined) this.#refuse(client, 'mqtt_subscription_refused', refusal);
        callback(null, refusal === undefined ? subscription : null);
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
      if (this.#reported.has(error) || this.#logins.isReported(error)) return;
      this.#notice('info', 'mqtt_client_error', `client ${this.#who(client)}: ${error.message}`);
    });
    aedes.on('connectionError', (_client, error) => {
      this.#notice('info', 'mqtt_connection_error', `a connection without login: ${error.message}`);
    });
  }

  /**
   * @returns why the message is refused; the connection is then closed, because MQTT 3.1.1 has no
   * other way to refuse
   */
  #take(client: Client | null, packet: PublishPacket): string | undefined {
    const login = client === null ? undefined : this.#logins.of(client);
    if (login === undefined) return 'not logged in';
    const isReaders = login.account.role === 'reader' && login.topics?.mayPublish(packet.topic) === true;
    if (login.account.role === 'device' || isReaders) return this.#relay(login, packet, client?.closed === true);
    const { scope, sink } = this.#options;
    const right = publishRight(scope, login.account.role, packet.topic);
    if (right === 'none') return `may not publish to ${quoted(packet.topic)}`;
    if (right === 'command') return this.#command(login, packet);
    if (!login.commands.allows(monoMs())) return 'too many messages';
    packet.retain = false;
    const online = scope.homeAssistantPrefix !== undefined && packet.payload.toString().trim() === 'online';
    if (online && packet.topic === homeAssistantStatusTopic(scope.homeAssistantPrefix)) sink.homeAssistantOnline();
    return undefined;
  }

  /**
   * The message goes out through the gateway's own queue. The library gets a copy under a topic
   * that nobody hears, and acknowledges that. It acknowledges a refused message in the same way, as
   * it may [MQTT-3.3.5-2]. The other way to refuse is to close the connection: then presses would
   * be lost whenever a bridge or a sensor also announces itself somewhere else.
   */
  #relay(login: Login, packet: PublishPacket, isWill: boolean): string | undefined {
    const { name } = login.account;
    // Its will says that the device is gone. That must be heard above all when the broker cut the
    // device off for saying too much.
    if (!isWill && login.messages?.allows(monoMs()) !== true) return 'too many messages';
    const { topic, qos, retain } = packet;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    if (login.topics?.mayPublish(topic) === true) this.#options.relay({ topic, payload, qos, retain });
    else this.#notice('warn', 'mqtt_publish_refused', `client ${quoted(name)}: may not publish to ${quoted(topic)}`);
    packet.topic = NOBODYS_TOPIC;
    packet.payload = NOTHING;
    packet.retain = false;
    return undefined;
  }

  #command(login: Login, packet: PublishPacket): string | undefined {
    if (!login.commands.allows(monoMs())) return 'too many commands';
    if (packet.payload.length > COMMAND_BYTES_MAX) return `command longer than ${COMMAND_BYTES_MAX} bytes`;
    const { topic, retain } = packet;
    const by = login.account.name;
    const result = parseCommand(this.#options.gateway, { topic, retain, payload: packet.payload.toString(), by });
    if (!result.ok) return result.reason;
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
  #add(client: Client, filter: string): string | undefined {
    const login = this.#logins.of(client);
    if (login === undefined) return 'not logged in';
    const { account, topics, filters } = login;
    const { scope } = this.#options;
    const may = topics === undefined ? maySubscribe(scope, filter) : topics.maySubscribe(filter);
    if (!may)
      return `may not subscribe to ${quoted(filter)}; it may read ${listed(topics?.granted ?? readable(scope))}`;
    const most = SUBSCRIPTIONS_MAX[account.role];
    if (!filters.has(filter) && filters.size >= most) return `has ${most} subscriptions, and may have no more`;
    filters.add(filter);
    return undefined;
  }

  #forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const { scope, retained } = this.#options;
    if (isCommandTopic(scope, packet.topic)) return null;
    if (client.conn.destroyed) return null;
    if (client.conn.writableLength > this.#unreadLimit()) {
      client.conn.destroy(new Error('cut off: it reads too slowly'));
      return null;
    }
    if (!packet.retain) return packet;
    // aedes reads the retained messages ahead. They may be older than what the subscriber has since
    // heard live.
    const newest = retained.get(packet.topic);
    if (newest === undefined) return null;
    packet.payload = newest;
    return packet;
  }

  #unreadLimit(): number {
    return Math.min(
      UNREAD_EACH_MAX,
      Math.max(UNREAD_EACH_MIN, UNREAD_TOTAL / Math.max(1, this.#options.admission.members)),
    );
  }

  #refuse(client: Client | null, event: string, why: string): Error {
    this.#notice('warn', event, `client ${this.#who(client)}: ${why}`);
    const refusal = new Error(why);
    this.#reported.add(refusal);
    return refusal;
  }

  #who(client: Client | null): string {
    const name = client === null ? undefined : this.#logins.of(client)?.account.name;
    return name === undefined ? '(not logged in)' : quoted(name);
  }

  #notice(level: 'info' | 'warn', event: string, detail: string): void {
    this.#options.sink.notice({ level, event, detail });
  }
}
