import type { CoreInput } from '../input.ts';
import { clientSubject } from './possible-troubles.ts';
import type { Troubles } from './troubles.ts';

type JournalState = 'ok' | 'degraded' | 'failed';
type LogState = 'ok' | 'failed';
type BrokerNews = Extract<CoreInput, { readonly type: 'brokerHealth' | 'brokerStrain' | 'clientTurnedAway' }>;

const STRAINS = {
  full: { type: 'brokerFull', text: 'MQTT broker full' },
  guessing: { type: 'brokerGuessed', text: 'Wrong passwords at the MQTT broker' },
} as const;

/** The gateway's own parts that are supervised: journal, log and broker. */
export class OwnHealth {
  readonly #troubles: Troubles;
  #journal: readonly [state: JournalState, detail: string] | undefined;
  /** What is wrong with this start and only another start mends, however well the disk is. */
  #untilRestart: string | undefined;
  #log: readonly [state: LogState, detail: string] | undefined;
  /**
   * Lines lost while the trouble stands: a flapping trouble stands over several failures of the
   * log.
   */
  #linesLost = 0;
  /** The newest of each kind. */
  readonly #broker = new Map<string, BrokerNews>();

  constructor(troubles: Troubles) {
    this.#troubles = troubles;
  }

  journal(state: JournalState, detail: string): void {
    this.#journal = [state, detail];
    if (state === 'failed')
      this.#troubles.raise('journalFailed', 'journal', { text: 'Journal cannot be written', detail });
    else this.#troubles.restore('journalFailed', 'journal');
    const degraded = state === 'degraded' ? detail : this.#untilRestart;
    if (degraded !== undefined)
      this.#troubles.raise('journalDegraded', 'journal', { text: 'Journal degraded', detail: degraded });
    else if (state === 'ok') this.#troubles.restore('journalDegraded', 'journal');
  }

  /** The trouble stands until this run ends: a disk that is well again does not end it. */
  journalUntilRestart(detail: string): void {
    this.#untilRestart ??= detail;
    this.#troubles.raise('journalDegraded', 'journal', { text: 'Journal degraded', detail });
  }

  /**
   * Records are written. A journal that works reports nothing, and a trouble of it may stand from
   * the last run.
   */
  journalWrites(): void {
    if (this.#journal === undefined) this.journal('ok', 'records are written');
  }

  /** @param lost lines of the log, known when it is `ok` again */
  log(state: LogState, detail: string, lost = 0): void {
    this.#log = [state, detail];
    if (!this.#troubles.stands('logFailed', 'log')) this.#linesLost = 0;
    this.#linesLost += lost;
    if (state === 'failed') this.#troubles.raise('logFailed', 'log', { text: 'Log cannot be written', detail });
    else this.#troubles.restore('logFailed', 'log', this.#linesLost === 0 ? '' : `lines lost: ${this.#linesLost}`);
  }

  /**
   * @param detail why an update was returned by itself; absent: none was, or a person has seen it
   */
  updateReturned(detail: string | undefined): void {
    if (detail === undefined) this.#troubles.restore('updateReturned', 'update');
    else this.#troubles.raise('updateReturned', 'update', { text: 'Update was returned', detail });
  }

  ofBroker(news: BrokerNews): void {
    switch (news.type) {
      case 'brokerHealth':
        this.#broker.set(news.type, news);
        if (news.state === 'down')
          this.#troubles.raise('brokerDown', 'mqtt', { text: 'MQTT broker down', detail: news.detail });
        else this.#troubles.restore('brokerDown', 'mqtt');
        return;
      case 'brokerStrain': {
        this.#broker.set(news.strain, news);
        const { type, text } = STRAINS[news.strain];
        if (news.standing) this.#troubles.raise(type, 'mqtt', { text, detail: news.detail });
        else this.#troubles.restore(type, 'mqtt');
        return;
      }
      case 'clientTurnedAway':
        this.#broker.set(clientSubject(news.account), news);
        this.#clientTurnedAway(news);
        return;
    }
  }

  #clientTurnedAway({ account, standing, detail }: Extract<BrokerNews, { type: 'clientTurnedAway' }>): void {
    const subject = clientSubject(account);
    if (!standing) {
      this.#troubles.restore('clientTurnedAway', subject);
      return;
    }
    const said = { text: `MQTT client turned away${account === undefined ? '' : `: ${account}`}`, detail };
    this.#troubles.raiseOrReword('clientTurnedAway', subject, said);
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    if (this.#journal !== undefined) this.journal(...this.#journal);
    if (this.#log !== undefined) this.log(...this.#log);
    for (const news of this.#broker.values()) this.ofBroker(news);
  }
}
