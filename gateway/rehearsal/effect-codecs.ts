import type { GatewaySettings, PathSettings } from '../config/settings.ts';
import type { Effect } from '../core/effect.ts';
import { known } from '../core/invariant.ts';
import type { Attempt } from '../core/report.ts';
import { warmButtonBusCodec } from '../inputs/button-bus/rehearsal.ts';
import { warmDc09Codec } from '../paths/dc09/rehearsal.ts';

/** Does what the drivers would do with each effect, without any input or output. */
export function effectCodecs(settings: GatewaySettings): (effect: Effect) => void {
  const input = warmButtonBusCodec();
  const paths = new Map(settings.paths.map((each) => [each.id, pathCodec(each)]));
  return (effect) => {
    if (effect.type === 'send') known(paths, effect.attempt.path, 'path')(effect.attempt);
    else if (effect.type === 'answer') input();
    else if (effect.type === 'journal') JSON.stringify(effect.entry);
  };
}

/**
 * Encodes an attempt as the path's driver does. Only DC-09 paths, the fast ones, are worth it: the
 * others wait for their line.
 */
function pathCodec(settings: PathSettings): (attempt: Attempt) => void {
  return isDc09(settings) ? warmDc09Codec(settings) : () => undefined;
}

type Dc09PathSettings = Extract<PathSettings, { readonly driver: 'dc09-tcp' | 'dc09-udp' }>;

function isDc09(settings: PathSettings): settings is Dc09PathSettings {
  return settings.driver === 'dc09-tcp' || settings.driver === 'dc09-udp';
}
