import { type Random, randomBelow } from '../../random.ts';
import type { SiteFiles } from '../life/life-shape.ts';
import { pick } from '../streams.ts';
import { chance } from './draw.ts';

interface Written {
  devices: { id: string; location: string; missedHeartbeats?: number }[];
  paths: { id: string; supervision?: Record<string, unknown> }[];
  plan?: unknown[];
  deadlines?: Record<string, unknown>;
  canary?: { device: string };
}

/** The same site as a person has changed it later: devices, paths, plans or deadlines. */
export function makeVariant({ site, keys }: SiteFiles, random: Random): SiteFiles {
  const changed = structuredClone(site) as unknown as Written;
  const { devices, paths } = changed;
  const movable = devices.filter(({ id }) => id !== changed.canary?.device);
  if (chance(random, 0.5) && movable.length > 1) {
    const gone = pick(random, movable).id;
    changed.devices = devices.filter(({ id }) => id !== gone);
  }
  if (chance(random, 0.4)) pick(random, changed.devices).missedHeartbeats = 2 + randomBelow(random, 4);
  if (chance(random, 0.3)) delete changed.plan;
  if (chance(random, 0.4)) changed.deadlines = { ...changed.deadlines, notConfirmedSeconds: 12 };
  if (chance(random, 0.4)) {
    const path = pick(random, paths);
    if (path.supervision !== undefined) path.supervision = { ...path.supervision, intervalSeconds: 600 };
  }
  if (chance(random, 0.2) && paths.length > 1) {
    changed.paths = paths.slice(0, -1);
    delete changed.plan;
  }
  return { site: changed as unknown as Record<string, unknown>, keys: keysOf(changed, keys) };
}

/** A key of nobody is a mistake. */
function keysOf({ devices, paths }: Written, keys: SiteFiles['keys']): SiteFiles['keys'] {
  const only = (section: string, ids: ReadonlySet<string>) => {
    const all = (keys[section] ?? {}) as Record<string, unknown>;
    const left = Object.entries(all).filter(([id]) => ids.has(id));
    return left.length === 0 ? {} : { [section]: Object.fromEntries(left) };
  };
  const { devices: _, paths: __, ...others } = keys;
  return {
    ...others,
    ...only('devices', new Set(devices.map(({ id }) => id))),
    ...only('paths', new Set(paths.map(({ id }) => id))),
  };
}
