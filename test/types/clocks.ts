/**
 * What the compiler refuses about times, in the product. `tsconfig.pure.json` checks this file,
 * without `test/rig/plain-times.d.ts`. An error that is expected and does not come fails the check.
 */
import type { JournalRecord } from '../../gateway/core/journal-record.ts';
import type { Signal } from '../../gateway/core/signal.ts';
import type { Now } from '../../gateway/core/time.ts';
import type { Timers } from '../../gateway/core/timers.ts';
import { after, earlier, later } from '../../protocol/clocks.ts';

declare const timers: Timers;
declare const now: Now;
declare const signal: Signal;
declare function handle(signal: Signal, now: Now): void;
declare function journal(record: JournalRecord): void;

timers.set({ type: 'beat' }, after(now.monoMs, 5));
// @ts-expect-error: a deadline that jumps when somebody sets the clock
timers.set({ type: 'beat' }, now.wallMs);
// @ts-expect-error: the same, a moment later
timers.set({ type: 'beat' }, after(now.wallMs, 5));
// @ts-expect-error: a bare sum may be of either clock
timers.set({ type: 'beat' }, now.wallMs + 5);
// @ts-expect-error: a duration is not a time
timers.set({ type: 'beat' }, 5_000);

// @ts-expect-error: the two clocks have no common order
earlier(now.monoMs, now.wallMs);
// @ts-expect-error: the two clocks have no common order
later(now.wallMs, now.monoMs);

// @ts-expect-error: the clocks changed places
handle(signal, { monoMs: now.wallMs, wallMs: now.monoMs });
// @ts-expect-error: when a press was captured decides, so it is monotonic
handle({ ...signal, capturedMs: now.wallMs }, now);
// @ts-expect-error: a monotonic time means nothing to the next run
journal({ t: 'notConfirmed', at: now.monoMs, alert: '' });
