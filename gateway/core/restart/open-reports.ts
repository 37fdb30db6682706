import type { AlertRaised, KeptRecord, Progress, ReportMade } from '../journal-record.ts';
import { OpenReport } from './open-report.ts';

/**
 * The alerts and other reports that are not over, by id, in the order they were made. A delivered
 * alert stays open until somebody resolves it, so thousands may be open for a day: beyond the
 * newest of them, each is kept as the text of the one record that it adds up to.
 */
export class OpenReports {
  readonly #open = new Map<string, OpenReport | string>();
  /** Delivered alerts that are no texts yet, oldest first. */
  readonly #delivered = new Set<string>();
  readonly #deliveredMax: number;

  constructor(deliveredMax: number) {
    this.#deliveredMax = deliveredMax;
  }

  add(id: string, open: OpenReport): void {
    this.#open.set(id, open);
    this.#noteDelivered(id, open);
  }

  delete(id: string): void {
    this.#open.delete(id);
    this.#delivered.delete(id);
  }

  /** Ignored if the report is over, or older than what was kept. */
  apply(id: string, record: Progress): void {
    this.#change(id, (open) => open.apply(record));
  }

  /** News of an alert was made. Ignored as above. */
  followedBy(id: string, report: ReportMade['report']): void {
    this.#change(id, (open) => open.followedBy(report));
  }

  /** The journal's key of each. */
  *keys(): Iterable<string> {
    for (const [id, open] of this.#open) yield typeof open === 'string' ? keyOfAlert(id) : open.key;
  }

  *[Symbol.iterator](): Iterator<OpenReport> {
    for (const open of this.#open.values()) yield read(open);
  }

  /** Those with these keys of the journal. */
  *withKeys(wanted: ReadonlySet<string>): Iterable<OpenReport> {
    for (const [id, open] of this.#open) {
      const key = typeof open === 'string' ? keyOfAlert(id) : open.key;
      if (wanted.has(key)) yield read(open);
    }
  }

  #change(id: string, change: (open: OpenReport) => void): void {
    const kept = this.#open.get(id);
    if (kept === undefined) return;
    const open = read(kept);
    change(open);
    this.add(id, open);
  }

  #noteDelivered(id: string, open: OpenReport): void {
    this.#delivered.delete(id);
    if (open.of.t !== 'alert' || !open.isDelivered) return;
    this.#delivered.add(id);
    if (this.#delivered.size <= this.#deliveredMax) return;
    for (const oldest of this.#delivered) {
      const large = this.#open.get(oldest);
      if (typeof large === 'object') this.#open.set(oldest, JSON.stringify(large.kept()));
      this.#delivered.delete(oldest);
      return;
    }
  }
}

function read(open: OpenReport | string): OpenReport {
  return typeof open === 'string' ? OpenReport.from(JSON.parse(open) as KeptRecord) : open;
}

function keyOfAlert(id: AlertRaised['id']): string {
  return `alert:${id}`;
}
