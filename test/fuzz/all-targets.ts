import type { FuzzTarget } from './target.ts';
import { bleTargets } from './targets/ble.ts';
import { buttonBusTargets } from './targets/button-bus.ts';
import { dc09Targets } from './targets/dc09.ts';
import { pagingTargets } from './targets/paging.ts';
import { radioTargets } from './targets/radio.ts';

export const targets: readonly FuzzTarget[] = [
  ...buttonBusTargets,
  ...dc09Targets,
  ...radioTargets,
  ...bleTargets,
  ...pagingTargets,
];
