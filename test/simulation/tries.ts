import type { Path, Plan } from '../../gateway/core/site.ts';
import type { PathsLife } from './paths-life.ts';

/**
 * Longest rest that a far end may ask for before an alarm is tried again
 * (hardware/links/README.md).
 */
const ASKED_MS_MAX = 300_000;
const CONTENT_MS_MAX = 3_600_000;
/** Longest time to an answer in the states of a simulated far end that answers. */
const ANSWER_MS_MAX = 1_600;
const ALARM_GAP_MS = 250;
/** An attempt that takes longer gets no answer. */
const SLACK_MS = 1_000;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Returns as text where an unacknowledged alarm was not retried in time on a path of its plan. In
 * time means within the path's longest wait plus the duration of the other open alarms' attempts.
 * Time in which the far end left an attempt unanswered does not count, nor does a rest that it
 * asked for.
 */
export function lateTries(life: PathsLife): string[] {
  return runsOf(life).flatMap((run) => [...openAlarms(life, run)].flatMap((alarm) => lateTriesOf(life, run, alarm)));
}

/** Time from one start of the gateway to its end. */
function runsOf({ crashes, world }: PathsLife): Span[] {
  const starts = [0, ...crashes.map(({ upMs }) => upMs)];
  const ends = [...crashes.map(({ downMs }) => downMs), world.clock.nowMs];
  return starts.map((fromMs, place) => ({ fromMs, toMs: ends[place] ?? fromMs }));
}

interface OpenAlarm extends Span {
  readonly id: string;
  readonly isDrill: boolean;
  readonly plan: Plan;
}

/** Time from its first attempt in the run to its acknowledgement. */
function* openAlarms(life: PathsLife, run: Span): Iterable<OpenAlarm> {
  const { world, site } = life;
  const seen = new Set<string>();
  for (const { report, atMs } of world.attempts) {
    if (report.class !== 'alarm' || report.id.startsWith('digest.') || seen.has(report.id)) continue;
    if (atMs < run.fromMs || atMs > run.toMs) continue;
    seen.add(report.id);
    const doneMs = world.doneMs.get(report.id) ?? endedUnconfirmedMs(life, report.id);
    const toMs = Math.min(run.toMs, doneMs ?? Number.POSITIVE_INFINITY);
    const plan = site.plans.get(report.alert?.kind ?? '') ?? site.plan;
    yield { id: report.id, isDrill: report.exercise !== undefined, plan, fromMs: atMs, toMs };
  }
}

/**
 * When the alarm of a closed alert ended without a receiver, because every path had refused its
 * content or handed it over; `undefined`: it did not end so.
 */
export function endedUnconfirmedMs(life: PathsLife, id: string): number | undefined {
  const alert = life.alerts().find((each) => each.id === id);
  if (alert === undefined || (alert.state !== 'resolved' && alert.state !== 'cancelled')) return undefined;
  const own = life.world.outcomes.filter(({ report }) => report === id);
  const hasRefused = (path: string) => own.some((each) => each.path === path && each.type === 'notUnderstood');
  const hasEnded = Object.entries(alert.paths).every(([path, { state }]) => state === 'handedOver' || hasRefused(path));
  return hasEnded ? own.at(-1)?.atMs : undefined;
}

function lateTriesOf(life: PathsLife, run: Span, alarm: OpenAlarm): string[] {
  const late: string[] = [];
  let joinMs = alarm.fromMs;
  for (const step of alarm.plan.steps) {
    const path = life.site.paths.find(({ id }) => id === step.path);
    joinMs += step.afterMs;
    // A handed-over attempt is done. A slow link reports several alarms in one text.
    if (path === undefined || path.id === 'pager' || (path.liveOnly && alarm.isDrill)) continue;
    const times = triesOf(life, path, alarm.id, run).filter((atMs) => atMs <= alarm.toMs);
    for (const [place, fromMs] of [joinMs, ...times].entries()) {
      const toMs = times[place] ?? alarm.toMs;
      const waitedMs = toMs - fromMs - unansweredMs(life, path, { fromMs, toMs });
      const mostMs = longestWaitMs(life, path, alarm, fromMs);
      if (waitedMs > mostMs) late.push(`${alarm.id} on ${path.id} at ${fromMs} for ${waitedMs} > ${mostMs}`);
    }
  }
  return late;
}

function triesOf({ world }: PathsLife, path: Path, alarm: string, { fromMs, toMs }: Span): number[] {
  const isTry = (id: string) => (path.digest === undefined ? id === alarm : true);
  return world.attempts
    .filter((each) => each.path === path.id && each.atMs >= fromMs && each.atMs <= toMs)
    .filter(({ report }) => report.class === 'alarm' && isTry(report.id))
    .map(({ atMs }) => atMs);
}

function longestWaitMs({ world, pressed, site }: PathsLife, path: Path, { id }: OpenAlarm, fromMs: number): number {
  const before = world.outcomes.filter((each) => each.path === path.id && each.atMs <= fromMs + 2 * ANSWER_MS_MAX);
  const rounds = before.filter(({ report, type }) => report === id && type === 'notUnderstood').length;
  const ownMs = Math.max(path.retryMsMax, Math.min(CONTENT_MS_MAX, path.retryMs * 2 ** rounds));
  const turnsMs = pressed.size * (ALARM_GAP_MS + ANSWER_MS_MAX);
  const air = path.airTime;
  const airMs = air === undefined ? 0 : air.windowMs + air.restMs;
  return ownMs + askedMs(world, path, fromMs) + turnsMs + airMs + SLACK_MS + site.deadlines.nextPathMs;
}

/** Returns the longest rest that the far end asked for before the next try was due. */
function askedMs({ outcomes }: PathsLife['world'], path: Path, fromMs: number): number {
  const asked = outcomes.filter((each) => each.path === path.id && each.retryAfterMs > 0);
  const inForce = asked.filter(({ atMs }) => atMs > fromMs - ASKED_MS_MAX && atMs < fromMs + ASKED_MS_MAX);
  return inForce.length === 0
    ? 0
    : Math.max(...inForce.map(({ retryAfterMs }) => Math.min(ASKED_MS_MAX, retryAfterMs)));
}

/** Returns the time within the span in which an attempt on the path waited for a late answer. */
function unansweredMs({ world }: PathsLife, path: Path, { fromMs, toMs }: Span): number {
  let sum = 0;
  let countedToMs = fromMs;
  for (const { path: on, startMs, endMs } of world.flights) {
    if (on !== path.id || endMs - startMs <= ANSWER_MS_MAX) continue;
    const from = Math.max(startMs, countedToMs);
    const to = Math.min(endMs, toMs);
    if (to <= from) continue;
    sum += to - from;
    countedToMs = to;
  }
  return sum;
}
