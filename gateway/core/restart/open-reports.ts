import { invariant } from '../invariant.ts';
import type { AlertRaised, KeptRecord, Progress, ReportMade } from '../journal-record.ts';
import type { Texts } from '../texts.ts';
import { OpenReport } from './open-report.ts';

/** The report is kept as a text. */
const AS_TEXT = 'text';
/** Several at once: each search for the oldest passes those that were deleted before it. */
const TEXTS_AT_ONCE = 64;

/**
 * The open alerts and other reports, by id, in the order they were made. A delivered alert stays
 * open until somebody resolves it, so thousands may be open for a day. Except for the newest of
 * them, each is kept as the text of one record that sums it up.
 */
export class OpenReports {
  readonly #open = new Map<string, OpenReport | typeof AS_TEXT>();
  readonly #texts: Texts;
  /** Delivered alerts that are not texts yet, oldest first. */
  readonly #delivered = new Set<string>();
  readonly #deliveredMax: number;

  constructor(deliveredMax: number, texts: Texts) {
    this.#deliveredMax = deliveredMax;
    this.#texts = texts;
  }

  add(id: string, open: OpenReport): void {
    this.#texts.delete(id);
    this.#open.set(id, open);
    this.#noteDelivered(id, open);
  }

  delete(id: string): void {
    this.#open.delete(id);
    this.#texts.delete(id);
    this.#delivered.delete(id);
  }

  /** Ignored if the report is over, or is older than what was kept. */
  apply(id: string, record: Progress): void {
    this.#change(id, (open) => open.apply(record));
  }

  /** A report about an alert was made. Ignored as above. */
  followedBy(id: string, report: ReportMade['report']): void {
    this.#change(id, (open) => open.followedBy(report));
  }

  /** The journal's key of each. */
  *keys(): Iterable<string> {
    for (const [id, open] of this.#open) yield open === AS_TEXT ? keyOfAlert(id) : open.key;
  }

  *[Symbol.iterator](): Iterator<OpenReport> {
    for (const id of this.#open.keys()) {
      const open = this.#get(id);
      if (open !== undefined) yield open;
    }
  }

  /** The reports with these keys of the journal. */
  *withKeys(wanted: Iterable<string>): Iterable<OpenReport> {
    for (const key of wanted) {
      const open = this.#get(idOf(key));
      if (open?.key === key) yield open;
    }
  }

  /** JSON of the record that sums the report up, if it is kept as that. */
  textOf(key: string): string | undefined {
    const id = idOf(key);
    return this.#open.get(id) === AS_TEXT && keyOfAlert(id) === key ? this.#texts.get(id) : undefined;
  }

  #get(id: string): OpenReport | undefined {
    const open = this.#open.get(id);
    if (open !== AS_TEXT) return open;
    const text = this.#texts.get(id);
    invariant(text !== undefined, `the text of an open report is missing: ${id}`);
    return OpenReport.from(JSON.parse(text) as KeptRecord);
  }

  #change(id: string, change: (open: OpenReport) => void): void {
    const open = this.#get(id);
    if (open === undefined) return;
    change(open);
    this.add(id, open);
  }

  #noteDelivered(id: string, open: OpenReport): void {
    this.#delivered.delete(id);
    if (open.of.t !== 'alert' || !open.isDelivered) return;
    this.#delivered.add(id);
    if (this.#delivered.size > this.#deliveredMax + TEXTS_AT_ONCE) this.#makeTexts();
  }

  #makeTexts(): void {
    for (const oldest of this.#delivered) {
      if (this.#delivered.size <= this.#deliveredMax) return;
      const large = this.#open.get(oldest);
      if (typeof large === 'object') {
        this.#texts.set(oldest, JSON.stringify(large.kept()));
        this.#open.set(oldest, AS_TEXT);
      }
      this.#delivered.delete(oldest);
    }
  }
}

function keyOfAlert(id: AlertRaised['id']): string {
  return `alert:${id}`;
}

function idOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}
