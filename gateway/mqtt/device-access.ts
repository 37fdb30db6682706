import { covers, faultOfGrant, isTopic } from '../../protocol/mqtt-topic-filter.ts';

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

/**
 * Bytes that the devices' retained messages may take together. A Zigbee bridge keeps some kB for
 * each of its devices.
 */
const RETAINED_MAX = 25_000;
const RETAINED_BYTES_MAX = 16 * 1024 * 1024;

/** Bounds what devices leave at the broker for later subscribers. */
export class KeptForDevices {
  readonly #bytes = new Map<string, number>();
  #total = 0;

  /**
   * True if there is room to keep this message in place of the topic's former one. An empty message
   * makes room.
   */
  takes({ topic, payload }: DeviceMessage): boolean {
    const former = this.#bytes.get(topic) ?? 0;
    if (payload.length === 0) {
      this.#bytes.delete(topic);
      this.#total -= former;
      return true;
    }
    const bytes = topic.length + payload.length;
    const total = this.#total - former + bytes;
    if (total > RETAINED_BYTES_MAX || (former === 0 && this.#bytes.size >= RETAINED_MAX)) return false;
    this.#bytes.set(topic, bytes);
    this.#total = total;
    return true;
  }
}
