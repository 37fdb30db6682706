import type { Effect } from '../../../gateway/core/effect.ts';
import type { JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { Report } from '../../../gateway/core/report.ts';
import type { Site } from '../../../gateway/core/site.ts';
import type { AlertDocument } from '../../../protocol/mqtt-documents.ts';
import type { Observation, Observer } from '../observation.ts';

/** A press as its device numbered it. */
interface Press {
  readonly alert: string;
  readonly device: string;
  readonly atMs: number;
  /** When its number was used last: a device that lost its numbers uses them again. */
  newestMs: number;
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
  /** The gateway runs without the records of earlier runs. */
  isBlind = false;
  upMs = 0;
  /** The end of the last stall. */
  stalledToMs = 0;
  /** When the gateway ended, or devices began anew with a changed configuration. */
  readonly downs: number[] = [];
  clearMs = Number.POSITIVE_INFINITY;
  /** Devices whose numbers no longer tell one press from another. */
  readonly unnumbered = new Set<string>();
  readonly presses = new Map<string, Press>();
  readonly #raisedBlind = new Set<string>();
  /** Ids of releases that were heard: one that ends a long hold may be a press of its own. */
  readonly releases = new Set<string>();
  readonly hands: Hand[] = [];
  readonly alerts = new Map<string, AlertSeen>();
  /** Every report that was sent, as its last attempt had it. */
  readonly reports = new Map<string, Report>();
  /** Times of the first display, by report, by path. */
  readonly digests = new Map<string, Set<string>>();
  /** Reports that were sent at `#sentMs`, and the digest of each path. */
  readonly #sent = new Map<string, string>();
  #sentMs = -1;
  readonly displays = new Map<string, Map<string, number>>();

  see(observation: Observation, nowMs: number): void {
    switch (observation.type) {
      case 'input':
        if (observation.input.type === 'lateRecords') {
          this.isBlind = false;
          this.upMs = nowMs;
        }
        if (observation.input.type === 'signal') this.#heard(observation.input.signal, nowMs);
        break;
      case 'effect':
        this.#digests(observation.effect, nowMs);
        if (observation.effect.type === 'journal' && this.isBlind) this.#blindRecord(observation.effect.entry.record);
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
        const press = alert === undefined ? undefined : this.presses.get(alert);
        if (press !== undefined) press.newestMs = nowMs;
        else if (alert !== undefined) this.presses.set(alert, { alert, device, atMs: nowMs, newestMs: nowMs });
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
        const { report, path } = observation;
        for (const each of [report, ...(this.digests.get(report) ?? [])]) this.#displayed(each, path, nowMs);
        break;
      }
      case 'up':
        this.site = observation.site;
        this.isUp = true;
        this.isBlind = observation.isBlind;
        this.upMs = nowMs;
        break;
      case 'reloaded':
        this.site = observation.site;
        // A device that was changed begins anew.
        this.downs.push(nowMs);
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

  #displayed(report: string, path: string, nowMs: number): void {
    const paths = this.displays.get(report) ?? new Map<string, number>();
    if (!paths.has(path)) paths.set(path, nowMs);
    this.displays.set(report, paths);
  }

  /** A digest has no records of its own: attempts that were not sent by themselves are in it. */
  #digests(effect: Effect, nowMs: number): void {
    if (effect.type === 'send') {
      const { report, path } = effect.attempt;
      if (this.#sentMs !== nowMs) this.#sent.clear();
      this.#sentMs = nowMs;
      if (report !== undefined) this.#sent.set(`${path} ${report.id}`, report.id);
      if (report?.id.startsWith('digest.') === true) this.#sent.set(path, report.id);
    } else if (effect.type === 'journal' && this.#sentMs === nowMs) {
      const { record } = effect.entry;
      const digest = record.t === 'attempt' ? this.#sent.get(record.path) : undefined;
      if (record.t !== 'attempt' || digest === undefined || this.#sent.has(`${record.path} ${record.report}`)) return;
      const members = this.digests.get(digest) ?? new Set();
      this.digests.set(digest, members.add(record.report));
    }
  }

  /**
   * The report is about an alert that was raised without the records of earlier runs: perhaps for
   * the second time.
   */
  isRaisedBlind(report: string): boolean {
    return this.#raisedBlind.has(report.replace(/\.(?:cancel|restore)$/, ''));
  }

  #blindRecord(record: JournalRecord): void {
    if (record.t === 'alert') this.#raisedBlind.add(record.id);
  }

  isDisplayed(report: string): boolean {
    return this.displays.has(report);
  }

  #heard(
    signal: Extract<Extract<Observation, { type: 'input' }>['input'], { type: 'signal' }>['signal'],
    nowMs: number,
  ): void {
    const { device, identity, body } = signal;
    if (identity === undefined) return;
    const id = `${device}.${identity.epoch}.${identity.counter}`;
    if (body.type === 'release') this.releases.add(id);
    const press = body.type === 'press' ? this.presses.get(id) : undefined;
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
