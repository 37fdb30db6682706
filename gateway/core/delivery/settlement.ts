import type { Context } from '../context.ts';
import type { Outcome } from '../report.ts';
import type { Path } from '../site.ts';
import { failedEnd } from './attempt-end.ts';
import { type Delivery, type FailedEnd, partsOf } from './delivery.ts';
import { outcomeRecords, type Timed } from './delivery-records.ts';
import { nextStep } from './next-step.ts';
import type { OpenReports } from './open-reports.ts';
import type { PathSupervision } from './path-supervision.ts';
import type { NakMeaning } from './receiver-clock.ts';
import type { Retries } from './retries.ts';

interface SettlementDeps {
  readonly open: OpenReports;
  readonly retries: Retries;
  readonly supervision: PathSupervision;
  settled(delivery: Delivery): void;
  attemptFailed(delivery: Delivery): void;
}

/** What the end of an attempt means for the reports that it carried over one path. */
export class Settlement {
  readonly #path: Path;
  readonly #context: Context;
  readonly #open: OpenReports;
  readonly #retries: Retries;
  readonly #supervision: PathSupervision;
  readonly #deps: SettlementDeps;

  constructor(path: Path, context: Context, deps: SettlementDeps) {
    this.#path = path;
    this.#context = context;
    this.#open = deps.open;
    this.#retries = deps.retries;
    this.#supervision = deps.supervision;
    this.#deps = deps;
  }

  /** @param nak what a negative acknowledgement says of the clocks */
  settle(delivery: Delivery, outcome: Outcome, nak: NakMeaning | undefined, flight: Timed): void {
    const ended = { path: this.#path.id, outcome, flight, now: this.#context.now };
    for (const record of outcomeRecords(delivery, ended)) this.#context.journal(record);
    if (outcome.type === 'receiverAcknowledged' || outcome.type === 'handedOver') {
      this.#finish(delivery, outcome.type === 'handedOver' ? 'handedOver' : 'acknowledged');
    } else if (delivery.members !== undefined) this.#digestFailed(delivery, outcome);
    else if (this.#open.has(delivery)) this.#refused(delivery, outcome, nak);
    // It was acknowledged elsewhere while this attempt was under way.
    else delivery.state = endedElsewhere(delivery);
  }

  #refused(delivery: Delivery, outcome: Outcome, nak: NakMeaning | undefined): void {
    if (nak !== undefined) delivery.naks += 1;
    const detail = 'detail' in outcome ? outcome.detail : undefined;
    const step = nextStep(delivery, outcome, nak, this.#path.formats);
    switch (step.type) {
      case 'nextFormat':
        delivery.format += 1;
        this.#retries.requeue(delivery);
        break;
      case 'again':
        this.#retries.requeue(delivery);
        break;
      case 'giveUp':
        this.#supervision.refuses(delivery.report, detail);
        this.#finish(delivery, 'refused');
        break;
      case 'wait':
        if (step.startOver) this.#startOver(delivery, step.end, detail, nak ?? 'agrees');
        this.#retries.wait(delivery, step.end);
        this.#deps.attemptFailed(delivery);
        break;
    }
  }

  /** Every format was refused: tells it, and begins anew with the first. */
  #startOver(delivery: Delivery, end: FailedEnd, detail: string | undefined, nak: NakMeaning): void {
    if (end === 'content') {
      delivery.contentRefusals += 1;
      if (delivery.contentRefusals === 1) this.#supervision.refuses(delivery.report, detail);
    } else {
      this.#supervision.refusesWithNak(nak);
      this.#supervision.clock.forgetCorrection();
    }
    delivery.format = 0;
    delivery.naks = 0;
  }

  #finish(delivery: Delivery, state: 'acknowledged' | 'handedOver' | 'refused'): void {
    for (const each of partsOf(delivery)) {
      each.state = state;
      this.#open.close(each);
      this.#deps.settled(each);
    }
  }

  /** Refused as a whole, its alarms go one by one. */
  #digestFailed(digest: Delivery, outcome: Outcome): void {
    const members = this.#open.membersOf(digest);
    if (outcome.type !== 'failed') {
      for (const member of members) {
        member.alone = true;
        this.#retries.requeue(member);
      }
      return;
    }
    const end = failedEnd(outcome);
    for (const member of members) {
      member.failures += 1;
      member.lastEnd = end;
    }
    this.#retries.wait(digest, end);
    for (const member of members) this.#deps.attemptFailed(member);
  }
}

/** A receiver that can't process the alarm does not know of it, and need not hear of its end. */
export function endedElsewhere({ lastEnd }: Delivery): 'refused' | 'withdrawn' {
  return lastEnd === 'content' ? 'refused' : 'withdrawn';
}
