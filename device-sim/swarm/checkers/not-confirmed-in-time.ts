import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

/** Inputs of the gateway, and publications, are no further apart than this while it waits. */
const SLACK_MS = 250;

interface Awaited {
  readonly alert: string;
  readonly dueMs: number;
}

/** Promise 2: without an acknowledgement the alert is NOT CONFIRMED in time, and said to be. */
export class NotConfirmedInTime implements Checker {
  readonly promise = 'not confirmed is said in time';
  readonly #deps: CheckerDeps;
  /** In the order of their deadlines, as long as the configuration is the same. */
  readonly #awaited: Awaited[] = [];
  readonly #known = new Set<string>();

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    if (observation.type === 'effect' && observation.effect.type === 'publish') {
      const { kind, document } = observation.effect.publication;
      if (kind === 'alert' && !this.#known.has(document.id)) this.#await(document.id, nowMs);
    }
    while (this.#awaited.length > 0 && (this.#awaited[0] as Awaited).dueMs + SLACK_MS < nowMs) this.#due(nowMs);
  }

  #await(alert: string, nowMs: number): void {
    this.#known.add(alert);
    const { ledger } = this.#deps;
    this.#awaited.push({ alert, dueMs: nowMs + (ledger.site?.deadlines.notConfirmedMs ?? 10_000) });
  }

  #due(nowMs: number): void {
    const { ledger, broken } = this.#deps;
    const { alert } = this.#awaited.shift() as Awaited;
    const document = ledger.alerts.get(alert)?.document;
    if (document === undefined || document.not_confirmed) return;
    if (document.state !== 'raised' && document.state !== 'sent') return;
    const plan = ledger.site?.plans.get(document.kind) ?? ledger.site?.plan;
    if (plan?.done === 'handedOver') return;
    // It was not running, or has just started: it says so as soon as it can.
    const isAway = !ledger.isUp || nowMs < ledger.upMs + SLACK_MS || nowMs < ledger.stalledToMs + SLACK_MS;
    if (isAway) this.#awaited.push({ alert, dueMs: nowMs + SLACK_MS });
    else broken(this.promise, `${alert} has no acknowledgement and is not marked NOT CONFIRMED at ${nowMs} ms`);
  }
}
