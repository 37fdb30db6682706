import type { Report } from '../report.ts';
import type { LimitedNotices } from '../troubles/limited-notices.ts';
import { refusedReport } from '../troubles/notices.ts';
import type { Troubles } from '../troubles/troubles.ts';
import type { NakMeaning } from './receiver-clock.ts';

type Refusal = 'clockRefused' | 'pathRefuses';
const REFUSALS: readonly Refusal[] = ['clockRefused', 'pathRefuses'];

/**
 * The troubles of one path whose far end answers but refuses. Polls don't restore what reports have
 * raised: a receiver may acknowledge every poll and refuse every alarm.
 */
export class PathRefusals {
  readonly #path: string;
  readonly #troubles: Troubles;
  readonly #notices: LimitedNotices;
  readonly #raisedBy = new Map<Refusal, 'poll' | 'report'>();
  /** A trouble of an earlier run may stand. */
  #mayStand = true;

  constructor(path: string, troubles: Troubles, notices: LimitedNotices) {
    this.#path = path;
    this.#troubles = troubles;
    this.#notices = notices;
  }

  /** Negative acknowledgements (DC-09 NAK) continue after every possible correction. */
  nak(by: 'poll' | 'report', meaning: NakMeaning): void {
    const path = this.#path;
    if (meaning === 'agrees') this.#raise('pathRefuses', by, agreeingText(path, by));
    else this.#raise('clockRefused', by, `Receiver of path ${path} refuses our time (NAK) ${CLOCK_CHECKS[meaning]}`);
  }

  /** The receiver can't process this report in any format the path has. */
  content(report: Report, detail: string | undefined): void {
    const said = detail === undefined ? '' : ` (${detail})`;
    const text = `Receiver of path ${this.#path} does not understand: ${report.text}${said}`;
    // One receiver that refuses a storm must not fill the other paths with a thousand lines about
    // it.
    this.#notices.tell(refusedReport(this.#path, text));
  }

  /** The receiver can't process the message that proves the path. */
  poll(): void {
    const text = `Receiver of path ${this.#path} does not understand what proves the path`;
    this.#troubles.notice('pathRefuses', this.#path, { text });
  }

  /** A report was accepted. */
  reportAccepted(): void {
    if (!this.#mayStand) return;
    this.#mayStand = false;
    this.#raisedBy.clear();
    for (const type of REFUSALS) this.#troubles.restore(type, this.#path);
  }

  /** A poll was accepted, and no open report could say more. */
  pollAccepted(): void {
    for (const type of REFUSALS) {
      if (this.#mayStand && this.#raisedBy.get(type) !== 'report') this.#troubles.restore(type, this.#path);
    }
  }

  /** A trouble of an earlier run was read late. */
  restoreTroubles(): void {
    this.#mayStand = true;
  }

  #raise(type: Refusal, by: 'poll' | 'report', text: string): void {
    this.#mayStand = true;
    if (by === 'report' || !this.#raisedBy.has(type)) this.#raisedBy.set(type, by);
    this.#troubles.raiseOrReword(type, this.#path, { text });
  }
}

const CLOCK_CHECKS: Readonly<Record<Exclude<NakMeaning, 'agrees'>, string>> = {
  untold: 'and does not tell its own: check the clocks, account, key and format',
  corrected: 'although it was corrected: is its clock steady?',
};

function agreeingText(path: string, by: 'poll' | 'report'): string {
  if (by === 'poll')
    return `Receiver of path ${path} refuses polls (NAK) although its clock agrees: check account and key`;
  return `Receiver of path ${path} refuses our messages (NAK) although its clock agrees: check account, key and format`;
}
