import type { Troubles } from './troubles.ts';

type JournalState = 'ok' | 'degraded' | 'failed';
type LogState = 'ok' | 'failed';
type BrokerState = 'up' | 'down';
type BrokerStrain = 'full' | 'guessing';

const STRAINS = {
  full: { type: 'brokerFull', text: 'MQTT broker full' },
  guessing: { type: 'brokerGuessed', text: 'Wrong passwords at the MQTT broker' },
} as const;

/** The gateway's own parts that are supervised: journal, log and broker. */
export class OwnHealth {
  readonly #troubles: Troubles;
  #journal: readonly [state: JournalState, detail: string] | undefined;
  #log: readonly [state: LogState, detail: string] | undefined;
  /**
   * Lines lost while the trouble stands: a flapping trouble stands over several failures of the
   * log.
   */
  #linesLost = 0;
  #broker: readonly [state: BrokerState, detail: string] | undefined;
  readonly #strains = new Map<BrokerStrain, readonly [standing: boolean, detail: string]>();

  constructor(troubles: Troubles) {
    this.#troubles = troubles;
  }

  journal(state: JournalState, detail: string): void {
    this.#journal = [state, detail];
    if (state === 'failed') this.#troubles.raise('journalFailed', 'journal', `Journal cannot be written: ${detail}`);
    else this.#troubles.restore('journalFailed', 'journal');
    if (state === 'degraded') this.#troubles.raise('journalDegraded', 'journal', `Journal degraded: ${detail}`);
    else if (state === 'ok') this.#troubles.restore('journalDegraded', 'journal');
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
    if (state === 'failed') this.#troubles.raise('logFailed', 'log', `Log cannot be written: ${detail}`);
    else this.#troubles.restore('logFailed', 'log', this.#linesLost === 0 ? '' : `lines lost: ${this.#linesLost}`);
  }

  broker(state: BrokerState, detail: string): void {
    this.#broker = [state, detail];
    if (state === 'down') this.#troubles.raise('brokerDown', 'mqtt', `MQTT broker down: ${detail}`);
    else this.#troubles.restore('brokerDown', 'mqtt');
  }

  brokerStrain(strain: BrokerStrain, standing: boolean, detail: string): void {
    this.#strains.set(strain, [standing, detail]);
    const { type, text } = STRAINS[strain];
    if (standing) this.#troubles.raise(type, 'mqtt', `${text}: ${detail}`);
    else this.#troubles.restore(type, 'mqtt');
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    if (this.#journal !== undefined) this.journal(...this.#journal);
    if (this.#log !== undefined) this.log(...this.#log);
    if (this.#broker !== undefined) this.broker(...this.#broker);
    for (const [strain, said] of this.#strains) this.brokerStrain(strain, ...said);
  }
}
