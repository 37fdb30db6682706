import type { DeliveryView } from '../documents.ts';

/** A path, and its progress with an alert. */
export type DeliveryProgress = readonly [path: string, progress: DeliveryView];

/** Fields of one delivery. */
const FIELDS = 4;

/**
 * The deliveries of an alert that all paths have finished with, in one flat list: a path, its
 * state, its attempts, its sequence number, then the next path. The flat list saves memory, because
 * twenty thousand alerts may be open for a day.
 */
export class FinishedDeliveries implements Iterable<DeliveryProgress> {
  readonly flat: readonly (string | number)[];

  constructor(flat: readonly (string | number)[]) {
    // A copy takes the room it needs, a list that has grown up to four times as much.
    this.flat = flat.slice();
  }

  /** `undefined`: a path has not finished yet. */
  static of(deliveries: Iterable<DeliveryProgress>): FinishedDeliveries | undefined {
    const flat: (string | number)[] = [];
    for (const [path, { state, attempts, sequence }] of deliveries) {
      if (!FINISHED.has(state)) return undefined;
      flat.push(path, state, attempts, sequence);
    }
    return new FinishedDeliveries(flat);
  }

  /** A path that was withdrawn may still answer. */
  with([path, progress]: DeliveryProgress): FinishedDeliveries {
    return FinishedDeliveries.of(new Map([...this, [path, progress]])) ?? this;
  }

  *[Symbol.iterator](): Iterator<DeliveryProgress> {
    for (let at = 0; at < this.flat.length; at += FIELDS) {
      const [path, state, attempts, sequence] = this.flat.slice(at, at + FIELDS);
      yield [
        String(path),
        { state: state as DeliveryView['state'], attempts: Number(attempts), sequence: Number(sequence) },
      ];
    }
  }
}

const FINISHED: ReadonlySet<DeliveryView['state']> = new Set<DeliveryView['state']>([
  'acknowledged',
  'handedOver',
  'refused',
  'withdrawn',
]);
