import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { AedesOptions, AuthenticateError, Client, ConnectPacket } from 'aedes';
import { monoMs } from '../system/clock.ts';
import { Accounts, homeAssistantAdvice, listed, mayLeaveWill, quoted, type Scope, type Will } from './access.ts';
import type { Admission } from './admission.ts';
import type { BrokerSink } from './broker.ts';
import { DeviceTopics } from './device-access.ts';
import type { Mqtt5Connection } from './mqtt5/connection.ts';
import { RateLimit } from './rate-limit.ts';
import type { MqttClient } from './settings.ts';
import type { Caller, Cause, TurnedAwayClients } from './turned-away-clients.ts';

/**
 * Messages of one device account, a second and at once. A bridge describes all its devices when it
 * connects.
 */
const MESSAGES_PER_SECOND = 200;
const MESSAGES_AT_ONCE = 5_000;
/**
 * Their bytes. A bridge publishes the list of its devices (1.6 MB for 200) up to three times for
 * each device that joins.
 */
const BYTES_PER_SECOND = 1024 * 1024;
const BYTES_AT_ONCE = 32 * 1024 * 1024;

/**
 * Subscriptions a second and at once. After a power cut all displays of an account return at the
 * same moment. Home Assistant has some 70 with wildcards, and returns every 10 s.
 */
const WILDCARDS_PER_SECOND = 8;
const WILDCARDS_AT_ONCE = 800;
const LOOKUPS_PER_SECOND = 100;
const LOOKUPS_AT_ONCE = { viewer: 2_500, operator: 2_500, device: 500, reader: 10_000 } as const;

/**
 * Longest keep-alive, seconds, for nodes that sleep between two messages. One is required, so that
 * a lost subscriber is noticed, and its will is published after 1.5 times as long at the latest.
 */
const KEEP_ALIVE_S_MAX = 3600;
/**
 * Up to this keep-alive, TCP probes find a lost client sooner than its own silence does. A client
 * with a longer one may sleep, and then answers no probe.
 */
const PROBED_KEEP_ALIVE_S_MAX = 120;

/** CONNACK return codes (MQTT 3.1.1 §3.2.2.3). */
const IDENTIFIER_REJECTED = 2;
const BAD_USER_NAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

export interface Login {
  readonly account: MqttClient;
  /** The rights of a device or reader. */
  readonly topics?: DeviceTopics;
  /**
   * Rate of a device or reader, shared by all connections of its account: a new login earns no new
   * burst.
   */
  readonly messages?: RateLimit;
  readonly bytes?: RateLimit;
  readonly commands: RateLimit;
  /** Rate of subscriptions with wildcards, shared by all connections of the account. */
  readonly wildcards: RateLimit;
  /** Rate of subscriptions to single topics. */
  readonly lookups: RateLimit;
  readonly filters: Set<string>;
}

interface LoginOptions {
  readonly clients: readonly MqttClient[];
  readonly scope: Scope;
  readonly sink: BrokerSink;
  readonly admission: Admission;
  readonly turnedAway: TurnedAwayClients;
}

interface Refused extends Cause {
  readonly returnCode: number;
}

