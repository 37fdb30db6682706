import { covers } from '../../protocol/mqtt-topic-filter.ts';
import { AlertTexts } from './alert-texts.ts';

/** The newest retained message of each topic. */
export class RetainedMessages {
  readonly #alertPrefix: string;
  readonly #alerts = new AlertTexts();
  readonly #others = new Map<string, Buffer>();

  /** @param root of the gateway's topics, without a slash at the end */
  constructor(root: string) {
    this.#alertPrefix = `${root}/alert/`;
  }

  /** An empty payload removes the message. */
  keep(topic: string, payload: string | Buffer): void {
    if (payload.length === 0) this.#delete(topic);
    else if (this.#isAlert(topic)) this.#alerts.set(topic, payload.toString());
    else this.#others.set(topic, copyOf(Buffer.from(payload)));
  }

  get(topic: string): Buffer | undefined {
    if (!this.#isAlert(topic)) return this.#others.get(topic);
    const payload = this.#alerts.get(topic);
    return payload === undefined ? undefined : Buffer.from(payload);
  }

  /** A filter without wildcards is looked up: a reader may name each of 10,000 topics. */
  *matching(filter: string): Iterable<readonly [topic: string, payload: Buffer]> {
    const topics = /[+#]/.test(filter) ? this.#topics(filter) : [filter];
    for (const topic of topics) {
      const payload = this.get(topic);
      if (payload !== undefined) yield [topic, payload];
    }
  }

  /**
   * Home Assistant asks for 70 parts of its tree, most of them empty: the beginning rules them out.
   */
  *#topics(filter: string): Iterable<string> {
    const beginning = filter.slice(0, filter.search(/\/?[+#]/));
    for (const kept of [this.#others, this.#alerts]) {
      for (const topic of kept.keys()) if (topic.startsWith(beginning) && covers(filter, topic)) yield topic;
    }
  }

  #delete(topic: string): void {
    if (this.#isAlert(topic)) this.#alerts.delete(topic);
    else this.#others.delete(topic);
  }

  #isAlert(topic: string): boolean {
    return topic.startsWith(this.#alertPrefix);
  }
}

/**
 * Copies a payload that is kept. It is a view of a buffer of 8 or 64 kB, which would be kept with
 * it.
 */
function copyOf(payload: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(payload.length);
  payload.copy(copy);
  return copy;
}
