import type { Observation, Observer } from '../observation.ts';

/** Whether this start of the gateway knows what the runs before it have written. */
export class JournalWatch implements Observer {
  #isSure = false;
  #isLate = false;
  #hasWritten = false;

  /** Something of this start is durable. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** It has read the journal: nothing is durable before that. */
  get isSure(): boolean {
    return this.#isSure;
  }

  see(observation: Observation): void {
    if (observation.type === 'up') {
      this.#isSure = false;
      this.#isLate = false;
      this.#hasWritten = false;
    } else if (observation.type === 'input' && observation.input.type === 'lateRecords') {
      this.#isSure = false;
      this.#isLate = true;
    } else if (observation.type === 'input' && observation.input.type === 'durable') {
      this.#isSure = !this.#isLate;
      this.#hasWritten = true;
    }
  }
}
