import type { Effect } from '../../../gateway/core/effect.ts';
import type { CoreInput } from '../../../gateway/core/input.ts';
import type { AlertRaised, JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { Outcome } from '../../../gateway/core/report.ts';
import type { Path } from '../../../gateway/core/site.ts';
import type { Observation } from '../observation.ts';
import { type Alarm, isAhead, isForgotten, isSlow, keepPaths, type OnPath, pathsById } from './alarm-on-paths.ts';
import type { Checker, CheckerDeps } from './checker.ts';

/**
 * The first byte leaves at once: earlier alarms may go ahead, and an attempt may have to give way.
 */
const FIRST_MS = 1_500;
/** A far end that has asked for a rest gets a new alarm this often; it may ask for so long. */
const RESTS_MS = 5_000;
const REST_MS_MAX = 300_000;
/** Beyond what the path's own bounds add up to. */
const SLACK_MS = 5_000;
/** Alarms that are tried although a path fails are so far apart. */
const GAP_MS = 250;

type Reload = Extract<CoreInput, { readonly type: 'reload' }>;

/**
 * Promise 2: the first byte of an alarm leaves at once, the next path joins when its time has come
 * or those before have failed, and an alarm that no receiver has is tried again within a bound.
 */
export class TriedInTime implements Checker {
  readonly promise = 'alarms are tried in time';
  readonly #deps: CheckerDeps;
  readonly #alarms = new Map<string, Alarm>();
  /** Alarms of earlier runs, until the gateway has read their records. */
  readonly #earlier = new Map<string, Alarm>();
  /** Attempts under way: the alarm and its path. */
  readonly #flights = new Map<number, { readonly report: string; readonly path: string }>();
  /** Until when a far end may be left alone, by path. */
  readonly #restsToMs = new Map<string, number>();
  #stalledToMs = 0;
  /** The earliest time at which something may be late. */
  #nextMs = Number.POSITIVE_INFINITY;

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    if (nowMs > this.#nextMs) this.#check(nowMs);
    if (observation.type === 'down') this.#down();
    else if (observation.type === 'up') {
      if (!observation.isBlind) this.#recovered(nowMs);
    } else if (observation.type === 'stalled') this.#stalled(observation.forMs, nowMs);
    else if (observation.type === 'effect') this.#effect(observation.effect, nowMs);
    else if (observation.type === 'input') this.#input(observation.input, nowMs);
  }

  #effect(effect: Effect, nowMs: number): void {
    if (effect.type === 'journal') this.#record(effect.entry.record, nowMs);
    else if (effect.type === 'publish' && effect.publication.kind === 'alert') {
      if (effect.publication.document.state === 'acknowledged') this.#alarms.delete(effect.publication.document.id);
    } else if (effect.type === 'send') {
      const { attempt, path, report } = effect.attempt;
      if (report?.class !== 'alarm') return;
      this.#flights.set(attempt, { report: report.id, path });
      this.#tried(report.id, path, nowMs);
    } else if (effect.type === 'abandon') this.#ended(effect.attempt, undefined, nowMs);
  }

  #input(input: CoreInput, nowMs: number): void {
    if (input.type === 'outcome') this.#ended(input.attempt, input.outcome, nowMs);
    else if (input.type === 'lateRecords') this.#recovered(nowMs);
    else if (input.type === 'reload') this.#reloaded(input, nowMs);
  }

  #record(record: JournalRecord, nowMs: number): void {
    if (record.t === 'alert') this.#raised(record, nowMs);
    else if (record.t === 'closed') this.#closed(record.alert);
    else if (record.t === 'settled') this.#alarms.delete(record.report);
    else if (record.t === 'outcome' && (record.outcome === 'receiverAcknowledged' || record.completes === true))
      this.#alarms.delete(record.report);
  }

  /** It still goes out, and its end after it. */
  #closed(id: string): void {
    const alarm = this.#alarms.get(id);
    if (alarm === undefined) return;
    alarm.isClosed = true;
    for (const onPath of alarm.groups.flat()) onPath.isOwed = false;
  }

  #down(): void {
    this.#flights.clear();
    for (const [id, alarm] of this.#alarms) this.#earlier.set(id, alarm);
    this.#alarms.clear();
  }

  /** Alarms of earlier runs go ahead of later ones, as far as their records were kept. */
  #recovered(nowMs: number): void {
    const recovered = [...this.#earlier.values()].filter(({ id }) => !this.#alarms.has(id));
    this.#earlier.clear();
    const present = pathsById(this.#deps.ledger.site);
    for (const alarm of recovered) {
      keepPaths(alarm, present);
      for (const onPath of alarm.groups.flat())
        Object.assign(onPath, { attempts: 0, isOwed: false, hasFailed: false, dueMs: Number.POSITIVE_INFINITY });
      this.#alarms.set(alarm.id, alarm);
    }
    for (const alarm of recovered) this.#begin(alarm, 0, nowMs);
  }

  /** What has not changed keeps its attempts under way; a changed path begins anew. */
  #reloaded({ site, reopened }: Reload, nowMs: number): void {
    const present = pathsById(site);
    for (const alarm of this.#alarms.values()) {
      const changed = new Set(keepPaths(alarm, present));
      for (const onPath of alarm.groups.flat())
        if (changed.has(onPath) || reopened.paths.has(onPath.path.id)) this.#beginAnew(onPath, nowMs);
    }
  }

  #beginAnew(onPath: OnPath, nowMs: number): void {
    const { path, attempts } = onPath;
    for (const [attempt, flight] of this.#flights) if (flight.path === path.id) this.#flights.delete(attempt);
    if (attempts > 0) this.#awaitRetry(onPath, nowMs);
    else if (!isSlow(path) && onPath.dueMs < Number.POSITIVE_INFINITY) {
      onPath.dueMs = Math.max(onPath.dueMs, nowMs + this.#firstMs(path, nowMs));
      this.#lookAt(onPath.dueMs);
    }
  }

  /** The process stands still: nothing of what was to be done by then can be done. */
  #stalled(forMs: number, nowMs: number): void {
    const moreMs = nowMs + forMs - Math.max(nowMs, this.#stalledToMs);
    this.#stalledToMs = Math.max(this.#stalledToMs, nowMs + forMs);
    for (const { groups } of this.#alarms.values())
      for (const onPath of groups.flat()) onPath.dueMs += Math.max(0, moreMs);
  }

  #raised({ id, kind, report }: AlertRaised, nowMs: number): void {
    const { site } = this.#deps.ledger;
    if (site === undefined) return;
    const groups: OnPath[][] = [];
    const afterMs: number[] = [];
    for (const { path: name, afterMs: gapMs } of (site.plans.get(kind) ?? site.plan).steps) {
      const path = site.paths.find(({ id }) => id === name);
      if (path === undefined || (path.liveOnly && report.exercise !== undefined)) continue;
      const onPath = { path, dueMs: Number.POSITIVE_INFINITY, isOwed: true, attempts: 0, hasFailed: false };
      const last = groups.at(-1);
      if (last === undefined || gapMs > 0) {
        groups.push([onPath]);
        afterMs.push(last === undefined ? 0 : gapMs);
      } else last.push(onPath);
    }
    const alarm = { id, groups, afterMs, isClosed: false };
    this.#alarms.set(id, alarm);
    this.#begin(alarm, 0, nowMs);
    // What is sent goes before the records of the same step.
    for (const { report, path } of [...this.#flights.values()]) if (report === id) this.#tried(id, path, nowMs);
  }

  /** The paths of this group are to be tried from now on. */
  #begin({ groups, afterMs }: Alarm, from: number, nowMs: number): void {
    let joinMs = nowMs;
    for (const [place, group] of groups.entries()) {
      if (place < from) continue;
      if (place > from) joinMs += afterMs[place] ?? 0;
      for (const onPath of group) {
        if (onPath.attempts > 0) continue;
        if (isSlow(onPath.path)) continue;
        onPath.dueMs = Math.min(onPath.dueMs, joinMs + this.#firstMs(onPath.path, nowMs));
        this.#lookAt(onPath.dueMs);
      }
    }
  }

  /** A first attempt keeps its slot until its time-out. */
  #firstMs({ id, parallel, attemptTimeoutMs }: Path, nowMs: number): number {
    const first = [...this.#flights.values()].filter(
      ({ report, path }) => path === id && (this.#onPath(report, path)?.attempts ?? 1) === 1,
    );
    const untried = [...this.#alarms.values()].filter((alarm) => {
      return alarm.groups.flat().some((onPath) => onPath.path.id === id && isAhead(onPath));
    });
    const gapMs = nowMs < (this.#restsToMs.get(id) ?? 0) ? RESTS_MS : GAP_MS;
    const ahead = first.length + untried.length - 1;
    return FIRST_MS + Math.ceil(Math.max(0, ahead) / parallel) * attemptTimeoutMs + untried.length * gapMs;
  }

  #tried(report: string, path: string, nowMs: number): void {
    const onPath = this.#onPath(report, path);
    if (onPath === undefined) return;
    onPath.attempts += 1;
    if (this.#alarms.get(report)?.isClosed === false) onPath.isOwed = true;
    this.#awaitRetry(onPath, nowMs);
  }

  #awaitRetry(onPath: OnPath, nowMs: number): void {
    if (isSlow(onPath.path)) return;
    const { retryMsMax, attemptTimeoutMsMax } = onPath.path;
    // While a path fails, its alarms share one slot.
    const turnsMs = attemptTimeoutMsMax * (1 + this.#alarms.size);
    const fromMs = Math.max(nowMs, this.#restsToMs.get(onPath.path.id) ?? 0);
    onPath.dueMs = fromMs + 2 * retryMsMax + turnsMs + SLACK_MS;
    this.#lookAt(onPath.dueMs);
  }

  /** @param outcome `undefined`: the gateway waits no longer */
  #ended(attempt: number, outcome: Outcome | undefined, nowMs: number): void {
    const flight = this.#flights.get(attempt);
    this.#flights.delete(attempt);
    const asksForRest = outcome?.type === 'failed' && outcome.retryAfterMs !== undefined;
    if (asksForRest && flight !== undefined) this.#restsToMs.set(flight.path, nowMs + REST_MS_MAX);
    const alarm = flight === undefined ? undefined : this.#alarms.get(flight.report);
    const onPath = flight === undefined ? undefined : this.#onPath(flight.report, flight.path);
    if (alarm === undefined || onPath === undefined) return;
    // Refused: the next try may be an hour away.
    if (outcome?.type === 'notUnderstood' || outcome?.type === 'wrongTime') onPath.dueMs = Number.POSITIVE_INFINITY;
    // A paging terminal can't distinguish a repeat from a second emergency.
    else if (outcome?.type === 'handedOver') onPath.dueMs = Number.POSITIVE_INFINITY;
    else if (outcome === undefined || outcome.type === 'failed') {
      onPath.hasFailed = true;
      this.#awaitRetry(onPath, nowMs);
      const place = alarm.groups.findIndex((group) => group.includes(onPath));
      const isLast = alarm.groups.slice(place + 1).every((group) => group.every(({ attempts }) => attempts === 0));
      if (isLast && (alarm.groups[place] ?? []).every(({ hasFailed }) => hasFailed))
        this.#begin(alarm, place + 1, nowMs);
    }
  }

  #onPath(report: string, path: string): OnPath | undefined {
    return this.#alarms
      .get(report)
      ?.groups.flat()
      .find((each) => each.path.id === path);
  }

  #lookAt(dueMs: number): void {
    this.#nextMs = Math.min(this.#nextMs, dueMs);
  }

  #check(nowMs: number): void {
    this.#nextMs = Number.POSITIVE_INFINITY;
    for (const { id, groups } of this.#alarms.values()) {
      for (const onPath of groups.flat()) {
        if (onPath.dueMs >= nowMs) this.#lookAt(onPath.dueMs);
        else {
          if (onPath.isOwed) this.#late(id, onPath, nowMs);
          onPath.dueMs = Number.POSITIVE_INFINITY;
        }
      }
      if (groups.flat().every(isForgotten)) this.#alarms.delete(id);
    }
  }

  #late(id: string, { path, attempts }: OnPath, nowMs: number): void {
    const since = attempts === 0 ? 'has not been tried' : `was tried ${attempts} times, and no more,`;
    this.#deps.broken(this.promise, `${id} ${since} on ${path.id} at ${Math.round(nowMs)} ms`);
  }
}
