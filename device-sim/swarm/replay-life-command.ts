import type { Life } from './life/life-shape.ts';
import { readLife } from './life/read-life.ts';
import { makeLife } from './make/make-life.ts';
import { runLife } from './run-life.ts';
import { shrink } from './shrink.ts';
import { Timeline, timeOf } from './timeline.ts';

export interface ReplayLifeOptions {
  /** A file with a life; absent: that of the seed. */
  readonly file?: string;
  readonly seed: number;
  readonly hours: number;
  /** Lines of the timeline. */
  readonly last: number;
  readonly json: boolean;
  /** Makes the life as simple as it can be first. */
  readonly shrink: boolean;
  /** Prints the life itself, and lives nothing. */
  readonly print: boolean;
}

/** Lives one life again, and shows its last moments. Returns true if every promise holds. */
export function replayLife(options: ReplayLifeOptions, out: (line: string) => void): boolean {
  const { file, seed, hours, last, json, print } = options;
  const made: Life = file === undefined ? makeLife(seed, hours) : readLife(file);
  const life = options.shrink ? (shrink(made)?.life ?? made) : made;
  if (print) {
    out(JSON.stringify(life, null, 1));
    return true;
  }
  const timeline = new Timeline();
  const lived = runLife(life, { observer: timeline, onBroken: () => timeline.freeze() });
  const [first] = lived.broken;
  if (json) {
    out(JSON.stringify({ ok: first === undefined, ...lived, timeline: timeline.lines(last) }));
    return first === undefined;
  }
  for (const line of timeline.lines(last)) out(line);
  out('');
  out(`${life.events.length} events, ${lived.hours} simulated hours, trace hash ${lived.hash}`);
  for (const { promise, what, atMs } of lived.broken) out(`BROKEN  at ${timeOf(atMs)}: ${promise}: ${what}`);
  if (first === undefined) out('every promise holds');
  return first === undefined;
}
