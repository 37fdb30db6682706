import type { Random } from '../../random.ts';
import { pick } from '../streams.ts';
import { chance, hexKey } from './draw.ts';
import type { SiteDraft } from './site-draft.ts';

const MODES = ['auto', 'null', 'test', 'off'] as const;
/** Where tests may not go. */
const NO_TESTS = ['null', 'off'] as const;
const INTERVALS = [60, 300, 1800] as const;

/** How a path is supervised. */
function supervisionOf(random: Random, liveOnly: boolean): Record<string, unknown> {
  return {
    mode: pick(random, liveOnly ? NO_TESTS : MODES),
    intervalSeconds: pick(random, INTERVALS),
    testIntervalSeconds: pick(random, [300, 1800]),
  };
}

/** A path to a monitoring centre. */
export function makeDc09Path(draft: SiteDraft, random: Random): void {
  const place = draft.paths.length + 1;
  const id = `centre-${place}`;
  const encrypted = chance(random, 0.6);
  if (encrypted) draft.pathKeys[id] = hexKey(random, pick(random, [16, 24, 32]));
  const udp = chance(random, 0.2);
  // The first takes drills: one path must.
  const liveOnly = place > 1 && chance(random, 0.2);
  draft.paths.push({
    ...{ id, host: `192.0.2.${place}`, port: 7700, account: `12${place}0`, encrypted },
    driver: udp ? 'dc09-udp' : 'dc09-tcp',
    ...(udp ? { inFlight: pick(random, [1, 4]) } : { connections: pick(random, [1, 4]) }),
    ...(chance(random, 0.3) && { formats: ['SIA-DCS'] }),
    liveOnly,
    supervision: supervisionOf(random, liveOnly),
  });
}
