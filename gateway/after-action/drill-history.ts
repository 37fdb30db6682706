import type { DrillAccount } from '../../protocol/after-action-document.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { DrillRecord } from '../core/journal-record.ts';

interface Drill {
  readonly begun: DrillRecord;
  ended?: { readonly at: number; readonly by: string; readonly reason: string };
}

/** The drills of a journal, in the order in which they started. */
export class DrillHistory {
  readonly #drills: Drill[] = [];
  readonly #running = new Map<string, Drill>();

  add(record: DrillRecord): void {
    const { scope, state, startedAt, at, by, reason } = record;
    const running = this.#running.get(scope);
    const isOf = running?.begun.startedAt === startedAt;
    if (state === 'ended') {
      if (running === undefined || !isOf) return;
      running.ended = { at, by, reason };
      this.#running.delete(scope);
      return;
    }
    // The remaining time of a running drill is written each minute.
    if (isOf) return;
    if (running !== undefined) {
      running.ended = { at: startedAt, by, reason: 'another drill of the same scope took its place' };
    }
    const drill: Drill = { begun: record };
    this.#running.set(scope, drill);
    this.#drills.push(drill);
  }

  accounts(): readonly DrillAccount[] {
    return this.#drills.map(({ begun, ended }) => ({
      scope: begun.scope,
      started_at: isoTime(begun.startedAt),
      started_by: begun.by,
      reason: begun.reason,
      planned_end_at: isoTime(begun.endsAt),
      ended: ended === undefined ? null : { ...ended, at: isoTime(ended.at) },
    }));
  }
}
