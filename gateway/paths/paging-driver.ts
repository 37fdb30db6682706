import type { PageVerdict, PagingDialogue } from '../../protocol/paging/paging-dialogue.ts';
import type { Attempt, Outcome } from '../core/report.ts';
import { monoMs } from '../system/clock.ts';
import type { Call, CallLine } from './call-line.ts';
import { PageProgress } from './page-progress.ts';
import { pageText } from './page-text.ts';
import type { PathDriver, PathSink } from './path-driver.ts';

interface PagingSettings {
  readonly id: string;
  readonly pagers: readonly string[];
  /** Longest message. */
  readonly characters: number;
  /** Largest number of pagers in one call. */
  readonly pagersPerCall: number;
}

/**
 * Makes the dialogue of one call that hands `text` over for each pager. Without pagers, the call
 * only proves the far end.
 */
type MakeDialogue = (pagers: readonly string[], text: string) => PagingDialogue;

interface Job {
  readonly attempt: Attempt;
  readonly text: string;
  readonly progress: PageProgress;
}

/** A call under way. */
interface ActiveCall {
  readonly job: Job;
  readonly pagers: readonly string[];
  readonly dialogue: PagingDialogue;
  readonly call: Call;
  timer?: NodeJS.Timeout;
  opened: boolean;
}

/** Number of reports whose partial success is remembered. */
const REPORTS_MAX = 256;

/**
 * Hands reports over to a far end that accepts pages, one call at a time. A repeated report skips
 * the pagers that have accepted it. It also skips pagers that refused it for good, until only such
 * pagers are left. The outcome is `handedOver`, never more, because a terminal's acceptance proves
 * nothing about the reader.
 */
export class PagingDriver implements PathDriver {
  readonly id: string;
  readonly #settings: PagingSettings;
  readonly #line: CallLine;
  readonly #makeDialogue: MakeDialogue;
  readonly #sink: PathSink;
  /** The first job is under way, or is about to begin. */
  readonly #jobs: Job[] = [];
  readonly #sent = new Set<number>();
  readonly #progress = new Map<string, PageProgress>();
  #active: ActiveCall | undefined;
  #next: NodeJS.Immediate | undefined;
  #isRunning = false;

  constructor(settings: PagingSettings, line: CallLine, makeDialogue: MakeDialogue, sink: PathSink) {
    this.id = settings.id;
    this.#settings = settings;
    this.#line = line;
    this.#makeDialogue = makeDialogue;
    this.#sink = sink;
  }

  start(): void {
    this.#isRunning = true;
    this.#line.start();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#jobs.length = 0;
    if (this.#next !== undefined) clearImmediate(this.#next);
    this.#hangUp();
    await this.#line.stop();
  }

  send(attempt: Attempt): void {
    if (!this.#isRunning) return;
    const { report, sequence } = attempt;
    const text = report === undefined ? '' : pageText(report, sequence, this.#settings.characters);
    this.#jobs.push({ attempt, text, progress: this.#progressOf(attempt, text) });
    if (this.#jobs.length === 1) this.#begin();
  }

  abandon(attempt: number): void {
    const place = this.#jobs.findIndex((job) => job.attempt.attempt === attempt);
    if (place < 0) return;
    this.#jobs.splice(place, 1);
    this.#sent.delete(attempt);
    if (place > 0) return;
    this.#hangUp();
    this.#beginSoon();
  }

  /** Progress belongs to one text. A rebuilt text, such as a digest, goes to every pager. */
  #progressOf({ report }: Attempt, text: string): PageProgress {
    if (report === undefined) return new PageProgress([]);
    const key = `${report.id} ${text}`;
    const progress = this.#progress.get(key) ?? new PageProgress(this.#settings.pagers);
    this.#progress.delete(key);
    this.#progress.set(key, progress);
    const oldest = this.#progress.keys().next().value;
    if (this.#progress.size > REPORTS_MAX && oldest !== undefined) this.#progress.delete(oldest);
    return progress;
  }

  #beginSoon(): void {
    if (this.#next !== undefined) clearImmediate(this.#next);
    this.#next = setImmediate(() => {
      this.#next = undefined;
      this.#begin();
    });
  }

  /** Makes the next call of the first job, or ends the job if no pager is left. */
  #begin(): void {
    const job = this.#jobs[0];
    if (job === undefined || this.#active !== undefined) return;
    const pagers = job.progress.undecided.slice(0, this.#settings.pagersPerCall);
    if (job.attempt.report !== undefined && pagers.length === 0) {
      this.#next = setImmediate(() => this.#settle(job, job.progress.outcome()));
      return;
    }
    const active: ActiveCall = {
      job,
      pagers,
      dialogue: this.#makeDialogue(pagers, job.text),
      call: this.#line.call({
        opened: () => this.#opened(active),
        bytes: (chunk) => this.#write(active, active.dialogue.received(chunk, monoMs())),
        lost: (reason, detail) => this.#lost(active, reason, detail),
      }),
      opened: false,
    };
    this.#active = active;
  }

  #opened(active: ActiveCall): void {
    active.opened = true;
    this.#write(active, active.dialogue.start(monoMs()));
  }

