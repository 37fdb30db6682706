import { after, type MonoMs } from '../../protocol/clocks.ts';
import type { Context } from './context.ts';
import type { Effect } from './effect.ts';
import type { CoreInput } from './input.ts';
import { INTERNAL_INPUT_UP, internalPress } from './internal-site.ts';
import type { Now } from './time.ts';

/** A core that has a press to handle. */
interface PressedCore {
  start(now: Now): Effect[];
  handle(input: CoreInput, now: Now): Effect[];
  nextWakeMs(): MonoMs | undefined;
}

interface InternalPressesDeps {
  /** Works on `INTERNAL_SITE`. */
  readonly core: PressedCore;
  readonly everyMs: number;
  /** An alarm of the site that nothing will send any more; `undefined`: there is none. */
  strandedAlarm(): string | undefined;
}

/** A press under way. */
interface OpenPress {
  readonly counter: number;
  readonly beganMs: MonoMs;
  repeats: number;
  /** The alert that it raised; empty: none yet. */
  alert: string;
  /** The report that the alert is over; empty: none yet. */
  closing: string;
}

/**
 * Presses that nobody made, by which the gateway proves to the service manager that it still
 * handles presses. Timers of the site start each of them. It goes from the wall to the
 * acknowledgement and the end, and `internalPressHandled` says so. None begins while the last one
 * is under way, or while an alarm of the site is stranded.
 *
 * The site's own parts can't handle these presses: each count, number and document would need an
 * exception in the code that real presses rely on. So a second core, of the same code, handles them
 * within the same call, and its effects go the way of all others.
 */
export class InternalPresses {
  readonly #context: Context;
  readonly #deps: InternalPressesDeps;
  #counter = 0;
  #open: OpenPress | undefined;
  #isStranded = false;

  constructor(context: Context, deps: InternalPressesDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  start(): void {
    const { core } = this.#deps;
    const { now } = this.#context;
    this.#carryOn(core.start(now));
    this.#carryOn(core.handle({ type: 'inputHealth', health: INTERNAL_INPUT_UP }, now));
    this.due();
  }

  nextWakeMs(): MonoMs | undefined {
    return this.#deps.core.nextWakeMs();
  }

  take(input: CoreInput): void {
    this.#carryOn(this.#deps.core.handle(input, this.#context.now));
  }

  /** Fires the timers of these presses. */
  tick(): void {
    const wakeMs = this.nextWakeMs();
    if (wakeMs !== undefined && wakeMs <= this.#context.now.monoMs) this.take({ type: 'tick' });
  }

  /**
   * The next press is due. This timer is among those of devices; the next among those of alerts.
   */
  due(): void {
    const { timers, now } = this.#context;
    timers.set({ type: 'internalPressDue' }, after(now.monoMs, this.#deps.everyMs));
    timers.set({ type: 'internalPress' }, now.monoMs);
  }

  press(): void {
    const { monoMs } = this.#context.now;
    const stranded = this.#deps.strandedAlarm();
    if (stranded !== undefined) {
      if (!this.#isStranded) this.#context.log('error', 'alarm.stranded', { alert: stranded });
      this.#isStranded = true;
      return;
    }
    this.#isStranded = false;
    if (this.#open !== undefined) {
      this.#repeat(this.#open);
      return;
    }
    this.#counter += 1;
    this.#open = { counter: this.#counter, beganMs: monoMs, repeats: 0, alert: '', closing: '' };
    this.#send(this.#open);
  }

  /** As a node does: the first answers after a start may be withheld from it. */
  #repeat(open: OpenPress): void {
    open.repeats += 1;
    if (open.repeats > 1) {
      const forMs = Math.round(this.#context.now.monoMs - open.beganMs);
      this.#context.log('error', 'internalPress.notHandled', { forMs, step: stepOf(open) });
    }
    this.#send(open);
  }

  #send({ counter }: OpenPress): void {
    this.take({ type: 'signal', signal: internalPress(counter, this.#context.now.monoMs) });
  }

  /** What the second core decided. Nobody reads its log and most of its documents. */
  #carryOn(effects: readonly Effect[]): void {
    for (const effect of effects) {
      this.#note(effect);
      const isAnswered =
        effect.type === 'send' ||
        effect.type === 'journal' ||
        (effect.type === 'publish' && effect.number !== undefined);
      if (isAnswered) this.#context.emit({ type: 'internal', effect });
    }
  }

  #note(effect: Effect): void {
    const open = this.#open;
    if (open === undefined) return;
    if (effect.type === 'journal') {
      const { record } = effect.entry;
      if (record.t === 'alert') open.alert = record.id;
      else if (record.t === 'settled' && open.closing !== '' && record.report === open.closing) this.#handled(open);
    } else if (effect.type === 'send') {
      const { report } = effect.attempt;
      if (report?.class === 'restore' && report.alert?.id === open.alert) open.closing = report.id;
    } else if (effect.type === 'answer' && effect.status === 'accepted' && open.closing === '') {
      // The wall shows that a receiver has it. Now it has to end.
      const command = { command: 'resolve', alert: open.alert, by: 'gateway', reason: 'internal press' } as const;
      this.take({ type: 'command', command });
    }
  }

  #handled({ beganMs }: OpenPress): void {
    this.#open = undefined;
    this.#context.emit({ type: 'internalPressHandled', tookMs: this.#context.now.monoMs - beganMs });
  }
}

function stepOf({ alert, closing }: OpenPress): string {
  if (closing !== '') return 'the end';
  return alert === '' ? 'the press' : 'the acknowledgement';
}
