import { after } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import { known } from '../invariant.ts';
import type { TroubleTypeName } from '../trouble-types.ts';
import type { Place, Troubles, TroubleText } from './troubles.ts';

export interface LimitedNotice extends TroubleText {
  readonly type: TroubleTypeName;
  readonly subject: string;
  /** Least time between two reports of this subject, ms. */
  readonly gapMs: number;
  readonly place?: Place;
}

interface Window {
  last: LimitedNotice;
  suppressed: number;
}

/**
 * Subjects that are reported one by one. A sender that runs through all addresses gets no more
 * lines.
 */
const SUBJECTS_MAX = 16;
/**
 * While this many notices have reached no receiver, others are only counted: an attacker must not
 * fill the queue of an outage.
 */
const OWED_MAX = 32;
const CROWD = 'crowd';

/**
 * Notices of what anybody may cause by sending on the line. None is dropped silently: the first of
 * a subject is reported at once, the others are counted and reported at a bounded rate.
 */
export class LimitedNotices {
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #isOpen: (report: string) => boolean;
  readonly #windows = new Map<string, Window>();
  #owed: string[] = [];

  /** @param isOpen true while no receiver has acknowledged the report */
  constructor(context: Context, troubles: Troubles, isOpen: (report: string) => boolean) {
    this.#context = context;
    this.#troubles = troubles;
    this.#isOpen = isOpen;
  }

  tell(notice: LimitedNotice): void {
    const key = this.#keyFor(notice);
    const open = this.#windows.get(key);
    if (open !== undefined) {
      open.suppressed += 1;
      open.last = notice;
      return;
    }
    const window = { last: notice, suppressed: 0 };
    this.#windows.set(key, window);
    if (this.#mayReport()) this.#report(key, notice.text, window);
    else window.suppressed = 1;
    this.#await(key, window);
  }

  /** The gap after a report is over: reports what was held back, if anything was. */
  windowOver(key: string): void {
    const window = known(this.#windows, key, 'window of notices');
    if (window.suppressed === 0) {
      this.#windows.delete(key);
      return;
    }
    if (this.#mayReport()) {
      this.#report(key, `${window.last.text}; ${window.suppressed} more since the last report`, window);
      window.suppressed = 0;
    }
    this.#await(key, window);
  }

  #mayReport(): boolean {
    this.#owed = this.#owed.filter((report) => this.#isOpen(report));
    return this.#owed.length < OWED_MAX;
  }

  #report(key: string, text: string, { last }: Window): void {
    const subject = key.startsWith(CROWD) ? 'many' : last.subject;
    const said = { text, ...(last.detail !== undefined && { detail: last.detail }) };
    this.#owed.push(this.#troubles.notice(last.type, subject, said, last.place));
  }

  #await(key: string, { last }: Window): void {
    const dueMs = after(this.#context.now.monoMs, last.gapMs);
    this.#context.timers.set({ type: 'noticeWindow', key }, dueMs);
  }

  #keyFor({ type, subject }: LimitedNotice): string {
    const key = `${type}.${subject}`;
    if (this.#windows.has(key) || this.#windows.size < SUBJECTS_MAX) return key;
    return `${CROWD}.${type}`;
  }
}
