import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { MqttClient } from './settings.ts';

/**
 * What clients of the embedded broker may see: the gateway's tree and, if used, that of Home
 * Assistant. No slash at the end.
 */
export interface Scope {
  readonly root: string;
  readonly homeAssistantPrefix?: string;
}

const FILTER_LENGTH_MAX = 512;
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
 * Subscriptions stay within the scope: `#`, `$SYS` and wildcards above the scope are refused. `+`
 * may stand for the gateway's name alone (`callpoint/v1/+/link/#`): no other gateway publishes
 * here, and devices get nothing beside its tree.
 */
export function maySubscribe(scope: Scope, filter: string): boolean {
  if (filter.length > FILTER_LENGTH_MAX) return false;
  const anyGateway = scope.root.replace(/[^/]+$/, '+');
  if (filter.startsWith(`${scope.root}/`) || filter.startsWith(`${anyGateway}/`)) return true;
  return scope.homeAssistantPrefix !== undefined && filter.startsWith(`${scope.homeAssistantPrefix}/`);
}

/** What viewers and operators may subscribe to, as filters. */
export function readable({ root, homeAssistantPrefix }: Scope): readonly string[] {
  return [root, homeAssistantPrefix ?? []].flat().map((above) => `${above}/#`);
}

/**
 * Classifies a client's message, if its role allows it at all. Only the gateway publishes states.
 */
export function publishRight(scope: Scope, role: MqttClient['role'], topic: string): 'command' | 'status' | 'none' {
  if (role !== 'operator') return 'none';
  if (isCommandTopic(scope, topic)) return 'command';
  return isHomeAssistantStatus(scope, topic) ? 'status' : 'none';
}

/**
 * The only will allowed is Home Assistant's "offline". A command is never a will, even an
 * operator's: a lost connection is no decision to close an alert.
 */
export function mayLeaveWill(scope: Scope, role: MqttClient['role'], topic: string): boolean {
  return role === 'operator' && isHomeAssistantStatus(scope, topic);
}

export function isCommandTopic(scope: Scope, topic: string): boolean {
  return topic.startsWith(`${scope.root}/cmd/`);
}

function isHomeAssistantStatus(scope: Scope, topic: string): boolean {
  return scope.homeAssistantPrefix !== undefined && topic === `${scope.homeAssistantPrefix}/status`;
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
