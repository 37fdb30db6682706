import type { Context } from './context.ts';
import type { UnknownSignal } from './signal.ts';
import type { TroubleTypeName } from './trouble-types.ts';
import type { Troubles } from './troubles.ts';

/** After the first report of a sender, the next one of the same sender comes no sooner. */
const PRESS_GAP_MS = 60_000;
const OTHER_GAP_MS = 3_600_000;
/** Senders that are reported one by one; an attacker who runs through all addresses gets no more lines than these. */
const SENDERS_AT_ONCE = 16;
const CROWD = 'crowd';

interface Window {
  readonly type: TroubleTypeName;
  readonly subject: string;
  readonly gapMs: number;
  last: UnknownSignal;
  suppressed: number;
}

/**
 * Frames that prove nothing about their sender. Never an alert by themselves and never dropped silently: the first from a sender is
 * reported at once with all that is known of it, the rest are counted and reported at a bounded rate.
 */
export class UnknownSenders {
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #windows = new Map<string, Window>();

  constructor(context: Context, troubles: Troubles) {
    this.#context = context;
    this.#troubles = troubles;
  }

  heard(signal: UnknownSignal): void {
    const type = signal.says === 'press' ? 'unknownPress' : 'unknownDevice';
    const subject = `${signal.input}.${signal.address}`;
    const key = this.#keyFor(`${type}.${subject}`, type);
    const open = this.#windows.get(key);
    if (open !== undefined) {
      open.suppressed += 1;
      open.last = signal;
      return;
    }
    const gapMs = type === 'unknownPress' ? PRESS_GAP_MS : OTHER_GAP_MS;
    const window: Window = {
      type,
      subject: key.startsWith(CROWD) ? 'many' : subject,
      gapMs,
      last: signal,
      suppressed: 0,
    };
    this.#windows.set(key, window);
    this.#report(key, window, describe(signal));
  }

  /** The gap after a report is over: report what was held back meanwhile, if anything was. */
  windowOver(key: string): void {
    const window = this.#windows.get(key);
    if (window === undefined) return;
    if (window.suppressed === 0) {
      this.#windows.delete(key);
      return;
    }
    const text = `${describe(window.last)}; ${window.suppressed} more since the last report`;
    window.suppressed = 0;
    this.#report(key, window, text);
  }

  #report(key: string, window: Window, text: string): void {
    this.#troubles.notice(window.type, window.subject, text);
    const dueMs = this.#context.now.monoMs + window.gapMs;
    this.#context.timers.set(`unknown:${key}`, dueMs, { type: 'unknownWindow', key });
  }

  #keyFor(key: string, type: TroubleTypeName): string {
    if (this.#windows.has(key) || this.#windows.size < SENDERS_AT_ONCE) return key;
    return `${CROWD}.${type}`;
  }
}

function describe(signal: UnknownSignal): string {
  const what = signal.says === 'press' ? 'Press from unknown device' : `Unknown device heard (${signal.says})`;
  const why = signal.reason === 'notEnrolled' ? 'address is not enrolled' : 'its key does not fit';
  const serial = signal.serial === undefined ? '' : `, serial ${signal.serial}`;
  const { epoch, counter } = signal.identity;
  return `${what}: input ${signal.input}, address ${signal.address}${serial}, ${why}, epoch ${epoch} counter ${counter}`;
}
