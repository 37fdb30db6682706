import { after, type MonoMs } from '../../../protocol/clocks.ts';
import type { LinkState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { periodicTestReport } from '../make-report.ts';
import type { Outcome, Report } from '../report.ts';
import type { Path } from '../site.ts';
import type { LimitedNotices } from '../troubles/limited-notices.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { type Failed, TIMED_OUT } from './attempt-end.ts';
import type { FailedEnd, Probe } from './delivery.ts';
import { PathRefusals } from './path-refusals.ts';
import { PathState } from './path-state.ts';
import { PollChoice } from './poll-choice.ts';
import { type NakMeaning, ReceiverClock, type Sent } from './receiver-clock.ts';
import { ReportDoubt } from './report-doubt.ts';

/** The queue of the path, as its supervision sees it. */
export interface SupervisedQueue {
  /** Reports not yet settled on this path. */
  readonly depth: number;
  readonly busy: boolean;
  /** A report is open whose last attempt the far end refused or did not answer. */
  readonly hasFailed: boolean;
  /** The same of an alarm. */
  readonly hasFailedAlarm: boolean;
  probe(probe: Probe): void;
}

interface PathSupervisionDeps {
  queue(): SupervisedQueue;
  nextSequence(): number;
  readonly troubles: Troubles;
  readonly notices: LimitedNotices;
}

/**
 * A path in doubt is polled this often, whatever its interval, so that its loss and its return are
 * both noticed soon.
 */
const DOUBT_INTERVAL_MS = 5_000;
/** On a shared channel, where each poll takes air time. */
const SHARED_DOUBT_INTERVAL_MS = 30_000;
/** A report was accepted while polls failed: the next poll follows this soon. */
const CONTRADICTION_MS = 250;
/** A path that polls neither prove nor disprove for this long is reported as a trouble. */
const UNPROVEN_MS = 60_000;

/**
 * Proves one path: by its protocol's own poll each interval (any other message restarts the
 * interval), or by a periodic test event where the receiver can't process polls. A failed poll may
 * make the path doubtful. A failed report makes it doubtful too, and only an accepted report or
 * test event ends that doubt:
 *
 * - An accepted report brings the path up at once; accepted polls do after `upAfter` in a row.
 * - `downAfter` failures in a row, of polls or reports, bring it down.
 * - While a report is open whose last attempt was refused, or whose attempts go unanswered while
 *   polls are answered, polls don't bring the path up. After another path has got that report
 *   acknowledged, an accepted test event does. Where no test events may go, polls count again, and
 *   `detail` still says how the report failed.
 * - Polls that prove nothing (`unproven`) leave the path `unknown`, after a minute with a
 *   trouble, unless a report was accepted.
 * - Polls that this far end has never answered, or that had failed for a while when it accepted a
 *   report, don't bring the path down after that report: it is `unknown`, and `detail` says why.
 */
export class PathSupervision {
  readonly path: Path;
  readonly clock: ReceiverClock;
  readonly #context: Context;
  readonly #deps: PathSupervisionDeps;
  readonly #refusals: PathRefusals;
  readonly #polls: PollChoice;
  readonly #state: PathState;
  #failures = 0;
  #successes = 0;
  readonly #doubt = new ReportDoubt();
  /** Since when no answer has proved or disproved the path, monotonic ms. */
  #unprovenMs: MonoMs | undefined;
  #reportAccepted = false;
  #timeCorrected = false;
  #pollRefused = false;

  constructor(path: Path, context: Context, deps: PathSupervisionDeps) {
    this.path = path;
    this.#context = context;
    this.#deps = deps;
    this.clock = new ReceiverClock(path.id, context, deps.troubles);
    this.#refusals = new PathRefusals(path.id, deps.troubles, deps.notices);
    this.#polls = new PollChoice(path);
    this.#state = new PathState(path.id, context, deps.troubles, () => deps.queue().depth);
  }

  get state(): LinkState {
    return this.#state.is;
  }

  start(): void {
    this.#state.publish();
    this.#scheduleIn(0);
  }

  /** The interval has passed. */
  probeDue(): void {
    const queue = this.#deps.queue();
    this.#scheduleIn(this.#intervalMs());
    if (queue.busy) return;
    const { wallMs, monoMs } = this.#context.now;
    const isDoubted = this.#doubt.exists && !queue.hasFailed;
    if (!this.#polls.isTest(monoMs, isDoubted)) {
      queue.probe({ sequence: 0 });
      return;
    }
    const kind = `test.${this.path.id}`;
    const id = `${kind}.${this.#context.session}.${this.#context.count(kind)}`;
    queue.probe({ sequence: this.#deps.nextSequence(), report: periodicTestReport(id, wallMs) });
  }

  /**
   * The driver reports that its line has come or gone. That proves nothing, but is a reason to poll
   * the path at once.
   */
  link(up: boolean): void {
    if (up !== (this.#state.is === 'up')) this.#scheduleIn(0);
  }

  /** @param nak what a negative acknowledgement says of the clocks */
  pollEnded({ report }: Probe, outcome: Outcome, sent: Sent, nak: NakMeaning | undefined): void {
    const isTest = report !== undefined;
    switch (outcome.type) {
      case 'receiverAcknowledged':
      case 'handedOver':
        this.#pollAccepted(isTest, sent);
        break;
      case 'unproven':
        this.#polls.unanswered(isTest);
        this.#unproven(this.#doubt.says ?? outcome.detail);
        break;
      case 'failed':
        this.#polls.unanswered(isTest);
        this.#pollFailed(outcome, isTest);
        break;
      case 'wrongTime':
      case 'notUnderstood':
        this.#answered(sent);
        this.#pollRefusedWith(isTest, nak);
        break;
    }
  }

  /**
   * A report was accepted. That proves the path, and that its far end accepts reports. A report
   * that is no alarm does not end the doubt that an open alarm has raised.
   */
  reportAccepted(sent: Sent, isAlarm: boolean): void {
    if (!isAlarm && this.#doubt.exists && this.#deps.queue().hasFailedAlarm) {
      this.#unproven(`it accepts other reports, but ${this.#doubt.says}`);
      return;
    }
    this.#reportAccepted = true;
    this.#polls.reportAccepted();
    this.#doubt.accepted();
    this.clock.accepted(sent.clockOffsetMs);
    this.#refusals.reportAccepted();
    this.#proved(sent, true);
    if (this.#polls.areContradicted)
      this.#scheduleIn(this.#doubtIntervalMs(this.#polls.wereAnswered ? CONTRADICTION_MS : DOUBT_INTERVAL_MS));
  }

  /** An attempt of a report failed. */
  reportFailed(detail: string, end: FailedEnd): void {
    const wasDown = this.#state.is === 'down' && !this.#doubt.exists;
    this.#doubt.failed(detail, end);
    if (this.#doubt.exists) this.#reportAccepted = false;
    this.#failed(detail);
    // How a report failed says more than how polls failed.
    if (wasDown && this.#doubt.exists) this.#state.reword(detail);
  }

  /** The far end can't process this alarm, or this report, in any format: reports it once. */
  refuses(report: Report, detail: string | undefined): void {
    if (report.class === 'alarm') this.#doubts(detail ?? `it does not understand: ${report.text}`);
    if (report.class === 'trouble' || report.class === 'troubleRestore') {
      // A trouble about a trouble that the far end refuses would be refused too, and so on.
      this.#context.log('error', 'path.refusesReport', { path: this.path.id, report: report.id, text: report.text });
      return;
    }
    this.#refusals.content(report, detail);
  }

  /**
   * The far end refuses a report with negative acknowledgements that no correction of the time
   * ends.
   */
  refusesWithNak(meaning: NakMeaning): void {
    this.#doubts('it refuses our messages (NAK)');
    this.#refusals.nak('report', meaning);
  }

  /** Ends a trouble of an earlier run that was read late and is known to be over. */
  restoreTroubles(): void {
    this.clock.restoreTroubles();
    this.#refusals.restoreTroubles();
    this.#state.restoreTroubles();
  }

  /** A canary press reached this path's receiver. */
  canaryAcknowledged(): void {
    this.#state.canaryAcknowledged();
  }

  #pollAccepted(isTest: boolean, sent: Sent): void {
    if (this.#polls.accepted(isTest)) this.#pollsGivenUp('unanswered');
    this.clock.accepted(sent.clockOffsetMs);
    // A clock that is set again months later gets another correction before the path gives up polls
    // for it.
    this.#timeCorrected = false;
    this.#pollRefused = false;
    const { hasFailed, depth } = this.#deps.queue();
    if (isTest && !hasFailed) {
      this.#doubt.accepted();
      this.#refusals.reportAccepted();
    } else if (depth === 0) this.#refusals.pollAccepted();
    this.#doubt.pollAccepted();
    const mayTest = this.#polls.mayTest;
    if (!this.#doubt.exists || (!hasFailed && !mayTest)) this.#proved(sent, false);
    else this.#unproven(this.#saysOfPolls());
  }

  #doubts(refused: string): void {
    this.#doubt.refused(refused);
    this.#reportAccepted = false;
  }

  /** The far end refused NULL, or never answers it: test events take its place. */
  #pollsGivenUp(why: 'refused' | 'unanswered'): void {
    const event = why === 'refused' ? 'path.nullRefused' : 'path.nullUnanswered';
    const hint = 'supervision: { mode: test } says so from the start';
    this.#context.log('info', event, { path: this.path.id, instead: 'periodic test events', hint });
  }

  #pollRefusedWith(isTest: boolean, nak: NakMeaning | undefined): void {
    if (nak === 'corrected' && !this.#timeCorrected) {
      this.#timeCorrected = true;
      this.#scheduleIn(0);
      return;
    }
    const refused = this.#polls.refused(isTest);
    if (refused === 'once') return;
    if (refused === 'instead') {
      this.#pollsGivenUp(isTest ? 'unanswered' : 'refused');
      this.#scheduleIn(0);
    } else if (nak !== undefined) this.#refusals.nak('poll', nak);
    else if (!this.#pollRefused) {
      this.#pollRefused = true;
      this.#refusals.poll();
    }
  }

  /**
   * A refused poll proves the link and a live far end. That must suffice where no test event may
   * go.
   */
  #answered(sent: Sent): void {
    this.#doubt.pollAccepted();
    if (this.#doubt.exists) this.#unproven(this.#saysOfPolls());
    else this.#proved(sent, false);
  }

  /** @param byReport by an accepted report, which leaves no doubt */
  #proved({ startedMs }: Sent, byReport: boolean): void {
    this.#failures = 0;
    this.#unprovenMs = undefined;
    this.#successes += 1;
    this.#scheduleIn(this.#intervalMs());
    const { upAfter } = this.path.supervision;
    const enough = byReport || this.#state.is === 'unknown' || this.#successes >= upAfter;
    this.#state.proven(this.#context.now.monoMs - startedMs, enough ? this.#saysOfPolls() : undefined);
  }

  #pollFailed(end: Failed, isTest: boolean): void {
    const { areCredible, hint } = this.#polls;
    // A receiver that could not be reached has said nothing about polls.
    const isSilent = end === TIMED_OUT || end.reason === 'closed';
    const said = this.#doubt.says ?? (areCredible || !isSilent ? end.detail : `${end.detail}${hint}`);
    if (isTest || areCredible || !this.#reportAccepted || this.#state.is === 'down') this.#failed(said);
    else this.#unproven(said);
  }

  #failed(detail: string): void {
    this.#successes = 0;
    this.#failures += 1;
    this.#scheduleIn(this.#intervalMs());
    if (this.#state.is !== 'down' && this.#failures >= this.path.supervision.downAfter) this.#state.down(detail);
  }

  /** The far end answers without proof, or can't be expected to answer: neither up nor down. */
  #unproven(detail: string): void {
    const { monoMs } = this.#context.now;
    this.#successes = 0;
    this.#unprovenMs ??= monoMs;
    this.#scheduleIn(this.#intervalMs());
    if (this.#state.is === 'down') this.#state.reword(detail);
    else if (this.#doubt.exists && this.#state.is === 'up') this.#state.reword(detail);
    else this.#state.unknown(detail);
    const isLong = monoMs - this.#unprovenMs >= UNPROVEN_MS;
    if (this.#state.is === 'unknown' && !this.#reportAccepted && isLong) this.#state.tellUnknown();
  }

  /** A poll was answered. */
  #saysOfPolls(): string {
    return this.#doubt.says === undefined ? 'receiver answers' : `it answers polls, but ${this.#doubt.says}`;
  }

  #intervalMs(): number {
    const usual = this.#polls.intervalMs;
    const isProven = this.#failures === 0 && this.#unprovenMs === undefined && !this.#polls.areContradicted;
    if (isProven && this.#state.is !== 'down') return usual;
    return Math.min(this.#doubtIntervalMs(DOUBT_INTERVAL_MS), usual);
  }

  /** On a shared channel no shorter one. */
  #doubtIntervalMs(intervalMs: number): number {
    return this.path.airTime === undefined ? intervalMs : SHARED_DOUBT_INTERVAL_MS;
  }

  #scheduleIn(waitMs: number): void {
    if (this.path.supervision.mode === 'off') return;
    const path = this.path.id;
    this.#context.timers.set({ type: 'probe', path }, after(this.#context.now.monoMs, waitMs));
  }
}
