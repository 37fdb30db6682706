import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reportText } from '../../gateway/core/report-text.ts';
import { recoveredState } from '../../gateway/core/restart/journal-replay.ts';
import { type Arrival, PathsLife } from './paths-life.ts';
import { AIR_TIME, CHARACTERS } from './paths-site.ts';
import { endedUnconfirmedMs, lateTries } from './tries.ts';

/**
 * Number of lives and first seed, the same in each run. For a search: `CALLPOINT_LIVES=10000
 * CALLPOINT_LIVES_SEED=7 npx vitest run test/simulation/paths-promises.test.ts`
 */
const { CALLPOINT_LIVES = '30', CALLPOINT_LIVES_SEED = '4' } = process.env;
const LIVES = { numRuns: Number(CALLPOINT_LIVES), seed: Number(CALLPOINT_LIVES_SEED), endOnFailure: true };
const SEED = fc.integer({ min: 1, max: 2 ** 31 });
/** Number of lives that stay in memory. With more, one test checks each life once. */
const KEPT_LIVES_MAX = 100;
/** Every property checks the same lives, because simulating them takes most of the time. */
const lived = new Map<number, PathsLife>();

function lifeOf(seed: number): PathsLife {
  const known = lived.get(seed);
  if (known !== undefined) return known;
  const life = new PathsLife(seed);
  life.live(12);
  lived.set(seed, life);
  return life;
}

const promises = new Map<string, (life: PathsLife) => void>();

function inEveryLife(name: string, promise: (life: PathsLife) => void): void {
  promises.set(name, promise);
  if (LIVES.numRuns > KEPT_LIVES_MAX) return;
  test(name, () => {
    fc.assert(
      fc.property(SEED, (seed) => promise(lifeOf(seed))),
      LIVES,
    );
  });
}

/** A publication shortly before a crash may not be durable. */
function crashedSoonAfter({ crashes }: PathsLife, ms: number): boolean {
  return crashes.some(({ downMs }) => downMs >= ms && downMs <= ms + 2500);
}

/** The report, or one about it. A far end may accept in one state what it refuses in another. */
function hasRefused({ world }: PathsLife, path: string, about: string): boolean {
  const refusals = world.outcomes.filter((each) => each.path === path && each.type === 'notUnderstood');
  return refusals.some(({ report }) => report === about || report?.startsWith(`${about}.`));
}

function firstArrival(life: PathsLife, path: string, report: string): Arrival | undefined {
  return life.arrivals.find((each) => each.path === path && each.report.id === report);
}

/**
 * The troubles that still stand, except one kind: a refused report ends only when another is
 * accepted. On a path without test events, that takes a real report.
 */
function troublesOf({ world, site }: PathsLife): string[] {
  const unproven = site.paths.flatMap(({ id, supervision: { mode }, liveOnly }) => {
    const refusals = [`pathRefuses.${id}`, `clockRefused.${id}`];
    if (mode === 'off') return [`pathDown.${id}`, `clockDiffers.${id}`, ...refusals];
    return mode === 'null' || liveOnly ? refusals : [];
  });
  return [...world.troubles].filter((each) => !unproven.includes(each));
}

inEveryLife('no press is lost: each is acknowledged, and those that were closed are over', (life) => {
  const alerts = new Map(life.alerts().map((alert) => [alert.id, alert]));
  for (const [id, press] of life.pressed) {
    if (press.inDrill.size > 0) expect(alerts.get(id), id).toBeDefined();
  }
  const kept = recoveredState(life.world.journal.records);
  const content = (kind: string) => (life.site.plans.get(kind) ?? life.site.plan).done === 'handedOver';
  const handed = kept.alerts.filter(({ deliveries }) =>
    [...deliveries.values()].some((each) => each.done === 'handedOver'),
  );
  for (const { id, state, not_confirmed, mode, kind } of alerts.values()) {
    const handedOver = content(kind) && handed.some(({ raised }) => raised.id === id);
    if (mode === 'live')
      expect(state === 'acknowledged' || state === 'resolved' || state === 'cancelled' || handedOver, id).toBe(true);
    // No receiver has confirmed such an alert, and that stays said.
    if (endedUnconfirmedMs(life, id) === undefined) expect(not_confirmed, id).toBe(false);
  }
  expect(kept.reports.map(({ report }) => report.id)).toEqual([]);
  expect(kept.alerts.filter((each) => each.closed !== undefined).map(({ raised }) => raised.id)).toEqual([]);
  const open = kept.alerts.map(({ raised }) => `alert:${raised.id}`);
  const held = [...life.world.journal.held().keys()].filter((key) => !/^(trouble|proven):/.test(key));
  expect(held.sort()).toEqual(['counters', ...open].sort());
});

