import type { PageVerdict, PagingDialogue } from '../../protocol/paging/paging-dialogue.ts';
import type { Attempt, Outcome } from '../core/report.ts';
import { monoMs } from '../system/clock.ts';
import type { Call, CallLine } from './call-line.ts';
import { PageProgress } from './page-progress.ts';
import { pageWords } from './pager-words.ts';
import type { PathDriver, PathSink } from './path-driver.ts';

export interface PagingFacts {
  readonly id: string;
  readonly pagers: readonly string[];
  /** Longest message. */
  readonly characters: number;
  /** Most pagers in one call. */
  readonly pagersPerCall: number;
}

/** Makes the dialogue of one call that hands `text` over for each pager; none: a call that only proves the far end. */
export type MakeDialogue = (pagers: readonly string[], text: string) => PagingDialogue;

interface Job {
  readonly attempt: Attempt;
  readonly text: string;
  readonly progress: PageProgress;
}

/** A call under way. */
interface Talk {
  readonly job: Job;
  readonly pagers: readonly string[];
  readonly dialogue: PagingDialogue;
  readonly call: Call;
  timer?: NodeJS.Timeout;
  opened: boolean;
}

/** Reports whose partial success is remembered. */
const REMEMBERED_MOST = 256;

/**
 * Hands reports over to a far end that takes pages, one call at a time. A pager that has accepted a report, or refused it for good, is left out when
 * the report is tried again. Says `handedOver`, never more: that a terminal took a page proves nothing about its reader.
 */
export class PagingDriver implements PathDriver {
  readonly id: string;
  readonly #facts: PagingFacts;
  readonly #line: CallLine;
  readonly #makeDialogue: MakeDialogue;
  readonly #sink: PathSink;
  /** The first is under way, or about to be. */
  readonly #jobs: Job[] = [];
  readonly #sent = new Set<number>();
  readonly #progress = new Map<string, PageProgress>();
  #talk: Talk | undefined;
  #next: NodeJS.Immediate | undefined;
  #running = false;

  constructor(facts: PagingFacts, line: CallLine, makeDialogue: MakeDialogue, sink: PathSink) {
    this.id = facts.id;
    this.#facts = facts;
    this.#line = line;
    this.#makeDialogue = makeDialogue;
    this.#sink = sink;
  }

  start(): void {
    this.#running = true;
    this.#line.start();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#jobs.length = 0;
    if (this.#next !== undefined) clearImmediate(this.#next);
    this.#hangUp();
    await this.#line.stop();
  }

  send(attempt: Attempt): void {
    if (!this.#running) return;
    const { report, sequence } = attempt;
    const text = report === undefined ? '' : pageWords(report, sequence, this.#facts.characters);
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

  /** Of one text: what was built anew since, such as a digest, goes to every pager again. */
  #progressOf({ report }: Attempt, text: string): PageProgress {
    if (report === undefined) return new PageProgress([]);
    const key = `${report.id} ${text}`;
    const progress = this.#progress.get(key) ?? new PageProgress(this.#facts.pagers);
    this.#progress.delete(key);
    this.#progress.set(key, progress);
    const oldest = this.#progress.keys().next().value;
    if (this.#progress.size > REMEMBERED_MOST && oldest !== undefined) this.#progress.delete(oldest);
    return progress;
  }

  #beginSoon(): void {
    if (this.#next !== undefined) clearImmediate(this.#next);
    this.#next = setImmediate(() => {
      this.#next = undefined;
      this.#begin();
    });
  }

  /** Makes the next call of the first job, or ends the job if nobody is left to be called. */
  #begin(): void {
    const job = this.#jobs[0];
    if (job === undefined || this.#talk !== undefined) return;
    const pagers = job.progress.undecided.slice(0, this.#facts.pagersPerCall);
    if (job.attempt.report !== undefined && pagers.length === 0) {
      this.#next = setImmediate(() => this.#settle(job, job.progress.outcome()));
      return;
    }
    const talk: Talk = {
      job,
      pagers,
      dialogue: this.#makeDialogue(pagers, job.text),
      call: this.#line.call({
        opened: () => this.#opened(talk),
        bytes: (chunk) => this.#write(talk, talk.dialogue.received(chunk, monoMs())),
        lost: (reason, detail) => this.#lost(talk, reason, detail),
      }),
      opened: false,
    };
    this.#talk = talk;
  }

  #opened(talk: Talk): void {
    talk.opened = true;
    this.#write(talk, talk.dialogue.start(monoMs()));
  }

  #lost(talk: Talk, reason: Extract<Outcome, { type: 'failed' }>['reason'], detail: string): void {
    if (talk.opened) {
      talk.dialogue.hungUp(detail);
      this.#write(talk, []);
    } else this.#close(talk, { type: 'failed', reason, detail });
  }

  /** Writes what the dialogue wants written, and sees what it wants next. */
  #write(talk: Talk, writes: readonly Uint8Array[]): void {
    const { attempt } = talk.job.attempt;
    for (const bytes of writes) {
      talk.call.write(bytes);
      // The line was lost within the write: the call is over.
      if (this.#talk !== talk) return;
      if (this.#sent.has(attempt)) continue;
      this.#sent.add(attempt);
      this.#sink.sent(this.id, attempt, monoMs());
    }
    const { end } = talk.dialogue;
    if (end === undefined) this.#wait(talk);
    else this.#close(talk, end.type === 'failed' ? end : undefined);
  }

  #wait(talk: Talk): void {
    clearTimeout(talk.timer);
    talk.timer = setTimeout(
      () => this.#write(talk, talk.dialogue.due(monoMs())),
      Math.max(1, Math.ceil(talk.dialogue.dueMs - monoMs())),
    );
  }

  /** The call has ended by itself. */
  #close(talk: Talk, failure: Extract<Outcome, { type: 'failed' }> | undefined): void {
    this.#release(talk);
    const { attempt, progress } = talk.job;
    if (failure !== undefined) {
      const { detail } = failure;
      this.#settle(talk.job, { ...failure, detail: `${detail}${progress.soFar()}` });
    } else if (attempt.report === undefined) this.#settle(talk.job, { type: 'handedOver' });
    else if (progress.undecided.length > 0) this.#begin();
    else this.#settle(talk.job, progress.outcome());
  }

  /** Ends a call that is under way as the protocol ends one. */
  #hangUp(): void {
    const talk = this.#talk;
    if (talk === undefined) return;
    if (talk.opened) talk.call.write(talk.dialogue.farewell);
    this.#release(talk);
    talk.job.progress.retry();
  }

  #release(talk: Talk): void {
    clearTimeout(talk.timer);
    this.#talk = undefined;
    talk.call.end();
    for (const [index, pager] of talk.pagers.entries()) {
      const verdict: PageVerdict | undefined = talk.dialogue.verdicts[index];
      if (verdict !== undefined) talk.job.progress.judge(pager, verdict);
    }
  }

  #settle(job: Job, outcome: Outcome): void {
    if (this.#jobs[0] !== job) return;
    this.#jobs.shift();
    this.#sent.delete(job.attempt.attempt);
    const { report } = job.attempt;
    if (outcome.type === 'failed') job.progress.retry();
    else if (report !== undefined) this.#progress.delete(`${report.id} ${job.text}`);
    this.#beginSoon();
    this.#sink.outcome(this.id, job.attempt.attempt, outcome);
  }
}
