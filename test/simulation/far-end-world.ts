import type { Attempt, Outcome } from '../../gateway/core/report.ts';
import type { Path, Plan } from '../../gateway/core/site.ts';
import type { PathDocument } from '../../protocol/mqtt-documents.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, inTurn, path, site } from './site.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const ACKNOWLEDGED: Outcome = { type: 'receiverAcknowledged' };
export const REFUSED: Outcome = { type: 'failed', reason: 'refused', detail: 'HTTP 503' };
export const CUT_OFF: Outcome = { type: 'failed', reason: 'unreachable', detail: 'no route' };
export const NO_CONTENT: Outcome = { type: 'notUnderstood', detail: 'SIP 415' };

export type FarEnd = (attempt: Attempt, tries: number, world: SensorWorld) => Outcome | undefined;

/** A site with these paths. `farEnds` by path; one that is not named acknowledges everything. */
export function worldWith(paths: readonly Path[], farEnds: Record<string, FarEnd>, plan: Plan = inTurn(paths)) {
  const world = new SensorWorld({
    ...site(
      [101, 102].map((room) => device(room, { heartbeatMs: 0 })),
      paths,
    ),
    plan,
  });
  const answer = (attempt: Attempt) => {
    const tries = world.attempts.filter(
      ({ path, report }) => path === attempt.path && report.id === attempt.report?.id,
    );
    const outcome = (farEnds[attempt.path] ?? (() => ACKNOWLEDGED))(attempt, tries.length, world);
    return outcome === undefined ? undefined : { afterMs: 2, outcome };
  };
  // Its first polls left with the construction.
  world.crash();
  world.attempts.length = 0;
  world.receive = answer;
  world.start();
  world.run(25 * SECOND);
  return world;
}

export const central = (changes: Partial<Path> = {}) => path('central', { retryMsMax: 30_000, ...changes });
export const polls = (mode: 'null' | 'auto' | 'test') =>
  ({ mode, intervalMs: 20_000, testIntervalMs: 300_000, downAfter: 2, upAfter: 2 }) as const;
export const isPoll = ({ report }: Attempt) => report === undefined;
export const isAlarm = ({ report }: Attempt) => report?.class === 'alarm';

export function triesOf(world: SensorWorld, report: string, over = 'central'): number[] {
  return world.attempts.filter((each) => each.path === over && each.report.id === report).map(({ atMs }) => atMs);
}

export function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((atMs, place) => atMs - (times[place] ?? Number.NaN));
}

export function linkOf(world: SensorWorld, id = 'central'): PathDocument {
  return world.published.get(`link/${id}/status`) as PathDocument;
}

export const stateOf = (world: SensorWorld, alert: string) =>
  (world.published.get(`alert/${alert}`) as { state: string }).state;
