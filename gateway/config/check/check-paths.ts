import type { Ports } from '../fields/ports.ts';
import { Unique } from '../fields/unique.ts';
import { isPathDriverName, pathDriverNamed } from '../paths/path-drivers.ts';
import type { View } from '../read/view.ts';

/**
 * Checks paths for duplicates, and each by its driver. The schema requires at least one.
 *
 * @returns the ids of the paths
 */
export function checkPaths(site: View, ports: Ports): readonly string[] {
  const ids = new Unique('give each path a name of its own');
  const receivers = new Map<string, string>();
  for (const path of site.list('paths')) {
    ids.add(path, 'id', path.text('id'), `path ${path.text('id')}`);
    const supervision = path.child('supervision');
    if (supervision.text('mode') === 'off') {
      supervision.warn('mode', 'nobody would notice that this path is dead before it is needed', 'write mode: auto');
    }
    if (supervision.text('mode') === 'test' && path.flag('liveOnly') === true) {
      const hint = 'write mode: null, or leave liveOnly away';
      supervision.wrong('mode', 'test events would go over a path that is kept free of tests', hint);
    }
    const name = path.text('driver');
    if (!isPathDriverName(name)) continue;
    const driver = pathDriverNamed(name);
    driver.check(path, ports);
    const receiver = driver.receiver(path);
    if (receiver === undefined) continue;
    const first = receivers.get(receiver);
    if (first === undefined) receivers.set(receiver, path.where('id'));
    else
      path.warn(
        'host',
        `the path at ${first} leads to the same receiver`,
        'a second path should not share what can break',
      );
  }
  checkLive(site);
  return ids.values();
}

/** Where every path is live-only, nobody can see a drill arrive. */
function checkLive(site: View): void {
  const paths = site.list('paths');
  if (paths.length === 0 || paths.some((path) => path.flag('liveOnly') !== true)) return;
  paths[0]?.warn(
    'liveOnly',
    'no path takes drills or tests: none can be seen to arrive',
    'leave one path open to them',
  );
}
