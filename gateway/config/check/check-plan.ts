import { isPathDriverName, pathDriverNamed } from '../paths/path-drivers.ts';
import { suggest } from '../read/nearest.ts';
import type { View } from '../read/view.ts';

/** Compares the plan of paths, the drills and the canary with what they name. */
export function checkPlan(site: View, kinds: readonly string[], paths: readonly string[]): void {
  const planned = new Map<string, string>();
  const named = new Set<string>();
  for (const plan of site.list('plan')) {
    for (const key of plan.items('kinds').keys()) {
      const kind = plan.items('kinds').text(key);
      if (kind === undefined) continue;
      if (kind !== 'all' && !kinds.includes(kind)) {
        plan.items('kinds').wrong(key, `there is no kind ${kind}`, suggest(kind, kinds, 'add it under kinds:'));
      }
      const first = planned.get(kind);
      if (first === undefined) planned.set(kind, plan.where('kinds'));
      else plan.wrong('kinds', `the plan for ${kind} stands at ${first} already`, 'name each kind once');
    }
    const steps = checkSteps(plan, paths);
    for (const path of steps) named.add(path);
    if (plan.text('done') !== 'handedOver') checkAcknowledges(site, [...steps], plan, 'start');
    else {
      const message = 'alerts count as delivered although no receiver has said so';
      plan.warn('done', message, 'write it only where no path of the plan can acknowledge');
    }
  }
  if (planned.has('all')) checkUnused(site, named);
  else checkAcknowledges(site, paths, site, 'paths');
}

function handsOver(path: View): boolean {
  const name = path.text('driver');
  return isPathDriverName(name) && pathDriverNamed(name).handsOver?.(path) === true;
}

/**
 * Without a path that can acknowledge, every alert ends NOT CONFIRMED, and people would soon ignore
 * that.
 */
function checkAcknowledges(site: View, steps: readonly string[], view: View, key: string): void {
  const drivers = site.list('paths').filter((path) => steps.includes(path.text('id') ?? ''));
  if (drivers.length === 0 || !drivers.every(handsOver)) return;
  const message = 'no path here can tell that a receiver has the alert: each would end NOT CONFIRMED';
  view.warn(key, message, 'add a path that acknowledges, or write done: handedOver in its plan');
}

/** A path that no plan names never carries a report, whatever its place in `paths:`. */
function checkUnused(site: View, used: ReadonlySet<string>): void {
  for (const path of site.list('paths')) {
    const id = path.text('id');
    if (id === undefined || used.has(id)) continue;
    path.warn(
      'id',
      `no plan names ${id}: no alert goes there`,
      'name it under start: or join: of a plan, or remove it',
    );
  }
}

/** @returns the paths that the plan names */
function checkSteps(plan: View, paths: readonly string[]): ReadonlySet<string> {
  const used = new Set<string>();
  const check = (view: View, key: string) => {
    const path = view.text(key);
    if (path === undefined) return;
    if (!paths.includes(path)) view.wrong(key, `there is no path ${path}`, suggest(path, paths, 'add it under paths:'));
    else if (used.has(path)) view.wrong(key, `${path} is in this plan twice`, 'name each path once');
    used.add(path);
  };
  const start = plan.items('start');
  for (const key of start.keys()) check(start, key);
  for (const joining of plan.list('join')) check(joining, 'path');
  return used;
}

export function checkCanary(site: View): void {
  if (!site.has('canary')) return;
  const canary = site.child('canary');
  const devices = site.list('devices');
  const device = devices.find((each) => each.text('id') === canary.text('device'));
  const name = canary.text('device');
  if (name !== undefined && device === undefined) {
    const known = devices.flatMap((each) => each.text('id') ?? []);
    canary.wrong('device', `there is no device ${name}`, suggest(name, known, 'add it under devices:'));
  }
  const button = canary.text('button');
  const buttons = device?.list('buttons').flatMap((each) => each.text('id') ?? []) ?? [];
  if (device !== undefined && button !== undefined && !buttons.includes(button)) {
    canary.wrong('button', `${name} has no button ${button}`, suggest(button, buttons, 'name one of its buttons'));
  }
  const output = canary.text('output');
  const outputs = site.list('outputs');
  const found = outputs.find((each) => each.text('id') === output);
  if (output !== undefined && found === undefined) {
    const known = outputs.flatMap((each) => each.text('id') ?? []);
    canary.wrong('output', `there is no output ${output}`, suggest(output, known, 'add it under outputs:'));
  } else if (found !== undefined && found.text('shows') !== 'canary') {
    found.wrong('shows', `${output} presses the canary`, 'write shows: canary');
  }
  for (const path of site.list('paths')) {
    if (!handsOver(path) || path.flag('liveOnly') === true) continue;
    const message = `each canary press goes to the people behind ${path.text('id')}`;
    path.warn('driver', message, 'write liveOnly: true if that is not wanted');
  }
}