inEveryLife('NOT CONFIRMED is said at the deadline, whatever happened meanwhile', (life) => {
  expect(life.unflagged).toEqual([]);
});

inEveryLife('an unacknowledged alarm is tried again in time on each path of its plan, whatever was said', (life) => {
  expect(lateTries(life)).toEqual([]);
});

inEveryLife('once all is well no trouble stands, and no exercise is left open', (life) => {
  expect(troublesOf(life)).toEqual([]);
  for (const { mode, state, id } of life.alerts()) {
    if (mode === 'drill') expect(state, id).toMatch(/resolved|cancelled/);
  }
});

inEveryLife('a drill is a drill end to end, and what is real is never taken for one', (life) => {
  const liveOnly = new Set(life.site.paths.flatMap(({ id, liveOnly: is }) => (is ? [id] : [])));
  for (const { path, report } of life.world.attempts) {
    if (report.exercise !== undefined) {
      expect(liveOnly.has(path), `${report.id} on ${path}`).toBe(false);
      expect(report.text.startsWith(`${report.exercise.toUpperCase()}: `), report.text).toBe(true);
      expect(['RX', 'TS', 'TE', 'RP']).toContain(report.sia);
    } else expect(report.text).not.toMatch(/^(DRILL|TEST)/);
    const inDrill = life.pressed.get(report.alert?.id ?? '')?.inDrill;
    // A press that may have waited since before the drill is real.
    const mayBeOlder = report.exercise === undefined && report.alert?.ageSecondsMax !== undefined;
    if (inDrill !== undefined && !mayBeOlder) expect([...inDrill], report.id).toContain(report.exercise === 'drill');
  }
  const roomsOf = (text: string) => (/more, Rm (.*)$/.exec(text)?.[1] ?? '').replace(' ...', '').split(', ');
  for (const { report } of life.world.attempts) {
    if (!report.id.startsWith('digest.')) continue;
    const ids = [...life.pressed].filter(([id]) => roomsOf(report.text).includes(id.slice(3, 6)));
    expect(
      ids.some(([, { inDrill }]) => inDrill.has(report.exercise === 'drill')),
      report.text,
    ).toBe(true);
  }
});

inEveryLife('what a far end has said it has is not sent to it again', (life) => {
  const { attempts, outcomes } = life.world;
  for (const { path, report, type, atMs } of outcomes) {
    if (report === undefined || (type !== 'receiverAcknowledged' && type !== 'handedOver')) continue;
    if (crashedSoonAfter(life, atMs)) continue;
    const again = attempts.filter((each) => each.path === path && each.report.id === report && each.atMs > atMs);
    expect(again, `${report} on ${path}`).toEqual([]);
  }
});

inEveryLife('the end of an alert is told on each path that may have brought it to a receiver', (life) => {
  const tried = new Map<string, Set<string>>();
  for (const each of life.kept) {
    const [report = '', path = ''] = each.split(' ');
    tried.set(report, (tried.get(report) ?? new Set()).add(path));
  }
  for (const { path, report } of life.world.attempts) {
    const last = life.crashes.at(-1)?.upMs ?? 0;
    const { atMs } = life.world.attempts.find((each) => each.report === report) ?? { atMs: 0 };
    if (report.class === 'alarm' && atMs >= last) tried.set(report.id, (tried.get(report.id) ?? new Set()).add(path));
  }
  for (const { id, state } of life.alerts()) {
    if (state !== 'resolved' && state !== 'cancelled') continue;
    const closing = `${id}.${state === 'resolved' ? 'restore' : 'cancel'}`;
    for (const path of tried.get(id) ?? []) {
      if (hasRefused(life, path, id)) continue;
      expect(firstArrival(life, path, closing), `${closing} on ${path}`).toBeDefined();
    }
  }
});

