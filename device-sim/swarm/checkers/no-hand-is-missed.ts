import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';
import type { Hand } from './ledger.ts';

/** A hold waits for what it becomes, a stalled or starting gateway reads late. */
const HEARD_MS = 15_000;

/**
 * Promise 1, on wires that number nothing: a press that a running gateway could hear raises an
 * alert.
 */
export class NoHandIsMissed implements Checker {
  readonly promise = 'no press is lost on wires without numbers';
  readonly #deps: CheckerDeps;
  #looked = 0;
  #excusedToMs = Number.NEGATIVE_INFINITY;
  /** Times of alerts, by device and button. */
  readonly #raisedMs = new Map<string, number[]>();

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    const { type } = observation;
    if (type === 'effect' && observation.effect.type === 'journal') {
      const { record } = observation.effect.entry;
      if (record.t === 'alert' || record.t === 'hold') this.#raised(`${record.device} ${record.button}`, nowMs);
    }
    // Who presses while it is away or about to be is not heard for certain.
    if (type === 'event' && EXCUSES.has(observation.event.do)) this.#excuse(nowMs);
    if (type === 'down' || type === 'up' || type === 'stalled' || type === 'reloaded') this.#excuse(nowMs);
    const { hands } = this.#deps.ledger;
    while (this.#looked < hands.length && (hands[this.#looked] as Hand).atMs + HEARD_MS < nowMs) {
      this.#look(hands[this.#looked] as Hand);
      this.#looked += 1;
    }
  }

  #excuse(nowMs: number): void {
    this.#excusedToMs = Math.max(this.#excusedToMs, nowMs);
  }

  #raised(button: string, nowMs: number): void {
    const times = this.#raisedMs.get(button) ?? [];
    times.push(nowMs);
    this.#raisedMs.set(button, times);
  }

  #look({ device, button, atMs, sure }: Hand): void {
    const { ledger, broken } = this.#deps;
    const canary = ledger.site?.canary;
    // Its presses are tests of the canary, whoever makes them.
    if (canary?.device === device && canary.button === button) return;
    const wasDisturbed = this.#excusedToMs >= atMs - HEARD_MS || !ledger.isUp || ledger.stalledToMs >= atMs;
    if (ledger.site?.devices.has(device) !== true) return;
    if (!sure || wasDisturbed || ledger.unnumbered.has(device)) return;
    const times = this.#raisedMs.get(`${device} ${button}`) ?? [];
    if (!times.some((raisedMs) => raisedMs >= atMs && raisedMs <= atMs + HEARD_MS))
      broken(this.promise, `${device} button ${button} was pressed at ${atMs} ms, and no alert was raised`);
  }
}

/** Events after which a wire may not be heard for a while. */
const EXCUSES: ReadonlySet<string> = new Set([
  'unplug',
  'weather',
  'dies',
  'wire',
  'reboot',
  'broker',
  'kill',
  'stall',
]);
