import type { Plan, PlanStep, Site } from '../../core/site.ts';
import { seconds } from '../fields/values.ts';
import type { SiteFile } from '../schema/site-schema.ts';

type WrittenPlan = SiteFile['plan'][number];

/**
 * Without a plan: every path, in the order they are written, each the default time after the one
 * before.
 */
export function buildPlans(file: SiteFile): Pick<Site, 'plan' | 'plans'> {
  const nextMs = seconds(file.deadlines.nextPathSeconds);
  const built = file.plan.map((written) => [written.kinds, buildPlan(written, nextMs)] as const);
  const steps = file.paths.map(({ id }, place) => ({ path: id, afterMs: place === 0 ? 0 : nextMs }));
  const plans = new Map(built.flatMap(([kinds, plan]) => kinds.map((kind) => [kind, plan] as const)));
  const plan = plans.get('all') ?? { steps, done: 'receiverAcknowledged' };
  plans.delete('all');
  return { plan, plans };
}

function buildPlan({ start, join, done }: WrittenPlan, nextMs: number): Plan {
  const starting = start.map((path): PlanStep => ({ path, afterMs: 0 }));
  const joining = join.map(({ path, afterSeconds }): PlanStep => {
    return { path, afterMs: afterSeconds === undefined ? nextMs : seconds(afterSeconds) };
  });
  return { steps: [...starting, ...joining], done };
}