  #lost(active: ActiveCall, reason: Extract<Outcome, { type: 'failed' }>['reason'], detail: string): void {
    if (active.opened) {
      active.dialogue.hungUp(detail);
      this.#write(active, []);
    } else this.#close(active, { type: 'failed', reason, detail });
  }

  /** Writes what the dialogue wants to send, and handles its next state. */
  #write(active: ActiveCall, writes: readonly Uint8Array[]): void {
    const { attempt } = active.job.attempt;
    for (const bytes of writes) {
      active.call.write(bytes);
      // The line was lost during the write: the call is over.
      if (this.#active !== active) return;
      if (this.#sent.has(attempt)) continue;
      this.#sent.add(attempt);
      this.#sink.sent(this.id, attempt, monoMs());
    }
    const { end } = active.dialogue;
    if (end === undefined) this.#wait(active);
    else this.#close(active, end.type === 'failed' ? end : undefined);
  }

  #wait(active: ActiveCall): void {
    clearTimeout(active.timer);
    active.timer = setTimeout(
      () => this.#write(active, active.dialogue.due(monoMs())),
      Math.max(1, Math.ceil(active.dialogue.dueMs - monoMs())),
    );
  }

  /** The call has ended by itself. */
  #close(active: ActiveCall, failure: Extract<Outcome, { type: 'failed' }> | undefined): void {
    this.#release(active);
    const { attempt, progress } = active.job;
    if (failure !== undefined) {
      const { detail } = failure;
      this.#settle(active.job, { ...failure, detail: `${detail}${progress.soFar()}` });
    } else if (attempt.report === undefined) this.#settle(active.job, { type: 'handedOver' });
    else if (progress.undecided.length > 0) this.#begin();
    else this.#settle(active.job, progress.outcome());
  }

  /** Ends a call under way as its protocol requires. */
  #hangUp(): void {
    const active = this.#active;
    if (active === undefined) return;
    if (active.opened) active.call.write(active.dialogue.farewell);
    this.#release(active);
    active.job.progress.retry();
  }

  #release(active: ActiveCall): void {
    clearTimeout(active.timer);
    this.#active = undefined;
    active.call.end();
    for (const [index, pager] of active.pagers.entries()) {
      const verdict: PageVerdict | undefined = active.dialogue.verdicts[index];
      if (verdict !== undefined) active.job.progress.record(pager, verdict);
    }
  }

  #settle(job: Job, outcome: Outcome): void {
    if (this.#jobs[0] !== job) return;
    this.#jobs.shift();
    this.#sent.delete(job.attempt.attempt);
    const { report } = job.attempt;
    if (outcome.type === 'handedOver' && report !== undefined) this.#progress.delete(`${report.id} ${job.text}`);
    // Even a lasting refusal does not end an alarm: the core tries it again later.
    else job.progress.retry();
    this.#beginSoon();
    this.#sink.outcome(this.id, job.attempt.attempt, outcome);
  }
}
