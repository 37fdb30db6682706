import { after, earlier, LONG_AGO_MS, type MonoMs, type WallMs } from '../../../protocol/clocks.ts';
import { type DrillScope, parseScope } from '../../../protocol/drill-scope.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import type { Context } from '../context.ts';
import { drillDocument } from '../documents.ts';
import type { CommandAnswer } from '../effect.ts';
import { invariant } from '../invariant.ts';
import type { DrillRecord } from '../journal-record.ts';
import { drillReport } from '../make-report.ts';
import type { Report } from '../report.ts';
import { hasPlace, isWithin, overlap } from '../scope.ts';
import type { Device, Location } from '../site.ts';

/**
 * The remaining time of a drill is journalled this often. A restart must not extend the drill by
 * more.
 */
const WRITTEN_MS = 60_000;

interface Drill {
  readonly scope: string;
  readonly place: DrillScope;
  readonly startedAt: WallMs;
  readonly endsAt: WallMs;
  /** In an earlier run: long ago. */
  readonly startedMs: MonoMs;
  readonly endsMs: MonoMs;
  readonly by: string;
  readonly reason: string;
}

interface DrillRequest {
  readonly scope: string;
  readonly minutes: number;
  readonly by: string;
  readonly reason: string;
}

interface DrillDeps {
  submit(report: Report): void;
  /** Alerts of ended drills. */
  resolveDrillAlerts(): void;
  /** The scope of a walk test that covers a part of this place. */
  walkTestIn(place: DrillScope): string | undefined;
}

/**
 * The running drills. Presses within their scope are exercises; all others are real. A drill ends
 * on schedule, whatever happens to the gateway meanwhile. If the wall clock is wrong, the drill
 * ends at once: a real press reported as a drill may cost a life, and a drill reported as real
 * costs a telephone call.
 */
export class Drills {
  readonly #context: Context;
  readonly #deps: DrillDeps;
  readonly #running = new Map<string, Drill>();
  #count = 0;

