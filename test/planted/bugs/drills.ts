import type { PlantedBug } from '../planted-bug.ts';

/** Drills are drills end to end, and hide no real press. */
export const DRILL_BUGS: readonly PlantedBug[] = [
  {
    name: 'drill-goes-to-a-live-path',
    wrong: 'A drill is sent over a path that is for real alerts only.',
    file: 'gateway/core/delivery/route.ts',
    find: `  if (path.liveOnly && exercise !== undefined) return false;`,
    replace: '',
  },
  {
    name: 'drill-takes-the-route-of-a-real-alarm',
    wrong: 'A drill takes the route that was found for a real alarm of its kind, live-only paths included.',
    file: 'gateway/core/delivery/route.ts',
    find: `    if (report.exercise !== undefined) return plannedRoute(report, site);`,
    replace: '',
  },
  {
    name: 'drill-never-ends',
    wrong: 'Nothing ends a drill when its time is up: real presses are reported as drills.',
    file: 'gateway/core/alerts/drills.ts',
    find: `    this.#await(drill);
    this.#publish(drill, 'running');`,
    replace: `    this.#publish(drill, 'running');`,
  },
  {
    name: 'restart-begins-the-drill-anew',
    wrong: 'A restart gives a drill its whole time again: real presses are reported as drills.',
    file: 'gateway/core/alerts/drills.ts',
    find: `        endsMs: after(monoMs, left),`,
    replace: `        endsMs: after(monoMs, endsAt - startedAt),`,
  },
  {
    name: 'drill-ends-are-not-written',
    wrong: 'The end of a drill is not written to the journal: a restart begins it again.',
    file: 'gateway/core/alerts/drills.ts',
    find: `    this.#record(drill, 'ended');
    this.#publish(drill, 'ended');`,
    replace: `    this.#publish(drill, 'ended');`,
  },
  {
    name: 'drill-covers-the-whole-site',
    wrong: 'A drill in one building makes drills of the presses in all others.',
    file: 'gateway/core/alerts/drills.ts',
    find: `      if (earliestMs >= startedMs && isWithin(place, device)) return true;`,
    replace: `      if (earliestMs >= startedMs) return true;`,
  },
  {
    name: 'drill-hides-a-long-press',
    wrong: 'A long press during a drill is a drill, although the site says that long presses are always real.',
    file: 'gateway/core/alerts/exercises.ts',
    find: `return drills.covers(device) && !site.drillOverride.has(pattern) ? began : undefined;`,
    replace: `return drills.covers(device) && (site.drillOverride.size >= 0 || pattern === 'hold') ? began : undefined;`,
  },
  {
    name: 'drill-alerts-stay-open',
    wrong: 'The alerts of a drill stay open when it ends.',
    file: 'gateway/core/alerts/drills.ts',
    find: `    this.#deps.resolveDrillAlerts();`,
    replace: '',
  },
  {
    name: 'drill-has-the-code-of-an-alarm',
    wrong: 'A drill is sent with the code of a real alarm, and the desk displays it as one.',
    file: 'gateway/core/make-report.ts',
    find: `const { sia, contactId } = exercise === undefined ? kind : EXERCISE;`,
    replace: `const { sia, contactId } = kind;`,
  },
  {
    name: 'end-of-a-drill-has-the-code-of-a-restoral',
    wrong: 'The end of a drill alert is sent with the code of a real restoral.',
    file: 'gateway/core/make-report.ts',
    find: `    ...(exercise === undefined ? codes : EXERCISE),`,
    replace: `    ...codes,`,
  },
];