inEveryLife('on no path is an end or an update heard before what it is about, nor anything after the end', (life) => {
  for (const arrival of life.arrivals) {
    const { path, report, atMs } = arrival;
    if (report.class !== 'cancel' && report.class !== 'restore') continue;
    if (report.alert === undefined || firstArrival(life, path, report.id) !== arrival) continue;
    if (crashedSoonAfter(life, atMs)) continue;
    for (const other of life.arrivals) {
      if (other.path !== path || other.report === report || other.report.alert?.id !== report.alert.id) continue;
      expect(other.atMs, `${other.report.id} after ${report.id} on ${path}`).toBeLessThanOrEqual(atMs);
    }
  }
  for (const { id: path } of life.site.paths) {
    const newest = new Map<string, { readonly number: number; readonly atMs: number }>();
    for (const { path: on, report, atMs } of life.arrivals) {
      if (on !== path || report.class !== 'update') continue;
      const [, alert = '', session = '', count = ''] = /^(.*)\.doors\.(\d+)\.(\d+)$/.exec(report.id) ?? [];
      const number = Number(session) * 10_000 + Number(count);
      const before = newest.get(alert);
      if (before !== undefined && !crashedSoonAfter(life, before.atMs)) {
        expect(number, report.id).toBeGreaterThanOrEqual(before.number);
      }
      newest.set(alert, { number, atMs });
    }
  }
});

inEveryLife('in the end each open lockdown is known with its doors as they are, where updates are taken', (life) => {
  const cap = life.arrivals.filter(({ path, report }) => path === 'cap' && report.alert !== undefined);
  for (const { id, state, building } of life.alerts()) {
    const told = cap.filter(({ report }) => report.alert?.id === id);
    const last = told.at(-1)?.report.alert;
    if (last?.doors === undefined || crashedSoonAfter(life, told[0]?.atMs ?? 0)) continue;
    if (hasRefused(life, 'cap', id) || state === 'resolved' || state === 'cancelled') continue;
    const now = life.site.doors
      .filter((door) => door.building === building)
      .flatMap(({ id: door }) => {
        const { state: is } = (life.world.published.get(`door/${door}/state`) ?? {}) as { state?: string };
        return is === 'secured' ? [] : [`${door} ${is}`];
      });
    expect(
      last.doors.map((each) => `${each.id} ${each.state}`),
      id,
    ).toEqual(now);
    expect(life.world.published.get(`alert/${id}`)).toMatchObject({
      doors_not_secured: last.doors.map((door) => ({ door: door.id, name: door.name, state: door.state })),
    });
  }
});

inEveryLife('a shared channel keeps to its air time, and what it repeated rests', (life) => {
  const sends = life.world.attempts.filter(({ path, isSent }) => path === 'radio' && isSent);
  const runOf = (atMs: number) => life.crashes.filter(({ upMs }) => upMs <= atMs).length;
  const cost = (characters: number) => AIR_TIME.messageMs + characters * AIR_TIME.characterMs;
  for (const { atMs } of sends) {
    const within = sends.filter(
      (each) => each.atMs >= atMs && each.atMs < atMs + AIR_TIME.windowMs && runOf(each.atMs) === runOf(atMs),
    );
    const spent = within.reduce((sum, { report }) => sum + cost(reportText(report, CHARACTERS).length), 0);
    // A first alarm may exceed the budget by one message.
    expect(spent).toBeLessThanOrEqual(AIR_TIME.budgetMs + cost(CHARACTERS));
  }
  const inRow = new Map<string, number>();
  const lastMs = new Map<string, number>();
  for (const { report, atMs } of sends) {
    const key = `${runOf(atMs)} ${report.id}`;
    const count = inRow.get(key) ?? 0;
    const since = atMs - (lastMs.get(key) ?? Number.NEGATIVE_INFINITY);
    if (runOf(atMs) === 0 && count > 0 && count % AIR_TIME.repeatsMax === 0) {
      expect(since, `${report.id} rests`).toBeGreaterThanOrEqual(AIR_TIME.restMs);
    }
    inRow.set(key, count + 1);
    lastMs.set(key, atMs);
  }
});

inEveryLife('once all is well the paths and the journal come to rest', (life) => {
  const late = life.fairMs + 600_000;
  const sends = life.world.attempts.filter(({ atMs, report }) => atMs > late && report.alert !== undefined);
  expect(sends.map(({ path, report }) => `${report.id} on ${path}`)).toEqual([]);
  const before = life.world.written;
  life.world.run(600_000);
  expect(life.world.written - before).toBeLessThan(400);
});

test.runIf(LIVES.numRuns > KEPT_LIVES_MAX)(
  'every promise holds in every life',
  () => {
    const allHold = (seed: number) => {
      const life = new PathsLife(seed);
      life.live(12);
      for (const [name, promise] of promises) {
        try {
          promise(life);
        } catch (error) {
          throw new Error(`seed ${seed}: ${name}`, { cause: error });
        }
      }
    };
    fc.assert(fc.property(SEED, allHold), LIVES);
  },
  LIVES.numRuns * 1000,
);