  constructor(context: Context, deps: DrillDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  covers(device: Device): boolean {
    for (const { place } of this.#running.values()) if (isWithin(place, device)) return true;
    return false;
  }

  /** Does one cover a press of this device that is no older than that? What came before is real. */
  coversFrom(device: Device, earliestMs: MonoMs): boolean {
    for (const { place, startedMs } of this.#running.values()) {
      if (earliestMs >= startedMs && isWithin(place, device)) return true;
    }
    return false;
  }

  /** The scope of a drill that covers a part of this place. */
  within(place: DrillScope): string | undefined {
    for (const drill of this.#running.values()) {
      if (overlap(drill.place, place, this.#context.site)) return drill.scope;
    }
    return undefined;
  }

  /** Does a drill run anywhere, or in this building? */
  runs(building?: string): boolean {
    if (building === undefined) return this.#running.size > 0;
    for (const { place } of this.#running.values()) {
      if (place.kind === 'site' || ('building' in place && place.building === building)) return true;
      if (place.kind === 'device' && this.#locationOf(place.device)?.building === building) return true;
    }
    return false;
  }

  running(): Iterable<Pick<Drill, 'scope' | 'startedAt' | 'endsAt'>> {
    return this.#running.values();
  }

  start({ scope, minutes, by, reason }: DrillRequest): CommandAnswer {
    const place = parseScope(scope);
    if (place === undefined || !hasPlace(place, this.#context.site)) {
      return { ok: false, text: `there is nothing in this site that is ${scope}` };
    }
    const walkTest = this.#deps.walkTestIn(place);
    if (walkTest !== undefined) {
      return { ok: false, text: `a walk test runs in ${walkTest}: stop it first, with callpoint walk-test stop` };
    }
    const { monoMs, wallMs } = this.#context.now;
    const leftMs = minutes * 60_000;
    const drill = {
      scope,
      place,
      startedAt: wallMs,
      startedMs: monoMs,
      endsAt: after(wallMs, leftMs),
      endsMs: after(monoMs, leftMs),
      by,
      reason,
    };
    const replaced = this.#running.get(scope);
    // The journal keeps who ran the earlier drill, and when it ended.
    if (replaced !== undefined)
      this.#record({ ...replaced, by, reason: `replaced by another drill: ${reason}` }, 'ended');
    this.#running.set(scope, drill);
    this.#record(drill, 'running');
    this.#await(drill);
    this.#publish(drill, 'running');
    const instead = replaced === undefined ? {} : { replaces: replaced.reason, startedBy: replaced.by };
    this.#context.log('warn', 'drill.started', { scope, minutes, by, reason, ...instead });
    this.#announce(
      'running',
      `${scope}, ${minutes} min, by ${by}${replaced === undefined ? '' : ', replaces another'}`,
    );
    return { ok: true, text: `drill in ${scope} until ${isoTime(drill.endsAt)}${insteadOf(replaced)}` };
  }

  /** `all`: every running drill. */
  stop({ scope, by, reason }: Omit<DrillRequest, 'minutes'>): CommandAnswer {
    const ended = scope === 'all' ? [...this.#running.keys()] : this.#running.has(scope) ? [scope] : [];
    for (const each of ended) this.#end(each, { by, reason });
    if (ended.length === 0) return { ok: false, text: scope === 'all' ? 'no drill runs' : `no drill runs in ${scope}` };
    return { ok: true, text: `drill ended in ${ended.join(', ')}` };
  }

  /** The drill's timer has fired: the drill ends, or its remaining time is journalled again. */
  due(scope: string): void {
    const drill = this.#running.get(scope);
    invariant(drill !== undefined, `a drill is due that does not run: ${scope}`);
    if (this.#context.now.monoMs >= drill.endsMs) {
      this.#end(scope, { by: 'gateway', reason: 'its time is up' });
      return;
    }
    this.#record(drill, 'running');
    this.#await(drill);
  }

  /** Drills that ran when the gateway stopped, with their remaining time. */
  recover(records: readonly DrillRecord[]): void {
    const { monoMs, wallMs } = this.#context.now;
    for (const { scope, startedAt, endsAt, leftMs, by, reason, at } of records) {
      const place = parseScope(scope);
      const left = wallMs < at ? 0 : Math.min(leftMs, endsAt - wallMs);
      // A scope of another version: presses there are real. Records that are read late say less
      // than this run knows.
      if (place === undefined || this.#running.has(scope)) continue;
      const drill = {
        scope,
        place,
        startedAt,
        startedMs: LONG_AGO_MS,
        endsAt,
        endsMs: after(monoMs, left),
        by,
        reason,
      };
      this.#running.set(scope, drill);
      if (left <= 0) this.#end(scope, { by: 'gateway', reason: 'its time was up before this start' });
      else this.#await(drill);
    }
  }

  publishAll(): void {
    for (const drill of this.#running.values()) this.#publish(drill, 'running');
  }

  #end(scope: string, who: Pick<Drill, 'by' | 'reason'>): void {
    const running = this.#running.get(scope);
    invariant(running !== undefined, `a drill ends that does not run: ${scope}`);
    const drill = { ...running, ...who };
    this.#running.delete(scope);
    this.#context.timers.clear({ type: 'drill', scope });
    this.#record(drill, 'ended');
    this.#publish(drill, 'ended');
    this.#context.log('warn', 'drill.ended', { scope, ...who });
    this.#announce('ended', `${scope}, by ${who.by}: ${who.reason}`);
    this.#deps.resolveDrillAlerts();
  }

  #await({ scope, endsMs }: Drill): void {
    const { timers, now } = this.#context;
    timers.set({ type: 'drill', scope }, earlier(endsMs, after(now.monoMs, WRITTEN_MS)));
  }

  #record({ scope, startedAt, endsAt, endsMs, by, reason }: Drill, state: 'running' | 'ended'): void {
    const { monoMs, wallMs: at } = this.#context.now;
    const leftMs = state === 'ended' ? 0 : Math.max(0, Math.round(endsMs - monoMs));
    const key = `drill:${scope}`;
    const record = { t: 'drill', at, scope, state, startedAt, endsAt, leftMs, by, reason } as const;
    this.#context.journal(record, state === 'running' ? { holds: key } : { releases: key });
  }

  #publish(drill: Drill, state: 'running' | 'ended'): void {
    const endsAt = state === 'ended' ? this.#context.now.wallMs : drill.endsAt;
    const document = drillDocument({ ...drill, endsAt }, state);
    this.#context.publish({ kind: 'drill', document });
  }

  #announce(state: 'running' | 'ended', detail: string): void {
    this.#count += 1;
    const id = `drill.${this.#context.session}.${this.#count}`;
    this.#deps.submit(drillReport(id, state, detail, this.#context.now.wallMs));
  }

  #locationOf(device: string): Location | undefined {
    return this.#context.site.devices.get(device)?.location;
  }
}

/** An operator who starts a second drill may not know of the first. */
function insteadOf(replaced: Drill | undefined): string {
  if (replaced === undefined) return '';
  const { by, reason, endsAt } = replaced;
  return `; it replaces the one that ran until ${isoTime(endsAt)}, started by ${by}: ${reason}`;
}
