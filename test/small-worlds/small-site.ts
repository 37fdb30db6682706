import type { Site } from '../../gateway/core/site.ts';
import { device, inTurn, path, site } from '../simulation/site.ts';

/** So long that no poll falls into the time that is searched, ms. */
const POLL_MS = 300_000;

/**
 * Two buttons and two paths: the second joins after 3 s, or races with the first.
 *
 * @param parallel attempts that a path has under way at once
 */
export function smallSite(plan: 'inTurn' | 'race', parallel: number): Site {
  const supervision = { mode: 'auto', intervalMs: POLL_MS, testIntervalMs: POLL_MS, downAfter: 2, upAfter: 2 } as const;
  const paths = ['central', 'backup'].map((id) => path(id, { parallel, supervision }));
  const devices = [device(101), device(102)];
  return { ...site(devices, paths), plan: inTurn(paths, plan === 'race' ? 0 : undefined) };
}