/** Knows who each client is: names and passwords, client ids, wills. */
export class Logins {
  readonly #options: LoginOptions;
  #accounts: Accounts;
  readonly #logins = new WeakMap<Client, Login>();
  /** Open connections by the client id they logged in with. */
  readonly #holders = new Map<string, Map<Client, string>>();
  /** What each CONNECT asked for. */
  readonly #connects = new WeakMap<
    Client,
    Required<Pick<ConnectPacket, 'clientId' | 'keepalive'>> & Pick<ConnectPacket, 'will'>
  >();
  readonly #wildcards = new Map<string, RateLimit>();
  readonly #devices = new Map<string, Required<Pick<Login, 'topics' | 'messages' | 'bytes'>>>();
  #strangers = 0;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#accounts = new Accounts(options.clients);
    this.#grant(options.clients);
  }

  /**
   * The accounts have changed. Clients stay connected whose accounts have not. The gateway's own
   * reader stays too, with its new rights: other inputs read through the same account.
   */
  setClients(clients: readonly MqttClient[]): void {
    const before = new Map(this.#devices);
    this.#accounts = new Accounts(clients);
    this.#devices.clear();
    this.#grant(clients);
    for (const [name, { messages, bytes }] of before) {
      const granted = this.#devices.get(name);
      // A reload earns no new burst.
      if (granted !== undefined) this.#devices.set(name, { ...granted, messages, bytes });
    }
    const accounts = new Map(clients.map((account) => [account.name, account]));
    for (const client of [...this.#holders.values()].flatMap((holders) => [...holders.keys()])) {
      const login = this.#logins.get(client);
      const account = accounts.get(login?.account.name ?? '');
      if (login === undefined) continue;
      if (account !== undefined && isSame(account, login.account)) {
        this.#logins.set(client, { ...login, account, ...this.#devices.get(account.name) });
      } else this.#end(client, account);
    }
  }

  /**
   * Its will is published with the rights of now: of an account that has been removed because it
   * was stolen, a will on the topic of a button would be a press.
   */
  #end(client: Client & { will?: Will | null }, account: MqttClient | undefined): void {
    const { will } = this.#connects.get(client) ?? {};
    if (will !== undefined && (account === undefined || !this.#mayLeave(will, account))) client.will = null;
    client.conn.destroy(new Error('its account has changed'));
    client.close();
  }

  #grant(clients: readonly MqttClient[]): void {
    const { scope, sink } = this.#options;
    for (const { name, role, topics = [], publishes = [] } of clients) {
      if (role !== 'device' && role !== 'reader') continue;
      const published = role === 'device' ? topics : publishes;
      const granted = new DeviceTopics(topics, scope.homeAssistantPrefix, published);
      for (const fault of granted.faults) {
        const detail = `client ${quoted(name)}: ${fault}`;
        sink.notice({ level: 'warn', event: 'mqtt_topics_refused', detail });
      }
      const messages = new RateLimit(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE, monoMs());
      const bytes = new RateLimit(BYTES_PER_SECOND, BYTES_AT_ONCE, monoMs());
      this.#devices.set(name, { topics: granted, messages, bytes });
    }
  }

  of(client: Client): Login | undefined {
    return this.#logins.get(client);
  }

  callerOf(client: Client): Caller & { readonly connection: Duplex } {
    const account = this.#logins.get(client)?.account.name;
    const caller = { address: this.#options.admission.addressOf(client.conn), connection: client.conn };
    return account === undefined ? caller : { ...caller, clientId: client.id, account };
  }

  handlers(): Required<Pick<AedesOptions, 'preConnect' | 'authenticate'>> {
    return {
      preConnect: (client, packet, callback) => {
        // Sessions are never kept. A press queued for an absent client would arrive as an alarm
        // long after, and the queue would have no bound.
        packet.clean = true;
        const { clientId, keepalive = 0, will } = packet;
        this.#connects.set(client, { clientId, keepalive, ...(will === undefined ? {} : { will }) });
        callback(null, true);
      },
      authenticate: (client, name, password, callback) => {
        const account = this.#accounts.authenticate(name, password);
        const refused = account === undefined ? this.#unknown(name) : this.#refusalOf(client, account);
        if (account !== undefined && refused === undefined) {
          this.#enter(client, account);
          callback(null, true);
          return;
        }
        const refusal = refused === undefined ? null : this.#refuse(client, name, account, refused);
        // The library drops its data of a client id when it closes any connection that named that
        // id.
        client.id = this.#idOfNobody();
        const say = () => callback(refusal, false);
        if (account === undefined) this.#options.admission.wrongPassword(client.conn, say);
        else say();
      },
    };
  }

  #unknown(name: string | undefined): Refused {
    const isKnown = this.#accounts.has(name ?? '');
    return {
      returnCode: BAD_USER_NAME_OR_PASSWORD,
      event: 'mqtt_login_refused',
      what: isKnown ? 'wrong password' : 'its user name is unknown',
      advice: isKnown ? 'set the password of keys.yaml there' : 'log in with a user of mqtt: clients',
    };
  }

  #refusalOf(client: Client, account: MqttClient): Refused | undefined {
    const event = 'mqtt_login_refused';
    const holders = [...(this.#holders.get(client.id)?.values() ?? [])];
    if (holders.some((name) => name !== account.name)) {
      const what = 'its client id is in use by another user';
      return { returnCode: IDENTIFIER_REJECTED, event, what, advice: 'give each client an id of its own' };
    }
    const { will, keepalive = 0 } = this.#connects.get(client) ?? {};
    if (keepalive === 0 || keepalive > KEEP_ALIVE_S_MAX) {
      // MQTT 3.1.1 has no code for it. Mosquitto answers the same at its max_keepalive.
      const what = keepalive === 0 ? 'has no keep-alive' : `has a keep-alive of ${keepalive} s`;
      const advice = `set 1 to ${KEEP_ALIVE_S_MAX} s there`;
      return { returnCode: IDENTIFIER_REJECTED, event: 'mqtt_keep_alive_refused', what, advice };
    }
    if (will === undefined || this.#mayLeave(will, account)) return undefined;
    const what = `may not leave a will on ${quoted(will.topic)}`;
    return { returnCode: NOT_AUTHORIZED, event, what, advice: this.#willAdvice(account, will.topic) };
  }

  #willAdvice({ name, role }: MqttClient, willTopic: string): string {
    if (role === 'device') return `it may on ${listed(this.#devices.get(name)?.topics.granted ?? [])}`;
    const advice = 'turn its will (birth and last will) off, or make it a client with role: device';
    return homeAssistantAdvice(this.#options.scope, willTopic) ?? advice;
  }

  #enter(client: Client, account: MqttClient): void {
    const { will, keepalive = 0 } = this.#connects.get(client) ?? {};
    if (will !== undefined && account.role !== 'device') will.retain = false;
    if (keepalive > PROBED_KEEP_ALIVE_S_MAX) (client.conn as Socket | Mqtt5Connection).setKeepAlive(false);
    const nowMs = monoMs();
    const wildcards =
      this.#wildcards.get(account.name) ?? new RateLimit(WILDCARDS_PER_SECOND, WILDCARDS_AT_ONCE, nowMs);
    this.#wildcards.set(account.name, wildcards);
    const login = {
      account,
      commands: new RateLimit(5, 20, nowMs),
      wildcards,
      lookups: new RateLimit(LOOKUPS_PER_SECOND, LOOKUPS_AT_ONCE[account.role], nowMs),
      filters: new Set<string>(),
      ...this.#devices.get(account.name),
    };
    this.#logins.set(client, login);
    this.#hold(client, account.name);
    this.#options.admission.logIn(client.conn, account);
    this.#options.turnedAway.admitted(this.callerOf(client));
  }

  /**
   * From here on, and not only from the library's registration: until then another client could log
   * in with the same id.
   */
  #hold(client: Client, name: string): void {
    const { id } = client;
    const holders = this.#holders.get(id) ?? new Map<Client, string>();
    this.#holders.set(id, holders.set(client, name));
    client.conn.once('close', () => {
      holders.delete(client);
      if (holders.size === 0 && this.#holders.get(id) === holders) this.#holders.delete(id);
    });
  }

  #idOfNobody(): string {
    this.#strangers += 1;
    return `$stranger/${this.#strangers}`;
  }

  #mayLeave(will: Will, account: MqttClient): boolean {
    if (account.role === 'device') return this.#devices.get(account.name)?.topics.mayPublish(will.topic) === true;
    return mayLeaveWill(this.#options.scope, account.role, will);
  }

  #refuse(client: Client, name: string | undefined, account: MqttClient | undefined, refused: Refused) {
    const { returnCode, ...cause } = refused;
    const caller = this.#refusedCaller(client, name, account);
    const refusal = this.#options.turnedAway.turnAway(caller, cause);
    return Object.assign(refusal, { returnCode }) satisfies AuthenticateError;
  }

  #refusedCaller(client: Client, name: string | undefined, account: MqttClient | undefined): Caller {
    const clientId = this.#connects.get(client)?.clientId ?? '';
    const address = this.#options.admission.addressOf(client.conn);
    const caller = { address, clientId, connection: client.conn };
    if (account !== undefined) return { ...caller, account: account.name };
    const claims = this.#accounts.has(name ?? '') ? { claims: name ?? '' } : {};
    return { ...caller, ...claims, userName: name ?? '' };
  }
}

/** The rights of the gateway's own reader may change while it is connected. */
function isSame(one: MqttClient, other: MqttClient): boolean {
  const isReader = one.role === 'reader' && other.role === 'reader';
  if (isReader) return one.password === other.password;
  return isDeepStrictEqual(one, other);
}
