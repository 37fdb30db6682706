import type { AedesOptions, AuthenticateError, Client, ConnectPacket } from 'aedes';
import { monoMs } from '../system/clock.ts';
import { Accounts, mayLeaveWill, quoted, type Scope } from './access.ts';
import type { Admission } from './admission.ts';
import type { BrokerSink } from './broker.ts';
import { DeviceTopics } from './device-access.ts';
import { RateLimit } from './rate-limit.ts';
import type { MqttClient } from './settings.ts';

/**
 * Messages of one device account, a second and at once. A bridge describes all its devices when it
 * connects.
 */
const MESSAGES_PER_SECOND = 200;
const MESSAGES_AT_ONCE = 5_000;

/**
 * Subscriptions a second and at once. After a power cut all displays of an account return at the
 * same moment.
 */
const WILDCARDS_PER_SECOND = 2;
const WILDCARDS_AT_ONCE = 300;
const LOOKUPS_PER_SECOND = 100;
const LOOKUPS_AT_ONCE = { viewer: 2_500, operator: 2_500, device: 500, reader: 10_000 } as const;

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
}

/** Knows who each client is: names and passwords, client ids, wills. */
export class Logins {
  readonly #options: LoginOptions;
  readonly #accounts: Accounts;
  readonly #logins = new WeakMap<Client, Login>();
  /** Open connections by the client id they logged in with. */
  readonly #holders = new Map<string, Map<Client, string>>();
  readonly #wills = new WeakMap<Client, NonNullable<ConnectPacket['will']>>();
  readonly #wildcards = new Map<string, RateLimit>();
  readonly #devices = new Map<string, Required<Pick<Login, 'topics' | 'messages'>>>();
  /** Refusals that the log has: the broker reports each of them again as the client's error. */
  readonly #reported = new WeakSet<Error>();
  #strangers = 0;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#accounts = new Accounts(options.clients);
    for (const { name, role, topics = [], publishes = [] } of options.clients) {
      if (role !== 'device' && role !== 'reader') continue;
      const published = role === 'device' ? topics : publishes;
      const granted = new DeviceTopics(topics, options.scope.homeAssistantPrefix, published);
      for (const fault of granted.faults) this.#warn('mqtt_topics_refused', `client ${quoted(name)}: ${fault}`);
      const messages = new RateLimit(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE, monoMs());
      this.#devices.set(name, { topics: granted, messages });
    }
  }

  of(client: Client): Login | undefined {
    return this.#logins.get(client);
  }

  /** True if this error is a refusal that the log has. */
  isReported(error: Error): boolean {
    return this.#reported.has(error);
  }

  handlers(): Required<Pick<AedesOptions, 'preConnect' | 'authenticate'>> {
    return {
      preConnect: (client, packet, callback) => {
        // Sessions are never kept. A press queued for an absent client would arrive as an alarm
        // long after, and the queue would have no bound.
        packet.clean = true;
        if (packet.will !== undefined) this.#wills.set(client, packet.will);
        callback(null, true);
      },
      authenticate: (client, name, password, callback) => {
        const account = this.#accounts.authenticate(name, password);
        const refusal = account === undefined ? this.#unknown(name) : this.#refusalOf(client, account);
        if (account !== undefined && refusal === undefined) {
          this.#enter(client, account);
          callback(null, true);
          return;
        }
        // The library drops its data of a client id when it closes any connection that named that
        // id.
        client.id = this.#idOfNobody();
        const say = () => callback(refusal ?? null, false);
        if (account === undefined) this.#options.admission.wrongPassword(client.conn, say);
        else say();
      },
    };
  }

  #unknown(name: string | undefined): AuthenticateError {
    return this.#refuse(BAD_USER_NAME_OR_PASSWORD, `user ${quoted(name ?? '')}: unknown, or wrong password`);
  }

  #refusalOf(client: Client, account: MqttClient): AuthenticateError | undefined {
    const holders = [...(this.#holders.get(client.id)?.values() ?? [])];
    if (holders.some((name) => name !== account.name)) {
      return this.#refuse(IDENTIFIER_REJECTED, `user ${quoted(account.name)}: client id is in use by another user`);
    }
    const will = this.#wills.get(client);
    if (will === undefined || this.#mayLeave(will.topic, account)) return undefined;
    const detail = `user ${quoted(account.name)}: may not leave a will on ${quoted(will.topic)}`;
    return this.#refuse(NOT_AUTHORIZED, detail);
  }

  #enter(client: Client, account: MqttClient): void {
    const will = this.#wills.get(client);
    if (will !== undefined && account.role !== 'device') will.retain = false;
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

  #mayLeave(willTopic: string, account: MqttClient): boolean {
    if (account.role === 'device') return this.#devices.get(account.name)?.topics.mayPublish(willTopic) === true;
    return mayLeaveWill(this.#options.scope, account.role, willTopic);
  }

  #refuse(returnCode: number, detail: string): AuthenticateError {
    this.#warn('mqtt_login_refused', detail);
    const refusal = Object.assign(new Error(detail), { returnCode });
    this.#reported.add(refusal);
    return refusal;
  }

  #warn(event: string, detail: string): void {
    this.#options.sink.notice({ level: 'warn', event, detail });
  }
}
