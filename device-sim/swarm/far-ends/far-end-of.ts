import type { PathSettings } from '../../../gateway/config/settings.ts';
import type { PathEnd } from '../world/path-end.ts';
import { Dc09FarEnd } from './dc09-far-end.ts';
import { type FarEndDeps, Network } from './network.ts';

/** The far end of a path. */
export function farEndOf(settings: PathSettings, deps: FarEndDeps): PathEnd {
  switch (settings.driver) {
    case 'dc09-tcp':
    case 'dc09-udp':
      return new Network(settings.id, deps, (network) => new Dc09FarEnd(settings, network));
    default:
      throw new Error(`no far end for ${settings.driver}`);
  }
}
