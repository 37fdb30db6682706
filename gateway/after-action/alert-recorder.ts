import type {
  AlertAccount,
  AlertMode,
  AlertOnPath,
  DoorsReported,
  Place,
  Step,
  StepOnPath,
} from '../../protocol/after-action-document.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import { alertState } from '../core/alert-progress.ts';
import type { AlertRaised, JournalRecord } from '../core/journal-record.ts';
import type { Report, ReportedAlert } from '../core/report.ts';
import { type Moment, type RecordedClock, stepAfter } from './recorded-clock.ts';

type RecordOf<T extends JournalRecord['t']> = Extract<JournalRecord, { t: T }>;
type Attempted = RecordOf<'attempt'>;
type Ended = RecordOf<'outcome'>;
type Closed = RecordOf<'closed'>;

/** An outcome and the start of its attempt, as far as it is recorded. */
export interface EndedAttempt {
  readonly ended: Ended;
  readonly begun: Attempted | undefined;
}

interface Begun {
  readonly record: Attempted;
  readonly moment: Moment;
}

interface OnPath {
  attempts: number;
  begun: Begun | undefined;
  firstAttempt: Step | null;
  firstByte: Step | null;
  acknowledged: Step | null;
  handedOver: Step | null;
  readonly failures: Map<string, { count: number; detail: string | null }>;
}

export function modeOf({ exercise }: Report): AlertMode {
  return exercise ?? 'live';
}

export function placeOf({ building, floor, room, place: text }: ReportedAlert): Place {
  return { building, floor, room, text };
}

/** What the records say of one alert. It infers nothing: what no record says is `null`. */
export class AlertRecorder {
  readonly #raised: AlertRaised;
  readonly #clock: RecordedClock;
  readonly #raisedAt: Moment;
  readonly #paths = new Map<string, OnPath>();
  #firstAttempt: StepOnPath | null = null;
  #firstByte: StepOnPath | null = null;
  #acknowledged: StepOnPath | null = null;
  #handedOver: StepOnPath | null = null;
  #notConfirmed: Step | null = null;
  #closed: { readonly record: Closed; readonly step: Step } | undefined;
  readonly #doors: DoorsReported[] = [];
  #doorsSecured: Step | null = null;

  /** @param clock at the record that raised it, and at each record that follows */
  constructor(raised: AlertRaised, clock: RecordedClock) {
    this.#raised = raised;
    this.#clock = clock;
    this.#raisedAt = clock.moment(raised.at);
    this.#doorsReported(raised.report, raised.at);
  }

