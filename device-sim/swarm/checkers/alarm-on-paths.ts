import { isAlike } from '../../../gateway/core/is-alike.ts';
import type { Path, Site } from '../../../gateway/core/site.ts';

/** An alarm on one of the paths of its plan. */
export interface OnPath {
  path: Path;
  /** It has to be tried by then. */
  dueMs: number;
  /**
   * False: nobody was promised a try, but one may go ahead of the alarms that came later. Such an
   * alert is closed, or its records may have been lost with an earlier run.
   */
  isOwed: boolean;
  attempts: number;
  hasFailed: boolean;
}

/** An alarm that no receiver has. */
export interface Alarm {
  readonly id: string;
  /** In the order of the plan; those that start together are one group. */
  readonly groups: OnPath[][];
  readonly afterMs: readonly number[];
  isClosed: boolean;
}

export function pathsById(site: Site | undefined): ReadonlyMap<string, Path> {
  return new Map(site?.paths.map((path) => [path.id, path]));
}

/** Takes the paths of a changed site up; returns those that it changes. */
export function keepPaths({ groups }: Alarm, present: ReadonlyMap<string, Path>): readonly OnPath[] {
  const changed: OnPath[] = [];
  for (const [place, group] of groups.entries()) {
    groups[place] = group.filter(({ path }) => present.has(path.id));
    for (const onPath of groups[place]) {
      const path = present.get(onPath.path.id) ?? onPath.path;
      if (!isAlike(path, onPath.path)) changed.push(onPath);
      onPath.path = path;
    }
  }
  return changed;
}

/** It may be tried before an alarm that is raised now. */
export function isAhead(onPath: OnPath): boolean {
  return onPath.attempts === 0 && !isForgotten(onPath);
}

/** It was not tried in its time, and nobody was promised that. */
export function isForgotten({ isOwed, dueMs }: OnPath): boolean {
  return !isOwed && dueMs === Number.POSITIVE_INFINITY;
}

/** On a slow link alarms wait for each other, and gather. */
export function isSlow({ airTime, digest }: Path): boolean {
  return airTime !== undefined || digest !== undefined;
}
