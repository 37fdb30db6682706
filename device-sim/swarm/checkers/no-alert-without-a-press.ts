import type { AlertRaised } from '../../../gateway/core/journal-record.ts';
import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';
import type { Hand } from './ledger.ts';

/** A press is known to the core so long after the hand let go: repeats, a slow bridge, a stall. */
const LATE_MS = 70_000;

/** Promise 4: what nobody pressed raises no alert, whatever comes over the wire. */
export class NoAlertWithoutAPress implements Checker {
  readonly promise = 'no alert without a press';
  readonly #deps: CheckerDeps;

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    if (observation.type !== 'effect' || observation.effect.type !== 'journal') return;
    const { record } = observation.effect.entry;
    const { presses, releases } = this.#deps.ledger;
    if (record.t !== 'alert' || presses.has(record.id) || releases.has(record.id)) return;
    const hand = this.#handOf(record, nowMs);
    if (hand === undefined) this.#deps.broken(this.promise, `${record.id} was raised, but nobody pressed`);
    else hand.alert = record.id;
  }

  /** The press behind an alert of a wire that numbers nothing. */
  #handOf({ device, button, id, pattern }: AlertRaised, nowMs: number): Hand | undefined {
    const { hands, downs } = this.#deps.ledger;
    return hands.findLast((hand) => {
      if (hand.device !== device || hand.button !== button || nowMs - hand.releasedMs > LATE_MS) return false;
      // What was not durable at a crash is raised again, and a contact that is held is read anew.
      // A press that is held for long in a walk test is real, besides.
      return (
        pattern === 'hold' || hand.alert === undefined || hand.alert === id || downs.some((atMs) => atMs >= hand.atMs)
      );
    });
  }
}
