import type { LinkState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { pathDocument } from '../documents.ts';
import { periodicTestReport } from '../make-report.ts';
import type { Outcome, Report } from '../report.ts';
import type { Path } from '../site.ts';
import type { LimitedNotices } from '../troubles/limited-notices.ts';
import { refusedReport } from '../troubles/notices.ts';
import type { Troubles } from '../troubles/troubles.ts';
import type { PathQueue } from './path-queue.ts';

/** Where supervision sends its polls, and what it needs of the rest. */
export interface PathSupervisionLinks {
  queue(): PathQueue | undefined;
  nextSequence(): number;
  readonly troubles: Troubles;
  readonly notices: LimitedNotices;
}

/** While a path is in doubt it is polled this often, whatever its interval, so that loss and return are both soon known. */
const DOUBT_INTERVAL_MS = 5_000;
/** On a shared channel, where each poll takes air time. */
const SHARED_DOUBT_INTERVAL_MS = 30_000;
/** A path that is well is published again this often, so that `last_proven_at` is never much older than the truth. */
const REFRESH_MS = 60_000;

/**
 * Proves one path: a NULL message each interval (any other message restarts the interval, DC-09 §1.7 of the reference), or a periodic
 * test event where the receiver refuses NULL. Down and up both need several answers alike in a row.
 */
export class PathSupervision {
  readonly path: Path;
  readonly #context: Context;
  readonly #links: PathSupervisionLinks;
  #state: LinkState = 'unknown';
  #failures = 0;
  #successes = 0;
  #lastProvenWallMs: number | undefined;
  #lastCanaryWallMs: number | undefined;
  #rttMs: number | undefined;
  #detail = 'not proven yet';
  #nullRefused = false;
  #timeCorrected = false;
  #testRefused = false;
  #publishedMs = Number.NEGATIVE_INFINITY;
  #tests = 0;

  constructor(path: Path, context: Context, links: PathSupervisionLinks) {
    this.path = path;
    this.#context = context;
    this.#links = links;
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    this.publish();
    if (this.path.supervision.mode !== 'off') this.#scheduleIn(0);
  }

  /** The interval has passed. */
  probeDue(): void {
    const queue = this.#links.queue();
    if (queue === undefined) return;
    this.#scheduleIn(this.#intervalMs());
    if (queue.busy) return;
    if (this.#sendsTests()) {
      this.#tests += 1;
      const id = `test.${this.path.id}.${this.#context.session}.${this.#tests}`;
      const report = periodicTestReport(id, this.#context.now.wallMs);
      queue.probe({ sequence: this.#links.nextSequence(), report });
    } else {
      queue.probe({ sequence: 0 });
    }
  }

  /** The driver says that its line is there, or gone: not believed by itself, but proved at once. */
  link(up: boolean): void {
    if (this.path.supervision.mode !== 'off' && up !== (this.#state === 'up')) this.#scheduleIn(0);
  }

  probeAnswered(outcome: Outcome): void {
    if (outcome.type === 'wrongTime' && outcome.receiverTimeMs !== undefined && !this.#timeCorrected) {
      this.#timeCorrected = true;
      this.#scheduleIn(0);
      return;
    }
    if (outcome.type === 'receiverAcknowledged' || outcome.type === 'handedOver') this.#probeAccepted();
    if (outcome.type !== 'wrongTime' && outcome.type !== 'notUnderstood') return;
    if (this.path.supervision.mode === 'auto' && !this.#nullRefused) {
      this.#nullRefused = true;
      this.#context.log('info', 'path.nullRefused', { path: this.path.id, instead: 'periodic test events' });
      this.#scheduleIn(0);
    } else if (outcome.type === 'wrongTime') this.clockRefused(true);
    else this.#probeRefused();
  }

  #probeAccepted(): void {
    this.clockRefused(false);
    // A clock that is set again, months later, gets another correction before NULL is given up for it.
    this.#timeCorrected = false;
    this.#testRefused = false;
  }

  /** An answer proves the link, but not that the receiver would make anything of an alarm. */
  #probeRefused(): void {
    if (this.#testRefused) return;
    this.#testRefused = true;
    const text = `Receiver of path ${this.path.id} does not understand what proves the path`;
    this.#links.troubles.notice('pathRefuses', this.path.id, text);
  }

  reached(rttMs: number): void {
    const first = this.#lastProvenWallMs === undefined;
    this.#lastProvenWallMs = this.#context.now.wallMs;
    this.#rttMs = rttMs;
    this.#failures = 0;
    this.#successes += 1;
    if (this.path.supervision.mode !== 'off') this.#scheduleIn(this.#intervalMs());
    const enough = this.#state === 'unknown' || this.#successes >= this.path.supervision.upAfter;
    if (this.#state !== 'up' && enough) this.#become('up', 'receiver answers');
    else if (first || this.#context.now.monoMs - this.#publishedMs >= REFRESH_MS) this.publish();
  }

  unreached(detail: string): void {
    this.#successes = 0;
    this.#failures += 1;
    if (this.path.supervision.mode !== 'off') this.#scheduleIn(this.#intervalMs());
    if (this.#state !== 'down' && this.#failures >= this.path.supervision.downAfter) this.#become('down', detail);
  }

  /** Ends what stands from an earlier run, read late, and is known to be over. */
  restoreTroubles(): void {
    if (this.#state === 'up') this.#links.troubles.restore('pathDown', this.path.id);
  }

  /** The receiver keeps refusing our time stamps, although they carry its own time. */
  clockRefused(refused: boolean): void {
    if (refused)
      this.#links.troubles.raise('clockRefused', this.path.id, `Receiver of path ${this.path.id} refuses our time`);
    else this.#links.troubles.restore('clockRefused', this.path.id);
  }

  /** The receiver can't process this report in any format the path has. */
  refuses(report: Report): void {
    const text = `Receiver of path ${this.path.id} does not understand: ${report.text}`;
    if (report.class === 'trouble' || report.class === 'troubleRestore') {
      // A trouble about a trouble it refuses would be refused as well, and so on.
      this.#context.log('error', 'path.refusesReport', { path: this.path.id, report: report.id, text });
      return;
    }
    // One receiver that refuses a storm must not fill the other paths with a thousand words about it.
    this.#links.notices.tell(refusedReport(this.path.id, text));
  }

  /** A canary press came through to this path's receiver. */
  canaryAcknowledged(): void {
    this.#lastCanaryWallMs = this.#context.now.wallMs;
    this.publish();
  }

  publish(): void {
    this.#publishedMs = this.#context.now.monoMs;
    const document = pathDocument(this.path.id, {
      state: this.#state,
      lastProvenWallMs: this.#lastProvenWallMs,
      lastCanaryWallMs: this.#lastCanaryWallMs,
      rttMs: this.#rttMs,
      queued: this.#links.queue()?.depth ?? 0,
      detail: this.#detail,
    });
    this.#context.publish({ kind: 'path', document });
  }

  #become(state: 'up' | 'down', detail: string): void {
    const path = this.path.id;
    this.#state = state;
    this.#detail = detail;
    this.#context.log(state === 'up' ? 'info' : 'error', `path.${state}`, { path, detail });
    this.publish();
    if (state === 'down') this.#links.troubles.raise('pathDown', path, `Path ${path} down: ${detail}`);
    else this.#links.troubles.restore('pathDown', path);
  }

  /** Never where drills and tests must not go: an answer to a poll, if only a refusal, has to do. */
  #sendsTests(): boolean {
    return !this.path.liveOnly && this.#wantsTests();
  }

  #wantsTests(): boolean {
    return this.path.supervision.mode === 'test' || this.#nullRefused;
  }

  #intervalMs(): number {
    const { intervalMs, testIntervalMs } = this.path.supervision;
    const usual = this.#nullRefused ? testIntervalMs : intervalMs;
    const inDoubt = this.#failures > 0 || this.#state === 'down';
    if (!inDoubt) return usual;
    return Math.min(this.path.airTime === undefined ? DOUBT_INTERVAL_MS : SHARED_DOUBT_INTERVAL_MS, usual);
  }

  #scheduleIn(waitMs: number): void {
    const path = this.path.id;
    this.#context.timers.set({ type: 'probe', path }, this.#context.now.monoMs + waitMs);
  }
}
