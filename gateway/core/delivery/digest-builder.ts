import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import { invariant } from '../invariant.ts';
import type { Digest } from '../site.ts';
import { type Delivery, newDelivery } from './delivery.ts';
import { digestGroup, digestText } from './digest-text.ts';

/**
 * A group that was silent on the path for this long starts anew: its next alarm goes by itself, at
 * once.
 */
const GROUP_QUIET_MS = 60_000;

/**
 * Gathers the alarms of a storm on one slow path into reports that fit it, each built at the moment
 * it is sent.
 */
export class DigestBuilder {
  readonly #path: string;
  readonly #digest: Digest;
  readonly #context: Context;
  readonly #lastMs = new Map<string, MonoMs>();

  constructor(path: string, digest: Digest, context: Context) {
    this.#path = path;
    this.#digest = digest;
    this.#context = context;
  }

  /** An alarm was submitted: is it the first of its group? */
  leads(delivery: Delivery): boolean {
    const group = digestGroup(delivery.report);
    if (group === undefined) return true;
    const { monoMs } = this.#context.now;
    const lastMs = this.#lastMs.get(group) ?? LONG_AGO_MS;
    this.#lastMs.set(group, monoMs);
    return monoMs - lastMs >= GROUP_QUIET_MS;
  }

  /**
   * The digest to send instead of `next`; `undefined`: nothing that could join it waits.
   *
   * @param open every unsettled report on the path, oldest first
   */
  gather(next: Delivery, open: Iterable<Delivery>, sequence: () => number): Delivery | undefined {
    const group = digestGroup(next.report);
    if (group === undefined || !isGatherable(next)) return undefined;
    const waiting: Delivery[] = [];
    for (const delivery of open) {
      if (isGatherable(delivery) && digestGroup(delivery.report) === group) waiting.push(delivery);
    }
    if (waiting.length < 2) return undefined;
    waiting.sort((a, b) => a.order - b.order);
    const { text, members } = digestText(waiting, this.#digest.characters);
    const [oldest] = members;
    invariant(oldest !== undefined, 'a digest stands for no report');
    const { alert: _, follows: __, ...first } = oldest.report;
    const kind = `digest.${this.#path}`;
    const id = `${kind}.${this.#context.session}.${this.#context.count(kind)}`;
    const report = { ...first, id, text, occurredMs: this.#context.now.wallMs };
    for (const member of members) member.state = 'gathered';
    return { ...newDelivery(report, oldest.order, sequence()), leading: false, members };
  }
}

/** The alarm waits, is not owed at once, and was never sent by itself. */
function isGatherable({ state, leading, alone }: Delivery): boolean {
  return state === 'queued' && !leading && !alone;
}
