import type { Report } from '../../../gateway/core/report.ts';
import type { Site } from '../../../gateway/core/site.ts';
import type { AlertDocument } from '../../../protocol/mqtt-documents.ts';
import type { Observation, Observer } from '../observation.ts';

/** A press as its device numbered it. */
interface Press {
  readonly alert: string;
  readonly device: string;
  readonly atMs: number;
  /** The gateway's driver gave it to the core. */
  heardMs?: number;
  /** Why the gateway may never have heard of it. */
  gone?: string;
}

/** A press on a wire that numbers nothing. */
export interface Hand {
  readonly device: string;
  readonly button: number;
  readonly atMs: number;
  /** A gateway that runs hears it. */
  readonly sure: boolean;
  releasedMs: number;
  /** The alert that it raised. */
  alert?: string;
}

interface AlertSeen {
  document: AlertDocument;
  readonly firstMs: number;
}

/** What people, wires and far ends saw so far: the checkers compare it with what was promised. */
export class Ledger implements Observer {
  site: Site | undefined;
  isUp = false;
  upMs = 0;
  /** The end of the last stall. */
  stalledToMs = 0;
  /** When the gateway ended. */
  readonly downs: number[] = [];
  clearMs = Number.POSITIVE_INFINITY;
  /** Devices whose numbers no longer tell one press from another. */
  readonly unnumbered = new Set<string>();
  readonly presses = new Map<string, Press>();
  readonly hands: Hand[] = [];
  readonly alerts = new Map<string, AlertSeen>();
  /** Every report that was sent, as its last attempt had it. */
  readonly reports = new Map<string, Report>();
  /** Times of the first display, by report, by path. */
  readonly displays = new Map<string, Map<string, number>>();

  see(observation: Observation, nowMs: number): void {
    switch (observation.type) {
      case 'input':
        if (observation.input.type === 'signal') this.#heard(observation.input.signal, nowMs);
        break;
      case 'effect':
        if (observation.effect.type === 'publish') this.#published(observation.effect.publication, nowMs);
        else if (observation.effect.type === 'send') {
          const { report } = observation.effect.attempt;
          if (report !== undefined) this.reports.set(report.id, report);
        }
        break;
      case 'pressed': {
        const { alert, device, button, sure } = observation;
        if (sure !== undefined)
          this.hands.push({ device, button, atMs: nowMs, sure, releasedMs: Number.POSITIVE_INFINITY });
        if (alert !== undefined && !this.presses.has(alert)) this.presses.set(alert, { alert, device, atMs: nowMs });
        break;
      }
      case 'released': {
        const { device, button } = observation;
        const hand = this.hands.findLast((each) => each.device === device && each.button === button);
        if (hand !== undefined) hand.releasedMs = Math.min(hand.releasedMs, nowMs);
        break;
      }
      case 'pressGone': {
        const press = this.presses.get(observation.alert);
        if (press !== undefined) press.gone ??= observation.why;
        break;
      }
      case 'numbersLost':
        this.unnumbered.add(observation.device);
        break;
      case 'displayed': {
        const paths = this.displays.get(observation.report) ?? new Map<string, number>();
        if (!paths.has(observation.path)) paths.set(observation.path, nowMs);
        this.displays.set(observation.report, paths);
        break;
      }
      case 'up':
        this.site = observation.site;
        this.isUp = true;
        this.upMs = nowMs;
        break;
      case 'reloaded':
        this.site = observation.site;
        break;
      case 'down':
        this.isUp = false;
        this.downs.push(nowMs);
        break;
      case 'stalled':
        this.stalledToMs = Math.max(this.stalledToMs, nowMs + observation.forMs);
        break;
      case 'clear':
        this.clearMs = nowMs;
        break;
    }
  }

  isDisplayed(report: string): boolean {
    return this.displays.has(report);
  }

  #heard(
    signal: Extract<Extract<Observation, { type: 'input' }>['input'], { type: 'signal' }>['signal'],
    nowMs: number,
  ): void {
    const { device, identity, body } = signal;
    if (identity === undefined || body.type !== 'press') return;
    const press = this.presses.get(`${device}.${identity.epoch}.${identity.counter}`);
    if (press !== undefined) press.heardMs ??= nowMs;
  }

  #published(
    { kind, document }: Extract<Extract<Observation, { type: 'effect' }>['effect'], { type: 'publish' }>['publication'],
    nowMs: number,
  ): void {
    if (kind !== 'alert') return;
    const seen = this.alerts.get(document.id);
    if (seen === undefined) this.alerts.set(document.id, { document, firstMs: nowMs });
    else seen.document = document;
  }
}
