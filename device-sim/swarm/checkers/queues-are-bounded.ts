import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

/**
 * Attempts under way never exceed what a path may have at once: a far end that answers nothing
 * fills no memory.
 */
export class QueuesAreBounded implements Checker {
  readonly promise = 'no path has more under way than it may';
  readonly #deps: CheckerDeps;
  readonly #underWay = new Map<string, Set<number>>();

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation): void {
    if (observation.type === 'down' || observation.type === 'reloaded') this.#underWay.clear();
    else if (observation.type === 'input' && observation.input.type === 'outcome')
      this.#underWay.get(observation.input.path)?.delete(observation.input.attempt);
    else if (observation.type === 'effect' && observation.effect.type === 'abandon')
      this.#underWay.get(observation.effect.path)?.delete(observation.effect.attempt);
    else if (observation.type === 'effect' && observation.effect.type === 'send') {
      const { path, attempt } = observation.effect.attempt;
      const here = this.#underWay.get(path) ?? new Set();
      this.#underWay.set(path, here.add(attempt));
      const most = this.#deps.ledger.site?.paths.find(({ id }) => id === path)?.parallel ?? Number.POSITIVE_INFINITY;
      if (here.size > most)
        this.#deps.broken(this.promise, `${path} has ${here.size} attempts under way, ${most} are allowed`);
    }
  }
}
