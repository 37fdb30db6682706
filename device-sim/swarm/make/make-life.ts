import type { Life } from '../life/life-shape.ts';
import { loadSettings } from '../life/load-settings.ts';
import { Streams } from '../streams.ts';
import { makeEvents } from './make-events.ts';
import { makeSite } from './make-site.ts';

const HOUR = 3_600_000;
/** Long enough for what has a time-out of its own to end once all is well. */
const CLEAR_MS = 1.5 * HOUR;

/** The life of a seed. */
export function makeLife(seed: number, hours: number): Life {
  const streams = new Streams(seed);
  const sites = makeSite(streams.of('site'));
  const stormMs = Math.max(HOUR / 2, hours * HOUR - CLEAR_MS);
  const [first] = sites;
  if (first === undefined) throw new Error('a life needs a site');
  const events = makeEvents(loadSettings(first), streams.of('events'), stormMs);
  return { version: 1, seed, stormMs, clearMs: CLEAR_MS, sites, events };
}
