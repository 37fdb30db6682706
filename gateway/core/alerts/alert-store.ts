import type { Context } from '../context.ts';
import { invariant } from '../invariant.ts';
import type { Texts } from '../texts.ts';
import type { Alert } from './alert.ts';
import { alertOfText, textOfAlert } from './alert-text.ts';
import type { OpenAlerts } from './open-alerts.ts';

/** The alert is kept as a text. */
const AS_TEXT = 'text';
/** Alerts that are made texts for each one that is retired. */
const TEXTS_EACH = 4;

/** Late answers concern the newest alerts. */
const FULL_MAX = 64;

/** How settled alerts are kept. */
export interface SettledStore {
  readonly texts: Texts;
  /** So many of those that could be texts are kept as they are. Default 64; tests set fewer. */
  readonly fullMax?: number;
}

/**
 * The alerts of the book, by id, in the order they were raised. A settled alert stays for a day,
 * and thousands may: beyond the newest of them, each is kept as a text until somebody asks for it.
 */
export class AlertStore {
  readonly #context: Pick<Context, 'site'>;
  readonly #settled: SettledStore;
  readonly #counts: OpenAlerts;
  readonly #alerts = new Map<string, Alert | typeof AS_TEXT>();
  /** Alerts that could be texts, the longest retired first. */
  readonly #retired = new Set<Alert>();

  constructor(context: Pick<Context, 'site'>, settled: SettledStore, counts: OpenAlerts) {
    this.#context = context;
    this.#counts = counts;
    this.#settled = settled;
  }

  has(id: string): boolean {
    return this.#alerts.has(id);
  }

  get(id: string): Alert | undefined {
    const alert = this.#alerts.get(id);
    return alert === AS_TEXT ? this.#read(id) : alert;
  }

  /** Those that are no texts. */
  *full(): Iterable<Alert> {
    for (const alert of this.#alerts.values()) if (alert !== AS_TEXT) yield alert;
  }

  add(alert: Alert): void {
    this.#alerts.set(alert.id, alert);
    this.#counts.note(alert);
  }

  delete(alert: Alert): void {
    this.#alerts.delete(alert.id);
    this.#retired.delete(alert);
  }

  /**
   * Nothing more is expected of the alert until it is closed. To be called when nobody holds an
   * alert that it has got here: a text is not changed with it.
   */
  retire(alert: Alert): void {
    this.#retired.add(alert);
    const { texts, fullMax = FULL_MAX } = this.#settled;
    let left = TEXTS_EACH;
    for (const oldest of this.#retired) {
      if (left === 0 || this.#retired.size <= fullMax) return;
      left -= 1;
      this.#retired.delete(oldest);
      if (oldest.durable === undefined) {
        this.#retired.add(oldest);
        continue;
      }
      const text = textOfAlert(oldest, this.#context.site);
      if (text === undefined) continue;
      texts.set(oldest.id, text);
      this.#alerts.set(oldest.id, AS_TEXT);
    }
  }

  /**
   * The site is about to change. Alerts that refer to what changes are kept whole from now on: the
   * receivers know them as they were.
   */
  readAll(isConcerned: (id: string) => boolean): void {
    for (const [id, alert] of this.#alerts) if (alert === AS_TEXT && isConcerned(id)) this.#read(id);
  }

  /** The text is not kept beside the alert: only one of them may be true. */
  #read(id: string): Alert {
    const text = this.#settled.texts.get(id);
    invariant(text !== undefined, `the text of an alert is missing: ${id}`);
    this.#settled.texts.delete(id);
    const alert = alertOfText(id, text, this.#context.site, this.#counts);
    this.#alerts.set(id, alert);
    this.#retired.add(alert);
    return alert;
  }
}
