import type { DrillAccount } from '../../protocol/after-action-document.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { DrillRecord } from '../core/journal-record.ts';
import { type Moment, type RecordedClock, stepAfter } from './recorded-clock.ts';

interface Drill {
  readonly begun: DrillRecord;
  readonly begunAt: Moment;
  ended?: NonNullable<DrillAccount['ended']>;
}

/** The drills of a journal, in the order in which they started. */
export class DrillHistory {
  readonly #clock: RecordedClock;
  readonly #drills: Drill[] = [];
  readonly #running = new Map<string, Drill>();

  /** @param clock at the record that is added */
  constructor(clock: RecordedClock) {
    this.#clock = clock;
  }

  add(record: DrillRecord): void {
    const { scope, state, startedAt, at, by, reason } = record;
    const running = this.#running.get(scope);
    const isOf = running?.begun.startedAt === startedAt;
    if (state === 'ended') {
      if (running === undefined || !isOf) return;
      running.ended = { ...stepAfter(running.begunAt, this.#clock.moment(at)), by, reason };
      this.#running.delete(scope);
      return;
    }
    // The remaining time of a running drill is written each minute.
    if (isOf) return;
    if (running !== undefined) {
      const step = stepAfter(running.begunAt, this.#clock.moment(startedAt));
      running.ended = { ...step, by, reason: 'another drill of the same scope took its place' };
    }
    const drill: Drill = { begun: record, begunAt: this.#clock.moment(startedAt) };
    this.#running.set(scope, drill);
    this.#drills.push(drill);
  }

  /** The drill has begun and not ended at the record that was added last. */
  isRunning({ scope, started_at: startedAt }: Pick<DrillAccount, 'scope' | 'started_at'>): boolean {
    const running = this.#running.get(scope);
    return running !== undefined && isoTime(running.begun.startedAt) === startedAt;
  }

  accounts(): readonly DrillAccount[] {
    return this.#drills.map(({ begun, ended }) => ({
      scope: begun.scope,
      started_at: isoTime(begun.startedAt),
      started_by: begun.by,
      reason: begun.reason,
      planned_end_at: isoTime(begun.endsAt),
      ended: ended ?? null,
    }));
  }
}