  attempt(record: Attempted): void {
    const on = this.#on(record.path);
    // A carried record stands for all attempts on its path so far.
    on.attempts = Math.max(on.attempts, record.n);
    on.begun = { record, moment: this.#clock.moment(record.at) };
    const step = this.#step(record.at);
    on.firstAttempt ??= step;
    this.#firstAttempt ??= { path: record.path, ...step };
  }

  outcome(ended: Ended): EndedAttempt {
    const { path, outcome, detail = null, completes } = ended;
    const on = this.#on(path);
    const begun = on.begun?.record.n === ended.n ? on.begun : undefined;
    this.#sent(ended, begun, on);
    const step = this.#endOf(ended, begun);
    if (outcome === 'receiverAcknowledged') {
      on.acknowledged ??= step;
      this.#acknowledged ??= { path, ...step };
    } else if (outcome === 'handedOver') {
      on.handedOver ??= step;
      this.#handedOver ??= { path, ...step };
    } else if (completes !== true) {
      const before = on.failures.get(outcome);
      on.failures.set(outcome, { count: (before?.count ?? 0) + 1, detail: detail ?? before?.detail ?? null });
    }
    return { ended, begun: begun?.record };
  }

  notConfirmed(at: number): void {
    this.#notConfirmed ??= this.#step(at);
  }

  closed(record: Closed): void {
    this.#closed ??= { record, step: this.#step(record.at) };
  }

  /** The list of doors was reported again. */
  updated(report: Report, at: number): void {
    this.#doorsReported(report, at);
  }

  /** @param buttonId the button's id; absent: its number is all that is known */
  account(buttonId: string | undefined): AlertAccount {
    const { id, kind, device, button, pattern, authenticated, report, at } = this.#raised;
    const { kindName = kind } = report.alert ?? {};
    return {
      id,
      mode: modeOf(report),
      kind,
      kind_name: kindName,
      text: report.text,
      device,
      button: buttonId ?? String(button),
      pattern,
      place: report.alert === undefined ? NOWHERE : placeOf(report.alert),
      authenticated,
      raised_at: isoTime(at),
      state: alertState({
        isSent: this.#firstAttempt !== null,
        acknowledged: this.#acknowledged ?? undefined,
        handedOver: this.#handedOver ?? undefined,
        notConfirmed: this.#notConfirmed !== null,
        closed: this.#closed?.record,
      }),
      first_attempt: this.#firstAttempt,
      first_byte: this.#firstByte,
      acknowledged: this.#acknowledged,
      handed_over: this.#handedOver,
      not_confirmed: this.#notConfirmed,
      paths: [...this.#paths].map(([path, on]) => onPath(path, on)),
      doors: this.#doors.length === 0 ? null : this.#doors,
      doors_secured: this.#doorsSecured,
      walls: null,
      closed: this.#end(),
    };
  }

  #end(): AlertAccount['closed'] {
    if (this.#closed === undefined) return null;
    const { step, record } = this.#closed;
    return { ...step, by: record.by, reason: record.reason };
  }

  #on(path: string): OnPath {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    const nothing = { firstAttempt: null, firstByte: null, acknowledged: null, handedOver: null };
    const on: OnPath = { attempts: 0, begun: undefined, ...nothing, failures: new Map() };
    this.#paths.set(path, on);
    return on;
  }

  #sent({ path, sentMs }: Ended, begun: Begun | undefined, on: OnPath): void {
    if (sentMs === undefined || begun === undefined) return;
    const step = this.#stepAfter(begun, sentMs);
    on.firstByte ??= step;
    // Records come in the order of the answers. The first byte may have left on another path.
    if (this.#firstByte === null || step.at < this.#firstByte.at) this.#firstByte = { path, ...step };
  }

  /**
   * By the monotonic clock, as far as that is recorded: the wall clock may have been set meanwhile.
   */
  #endOf({ at, tookMs }: Ended, begun: Begun | undefined): Step {
    return begun === undefined || tookMs === undefined ? this.#step(at) : this.#stepAfter(begun, tookMs);
  }

  #stepAfter({ moment: { at, setMs } }: Begun, ms: number): Step {
    return stepAfter(this.#raisedAt, { at: at + ms, setMs });
  }

  /** @param at time of the record that was read last */
  #step(at: number): Step {
    return stepAfter(this.#raisedAt, this.#clock.moment(at));
  }

  #doorsReported({ alert }: Report, at: number): void {
    if (alert?.doors === undefined) return;
    const step = this.#step(at);
    const notSecured = alert.doors.map(({ id: door, name, state }) => ({ door, name, state }));
    this.#doors.push({ ...step, not_secured: notSecured });
    this.#doorsSecured = notSecured.length > 0 ? null : (this.#doorsSecured ?? step);
  }
}

/** Records of a version that wrote no place. */
const NOWHERE: Place = { building: '', floor: '', room: '', text: '' };

function onPath(path: string, { attempts, ...on }: OnPath): AlertOnPath {
  return {
    path,
    attempts,
    first_attempt: on.firstAttempt,
    first_byte: on.firstByte,
    acknowledged: on.acknowledged,
    handed_over: on.handedOver,
    failures: [...on.failures].map(([outcome, { count, detail }]) => ({ outcome, count, detail })),
  };
}
