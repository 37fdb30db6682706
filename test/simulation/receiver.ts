import type { Random } from '../../device-sim/random.ts';
import type { WorldClock } from '../../device-sim/swarm/world-clock.ts';
import type { Attempt, Outcome } from '../../gateway/core/report.ts';

interface Manners {
  /** Refuses the connection. */
  refuses: boolean;
  /** Accepts everything and never answers. */
  hangs: boolean;
  /** Accepts reports whose id matches and never answers. */
  hangsOn: RegExp | undefined;
  /** A link without a receiver: it hands reports over and hears no more of them. */
  handsOn: boolean;
  /** Answers everything with a NAK without a time. */
  mistrustsTime: boolean;
  /** Chance that a request never arrives. */
  losesRequest: number;
  /** Chance that the request is displayed, but its answer never arrives. */
  losesAnswer: number;
  /** Shortest and longest round trip, ms. */
  delayMs: readonly [number, number];
  /**
   * This receiver's clock minus the true one, ms. Stamps older than 40 s or more than 20 s ahead
   * get a NAK.
   */
  clockErrorMs: number;
  /** Formats it does not understand (DUH). */
  duhFormats: readonly number[];
  /** Refuses supervision polls with a NAK. */
  refusesNull: boolean;
}

const GOOD: Manners = {
  refuses: false,
  hangs: false,
  hangsOn: undefined,
  handsOn: false,
  mistrustsTime: false,
  losesRequest: 0,
  losesAnswer: 0,
  delayMs: [1, 20],
  clockErrorMs: 0,
  duhFormats: [],
  refusesNull: false,
};

/** A receiver's desk, which displays each report id once. */
export class SimulatedReceiver {
  readonly manners: Manners = { ...GOOD };
  /** Sequence numbers of each arrival, by report id. */
  readonly displayed = new Map<string, number[]>();
  /** Time of the first copy's arrival, simulated ms. */
  readonly firstMs = new Map<string, number>();
  polls = 0;
  arrivals = 0;
  readonly #clock: WorldClock;
  readonly #random: Random;
  readonly #abandoned = new Set<string>();

  constructor(clock: WorldClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  behave(manners: Partial<Manners>): void {
    Object.assign(this.manners, manners);
  }

  behaveWell(): void {
    Object.assign(this.manners, GOOD);
  }

  abandon(attempt: number, run: number): void {
    this.#abandoned.add(`${run}.${attempt}`);
  }

  take(attempt: Attempt, run: number, answer: (outcome: Outcome) => void): void {
    const { refuses, hangs, hangsOn, losesRequest, losesAnswer, delayMs } = this.manners;
    const tell = (outcome: Outcome) => {
      if (!this.#abandoned.has(`${run}.${attempt.attempt}`)) answer(outcome);
    };
    if (refuses) {
      this.#clock.after(1, () => tell({ type: 'failed', reason: 'unreachable', detail: 'connection refused' }));
      return;
    }
    if (hangs || hangsOn?.test(attempt.report?.id ?? '')) return;
    if (this.#random() < losesRequest) return;
    const [least, most] = delayMs;
    const delay = least + this.#random() * (most - least);
    this.#clock.after(delay / 2, () => {
      const outcome = this.#process(attempt);
      if (this.#random() >= losesAnswer) this.#clock.after(delay / 2, () => tell(outcome));
    });
  }

  #process(attempt: Attempt): Outcome {
    const { clockErrorMs, duhFormats, refusesNull, mistrustsTime } = this.manners;
    if (mistrustsTime) return { type: 'wrongTime' };
    const receiverTimeMs = this.#clock.now.wallMs + clockErrorMs;
    const ageMs = clockErrorMs - attempt.clockOffsetMs;
    if (ageMs > 40_000 || ageMs < -20_000) return { type: 'wrongTime', receiverTimeMs };
    const { report } = attempt;
    if (report === undefined) {
      this.polls += 1;
      return refusesNull ? { type: 'wrongTime', receiverTimeMs } : { type: 'receiverAcknowledged' };
    }
    if (duhFormats.includes(attempt.format)) return { type: 'notUnderstood' };
    this.arrivals += 1;
    const sequences = this.displayed.get(report.id);
    if (sequences === undefined) {
      this.displayed.set(report.id, [attempt.sequence]);
      this.firstMs.set(report.id, this.#clock.nowMs);
    } else sequences.push(attempt.sequence);
    return { type: this.manners.handsOn ? 'handedOver' : 'receiverAcknowledged' };
  }
}
