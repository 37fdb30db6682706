import { after, type WallMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import { itemName, locationOf, type SiteItem } from '../site-items.ts';
import type { Troubles, TroubleText } from '../troubles/troubles.ts';
import { walkTestSettings } from '../walk-test-settings.ts';
import type { Proofs } from './proofs.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A start just before the hour of the report waits until the devices were heard. */
const FIRST_MS = 600_000;
/** The text names this many of them, the detail that many. */
const NAMED = 3;
const NAMED_IN_DETAIL = 40;
const SUBJECT = 'site';

interface SensorWatchDeps {
  items(): readonly SiteItem[];
  readonly proofs: Pick<Proofs, 'last'>;
  readonly troubles: Troubles;
}

/**
 * Notices what was not proven for too long: a button that nobody has pressed for a year may be
 * dead, though everything about it looks well. All such items are one trouble, reported in the
 * morning, and once more every morning while it stands (as NFPA 72 §10.14.9.1 asks of a trouble
 * signal: every 24 h). The trouble is over when each of them has been proven.
 */
export class SensorWatch {
  readonly #context: Context;
  readonly #deps: SensorWatchDeps;
  /** Number of the local day of the last report, or of the start if that came after its hour. */
  #reportedDay = 0;
  #startedMs: number;

  constructor(context: Context, deps: SensorWatchDeps) {
    this.#context = context;
    this.#deps = deps;
    this.#startedMs = context.now.monoMs;
  }

  start(): void {
    const { day, hour } = this.#local();
    this.#reportedDay = hour >= this.#settings.reportHour ? day : day - 1;
    this.#startedMs = this.#context.now.monoMs;
    this.#await();
  }

  /** Time to look whether the hour of the report has come. */
  due(): void {
    const { day, hour } = this.#local();
    const isSettled = this.#context.now.monoMs - this.#startedMs >= FIRST_MS;
    if (isSettled && day !== this.#reportedDay && hour >= this.#settings.reportHour) {
      this.#reportedDay = day;
      this.#report();
    }
    this.#await();
  }

  /** An item was proven. */
  proven(): void {
    if (!this.#deps.troubles.stands('notProven', SUBJECT)) return;
    // Not a list of them: in a storm of alerts this runs for each.
    const { provenWithinMs } = this.#settings;
    if (provenWithinMs !== undefined && this.#deps.items().some((item) => this.#isUnproven(item, provenWithinMs)))
      return;
    this.#deps.troubles.restore('notProven', SUBJECT);
  }

  /** Much may have been proven: the trouble says what is left. */
  reword(): void {
    const unproven = this.#unproven();
    if (unproven.length > 0) this.#deps.troubles.reword('notProven', SUBJECT, this.#text(unproven));
  }

  #report(): void {
    const { troubles } = this.#deps;
    const unproven = this.#unproven();
    if (unproven.length === 0) {
      // Its last item may have left the configuration.
      troubles.restore('notProven', SUBJECT);
      return;
    }
    const said = this.#text(unproven);
    const stood = troubles.stands('notProven', SUBJECT);
    troubles.raiseOrReword('notProven', SUBJECT, said);
    if (stood) troubles.notice('notProven', SUBJECT, { ...said, text: `Still: ${said.text}` });
  }

  #unproven(): readonly SiteItem[] {
    const { provenWithinMs } = this.#settings;
    if (provenWithinMs === undefined) return [];
    return this.#deps.items().filter((item) => this.#isUnproven(item, provenWithinMs));
  }

  #isUnproven(item: SiteItem, withinMs: number): boolean {
    const last = this.#deps.proofs.last(item.item, item.of === 'button' ? item.device : undefined);
    return last === undefined || this.#context.now.wallMs - last.at > withinMs;
  }

  #text(unproven: readonly SiteItem[]): TroubleText {
    const days = Math.round((this.#settings.provenWithinMs ?? 0) / DAY_MS);
    const names = unproven.map(fullName);
    const more = names.length - NAMED;
    const named = [...names.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].join('; ');
    const text = `Not proven within ${days} days: ${named}`;
    const listed = names.slice(0, NAMED_IN_DETAIL).join('; ');
    const unlisted = names.length - NAMED_IN_DETAIL;
    const detail = `${names.length} in all: ${listed}${unlisted > 0 ? `; ${unlisted} more` : ''}; run a walk test of them`;
    return { text, detail };
  }

  get #settings() {
    return walkTestSettings(this.#context.site);
  }

  #local(): { readonly day: number; readonly hour: number; readonly leftOfHourMs: number } {
    const { wallMs } = this.#context.now;
    const local = wallMs + this.#context.localOffsetMs(wallMs as WallMs);
    const ofDay = ((local % DAY_MS) + DAY_MS) % DAY_MS;
    return {
      day: Math.floor(local / DAY_MS),
      hour: Math.floor(ofDay / HOUR_MS),
      leftOfHourMs: HOUR_MS - (ofDay % HOUR_MS),
    };
  }

  /** Looks again at each full hour, because the clock may be set at any moment. */
  #await(): void {
    const { now, timers } = this.#context;
    const { leftOfHourMs } = this.#local();
    const waitMs = now.monoMs - this.#startedMs < FIRST_MS ? Math.min(leftOfHourMs, FIRST_MS) : leftOfHourMs;
    timers.set({ type: 'sensorWatch' }, after(now.monoMs, waitMs));
  }
}

/** `Main building, Floor 1, Rm 101 Reception, wb-101 panic (Intruder)` */
function fullName(item: SiteItem): string {
  const place = item.of === 'door' ? undefined : locationOf(item)?.text;
  return place === undefined ? itemName(item) : `${place}, ${itemName(item)}`;
}
