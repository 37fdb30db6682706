import { covers, faultOfGrant, isTopic } from '../../protocol/mqtt-topic-filter.ts';
import type { Caller } from './turned-away-clients.ts';

/** What one account of the role `device` or `reader` may read and publish. */
export class DeviceTopics {
  readonly #grants: Grants;
  readonly #publishes: Grants;
  /** It may subscribe to these filters and to parts of them. */
  readonly granted: readonly string[];
  /** Why some of the configured topics are not granted. */
  readonly faults: readonly string[];

  /**
   * @param topics filters
   * @param publishes where it may publish; default: wherever it may listen
   */
  constructor(topics: readonly string[], homeAssistantPrefix?: string, publishes: readonly string[] = topics) {
    const fault = (topic: string) => faultOfGrant(topic, homeAssistantPrefix);
    const isSound = (topic: string) => fault(topic) === undefined;
    this.granted = topics.filter(isSound);
    this.#grants = new Grants(this.granted);
    this.#publishes = new Grants(publishes.filter(isSound));
    this.faults = [...new Set([...topics, ...publishes])].flatMap((topic) => fault(topic) ?? []);
  }

  maySubscribe(filter: string): boolean {
    return this.#grants.cover(filter);
  }

  mayPublish(topic: string): boolean {
    return isTopic(topic) && this.#publishes.cover(topic);
  }
}

/**
 * The gateway's own reader has one or more topics for each device, without wildcards. A map finds
 * them without a search.
 */
class Grants {
  readonly #topics: ReadonlySet<string>;
  readonly #filters: readonly string[];

  constructor(granted: readonly string[]) {
    this.#topics = new Set(granted.filter(isTopic));
    this.#filters = granted.filter((filter) => !isTopic(filter));
  }

  cover(filter: string): boolean {
    return this.#topics.has(filter) || this.#filters.some((granted) => covers(granted, filter));
  }
}

/** What a device published, for the broker to pass on. */
export interface DeviceMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/** Who published it. */
export interface Publisher {
  readonly account: string;
  /** For a report: seldom needed. */
  readonly caller: () => Caller;
}

/**
 * Bytes that the devices' retained messages may take together. Zigbee2MQTT's list of its devices
 * (`bridge/devices`) has some 8 kB for each: 1.6 MB for 200.
 */
const RETAINED_BYTES_MAX = 16 * 1024 * 1024;
/** What a topic costs beside its bytes: 25,000 empty ones fill the store. */
const TOPIC_BYTES = 640;

interface Kept {
  readonly account: string;
  readonly bytes: number;
}

/**
 * Bounds what devices leave at the broker for later subscribers. Half of the store is reserved, the
 * same part for each account, so that none of them can use up the room of another. The other half
 * is free for all.
 */
export class KeptForDevices {
  readonly #kept = new Map<string, Kept>();
  /** Bytes by account. */
  #used = new Map<string, number>();
  #reserved = 0;

  /** @param accounts that may leave messages */
  constructor(accounts: readonly string[]) {
    this.setAccounts(accounts);
  }

  /** What a removed account left is kept until another message takes its place. */
  setAccounts(accounts: readonly string[]): void {
    const before = this.#used;
    this.#used = new Map(accounts.map((account) => [account, before.get(account) ?? 0]));
    for (const [account, bytes] of before) if (bytes > 0) this.#used.set(account, bytes);
    this.#reserved = Math.floor(RETAINED_BYTES_MAX / 2 / Math.max(1, accounts.length));
  }

  /**
   * True if there is room to keep this message in place of the topic's former one. An empty message
   * makes room.
   */
  takes({ topic, payload }: Pick<DeviceMessage, 'topic' | 'payload'>, account: string): boolean {
    const former = this.#kept.get(topic);
    if (former !== undefined) {
      this.#kept.delete(topic);
      this.#add(former.account, -former.bytes);
    }
    if (payload.length === 0) return true;
    const bytes = TOPIC_BYTES + topic.length + payload.length;
    if ((this.#used.get(account) ?? 0) + bytes > this.#roomOf(account)) return false;
    this.#kept.set(topic, { account, bytes });
    this.#add(account, bytes);
    return true;
  }

  #add(account: string, bytes: number): void {
    this.#used.set(account, (this.#used.get(account) ?? 0) + bytes);
  }

  /** All that the others neither use nor have reserved. */
  #roomOf(account: string): number {
    let room = RETAINED_BYTES_MAX;
    for (const [other, used] of this.#used) if (other !== account) room -= Math.max(used, this.#reserved);
    return room;
  }
}
