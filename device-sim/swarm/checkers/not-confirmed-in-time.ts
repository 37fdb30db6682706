import type { Effect } from '../../../gateway/core/effect.ts';
import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

/** Inputs of the gateway, and publications, are no further apart than this while it waits. */
const SLACK_MS = 250;

interface Awaited {
  readonly alert: string;
  readonly raisedMs: number;
  /** What was added to the gateway's wall clock before that. */
  readonly wallOffsetMs: number;
  dueMs: number;
}

/** Promise 2: without an acknowledgement the alert is NOT CONFIRMED in time, and said to be. */
export class NotConfirmedInTime implements Checker {
  readonly promise = 'not confirmed is said in time';
  readonly #deps: CheckerDeps;
  #wallOffsetMs = 0;
  /** In the order of their deadlines, as long as the configuration is the same. */
  readonly #awaited: Awaited[] = [];
  /** When each was raised last: what was not durable at a crash is raised again by a repeat. */
  readonly #raisedMs = new Map<string, number>();

  /** Numbers of the records that raise alerts and are not on the medium yet. */
  readonly #undurable = new Map<string, number>();
  readonly #inDoubt = new Set<string>();

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    if (observation.type === 'effect') this.#carriedOut(observation.effect, nowMs);
    else if (observation.type === 'input' && observation.input.type === 'durable')
      this.#durable(observation.input.number);
    else if (observation.type === 'input' && observation.input.type === 'lateRecords') this.#recovers(nowMs);
    else if (observation.type === 'up') this.#recovers(nowMs);
    else if (observation.type === 'down') this.#ended();
    else if (observation.type === 'event' && observation.event.do === 'clock')
      this.#wallOffsetMs += observation.event.byMs;
    while (this.#awaited.length > 0 && (this.#awaited[0] as Awaited).dueMs + SLACK_MS < nowMs) this.#due(nowMs);
  }

  #carriedOut(effect: Effect, nowMs: number): void {
    if (effect.type === 'journal' && effect.entry.record.t === 'alert') {
      const { id } = effect.entry.record;
      this.#await(id, nowMs);
      this.#undurable.set(id, effect.number);
    } else if (effect.type === 'publish' && effect.publication.kind === 'alert') {
      const { id } = effect.publication.document;
      // The records of the run before had it after all.
      if (this.#inDoubt.has(id)) this.#await(id, nowMs);
    }
  }

  #durable(number: number): void {
    for (const [alert, record] of this.#undurable) if (record <= number) this.#undurable.delete(alert);
  }

  /** What was not durable may be lost. A repeat of its node raises it again. */
  #ended(): void {
    for (const alert of this.#undurable.keys()) {
      this.#inDoubt.add(alert);
      this.#raisedMs.delete(alert);
    }
    this.#undurable.clear();
  }

  #await(alert: string, raisedMs: number): void {
    this.#raisedMs.set(alert, raisedMs);
    this.#inDoubt.delete(alert);
    const dueMs = raisedMs + this.#deadlineMs;
    this.#awaited.push({ alert, raisedMs, wallOffsetMs: this.#wallOffsetMs, dueMs });
  }

  get #deadlineMs(): number {
    return this.#deps.ledger.site?.deadlines.notConfirmedMs ?? 10_000;
  }

  /**
   * After a restart only the wall clock tells how long ago an alert was raised. What it was set
   * back by is added to the deadline, unless the alert seems to be of a time to come.
   */
  #recovers(nowMs: number): void {
    for (const awaited of this.#awaited) {
      const setBackMs = Math.max(0, awaited.wallOffsetMs - this.#wallOffsetMs);
      const elapsedMs = nowMs - awaited.raisedMs - setBackMs;
      awaited.dueMs = awaited.raisedMs + this.#deadlineMs + (elapsedMs >= 0 ? setBackMs : 0);
    }
    this.#awaited.sort((one, other) => one.dueMs - other.dueMs);
  }

  #due(nowMs: number): void {
    const { ledger, broken } = this.#deps;
    const awaited = this.#awaited.shift() as Awaited;
    const { alert, raisedMs } = awaited;
    if (this.#raisedMs.get(alert) !== raisedMs) return;
    const document = ledger.alerts.get(alert)?.document;
    if (document === undefined || document.not_confirmed) return;
    if (document.state !== 'raised' && document.state !== 'sent') return;
    const plan = ledger.site?.plans.get(document.kind) ?? ledger.site?.plan;
    if (plan?.done === 'handedOver') return;
    // It was not running, or has just started: it says so as soon as it can.
    const isAway =
      !ledger.isUp || ledger.isBlind || nowMs < ledger.upMs + SLACK_MS || nowMs < ledger.stalledToMs + SLACK_MS;
    if (isAway) this.#awaited.push({ ...awaited, dueMs: nowMs + SLACK_MS });
    else broken(this.promise, `${alert} has no acknowledgement and is not marked NOT CONFIRMED at ${nowMs} ms`);
  }
}
