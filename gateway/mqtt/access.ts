import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { homeAssistantStatusTopic } from '../../protocol/home-assistant.ts';
import { isFilter, overlaps } from '../../protocol/mqtt-topic-filter.ts';
import type { MqttClient } from './settings.ts';

/**
 * What clients of the embedded broker may see: the gateway's tree and, if used, that of Home
 * Assistant. No slash at the end.
 */
export interface Scope {
  readonly root: string;
  readonly homeAssistantPrefix?: string;
}

/** Topics of brokers about themselves. This one publishes none of them to clients. */
const BROKER_TOPICS = '$SYS/#';
const SLASH = 47;
const STATUS_BYTES_MAX = 16;
const LISTED_MAX = 5;

/**
 * Finds the client by name and password. It takes the same time for an unknown name and for a wrong
 * password, and does not show how much of a password was right: both sides are hashed with a key of
 * this process and then compared.
 */
export class Accounts {
  readonly #key = randomBytes(32);
  readonly #clients: ReadonlyMap<string, { readonly client: MqttClient; readonly hash: Buffer }>;
  readonly #nobody: Buffer;

  constructor(clients: readonly MqttClient[]) {
    this.#clients = new Map(
      clients.map((client) => [client.name, { client, hash: this.#hash(Buffer.from(client.password, 'utf8')) }]),
    );
    this.#nobody = this.#hash(randomBytes(32));
  }

  has(name: string): boolean {
    return this.#clients.has(name);
  }

  authenticate(name: string | undefined, password: Uint8Array | undefined): MqttClient | undefined {
    const account = this.#clients.get(name ?? '');
    const matches = timingSafeEqual(this.#hash(password ?? new Uint8Array(0)), account?.hash ?? this.#nobody);
    // An empty password counts as none, whatever the configuration says.
    return matches && password !== undefined && password.length > 0 ? account?.client : undefined;
  }

  #hash(password: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(password).digest();
  }
}

/**
 * Says whether viewers and operators may subscribe to a filter: to every one that matches a topic
 * which they may read, `#` too. What the filter matches beside that is held back message by message
 * (`mayRead`). They may also subscribe to `$SYS/#`, as many programs do by themselves, and nothing
 * comes there. A shared subscription (`$share/…`) would take messages from other subscribers.
 */
export function maySubscribe(scope: Scope, filter: string): boolean {
  return isFilter(filter) && [...readable(scope), BROKER_TOPICS].some((tree) => overlaps(tree, filter));
}

/** What viewers and operators may read, as filters. */
export function readable({ root, homeAssistantPrefix }: Scope): readonly string[] {
  return [root, homeAssistantPrefix ?? []].flat().map((above) => `${above}/#`);
}

/**
 * True if every viewer and operator may read this topic. It is asked for each message to each
 * subscriber: two comparisons cost less than to look a decision up.
 */
export function mayRead({ root, homeAssistantPrefix }: Scope, topic: string): boolean {
  return isBelow(root, topic) || (homeAssistantPrefix !== undefined && isBelow(homeAssistantPrefix, topic));
}

/** Viewers and operators, who may subscribe to more than they may read. */
export function isOfPeople(role: MqttClient['role'] | undefined): boolean {
  return role !== 'device' && role !== 'reader';
}

function isBelow(tree: string, topic: string): boolean {
  return topic.startsWith(tree) && topic.charCodeAt(tree.length) === SLASH;
}

/**
 * Classifies a client's message, if its role allows it at all. Only the gateway publishes states.
 * Home Assistant may say whether it runs: that gives it no power over anything.
 */
export function publishRight(scope: Scope, role: MqttClient['role'], topic: string): 'command' | 'status' | 'none' {
  if (role !== 'operator' && role !== 'viewer') return 'none';
  if (isHomeAssistantStatus(scope, topic)) return 'status';
  return role === 'operator' && isCommandTopic(scope, topic) ? 'command' : 'none';
}

/**
 * The only will allowed is Home Assistant's "offline". A command is never a will, even an
 * operator's: a lost connection is no decision to close an alert.
 */
export function mayLeaveWill(scope: Scope, role: MqttClient['role'], { topic, payload }: Will): boolean {
  return publishRight(scope, role, topic) === 'status' && saysStatus(payload) !== undefined;
}

export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array | string;
}

/** What Home Assistant's birth and will say. Anything else is not of Home Assistant. */
export function saysStatus(payload: Uint8Array | string): 'online' | 'offline' | undefined {
  if (payload.length > STATUS_BYTES_MAX) return undefined;
  const text = (typeof payload === 'string' ? payload : Buffer.from(payload).toString()).trim();
  return text === 'online' || text === 'offline' ? text : undefined;
}

export function isCommandTopic(scope: Scope, topic: string): boolean {
  return topic.startsWith(`${scope.root}/cmd/`);
}

function isHomeAssistantStatus({ homeAssistantPrefix }: Scope, topic: string): boolean {
  return homeAssistantPrefix !== undefined && topic === homeAssistantStatusTopic(homeAssistantPrefix);
}

/** Home Assistant connects to a gateway whose configuration does not mention it. */
export function homeAssistantAdvice({ homeAssistantPrefix }: Scope, topic: string): string | undefined {
  if (topic !== homeAssistantStatusTopic('homeassistant') || homeAssistantPrefix !== undefined) return undefined;
  return 'for Home Assistant, set homeAssistant: true under mqtt:';
}

/** Filters for a line of the log: the first ones, and how many more there are. */
export function listed(filters: readonly string[]): string {
  if (filters.length === 0) return 'nothing';
  const more = filters.length - LISTED_MAX;
  return [...filters.slice(0, LISTED_MAX), more > 0 ? `${more} more` : []].flat().join(', ');
}

/** A stranger's text for a line of the log: escaped and short. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
