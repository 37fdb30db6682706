import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

/** Each command is answered once, and ends an alert once. */
export class CommandsAreObeyedOnce implements Checker {
  readonly promise = 'commands are obeyed once';
  readonly #deps: CheckerDeps;
  readonly #answered = new Set<number>();
  readonly #asked = new Set<number>();
  readonly #closed = new Map<string, string>();

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation): void {
    const { broken } = this.#deps;
    if (observation.type === 'input' && observation.input.type === 'command') {
      if (observation.input.ticket !== undefined) this.#asked.add(observation.input.ticket);
    } else if (observation.type === 'effect' && observation.effect.type === 'commandAnswer') {
      const { ticket, text } = observation.effect;
      if (this.#answered.has(ticket)) broken(this.promise, `command ${ticket} was answered twice: ${text}`);
      if (!this.#asked.has(ticket))
        broken(this.promise, `nobody gave the command ${ticket} that was answered: ${text}`);
      this.#answered.add(ticket);
    } else if (observation.type === 'effect' && observation.effect.type === 'journal') {
      const { record } = observation.effect.entry;
      if (record.t !== 'closed') return;
      const before = this.#closed.get(record.alert);
      // What was not durable at a crash may be closed again; two ends of different kinds never.
      if (before !== undefined && before !== record.state)
        broken(this.promise, `${record.alert} was ${before}, and then ${record.state}`);
      this.#closed.set(record.alert, record.state);
    } else if (observation.type === 'down') this.#closed.clear();
  }
}
