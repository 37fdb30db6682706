import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { SavedPacket } from '../journal-record.ts';
import type { Readings } from '../signal.ts';
import type { Freshness } from './frame-window.ts';

/**
 * An id up to this far ahead of the last one is newer, any other is older, as for BTHome v2
 * receivers (1…63 of 256).
 */
const AHEAD_MAX = 63;
/**
 * An older id within this time is of a message that was overtaken. Later, the device has begun
 * anew.
 */
const OVERTAKEN_MS = 4_000;
/** The same message within this time of its last hearing is a repeat, whatever device sends it. */
const SAME_MS = 30_000;
/**
 * An unsupervised device that numbers its messages and was silent for this long does not repeat its
 * last message all the time. If it sends that message again, its battery was changed: its numbers
 * began anew.
 */
const UNSUPERVISED_SILENT_MS = 10 * 60_000;
/** A charge that has risen by this much between two messages is that of another battery. */
const NEW_BATTERY_PERCENT = 20;
/** Different messages with one id, of which each may be repeated. */
const MESSAGES_MAX = 4;
/** Messages before the last whose late repeats are recognised. */
const EARLIER_MAX = 16;

interface Numbered {
  readonly id: number;
  /** What was said with this id, and when it was heard last. */
  readonly heardMs: Map<string, MonoMs>;
  /** What was said last. */
  says: string;
  bearsPress: boolean;
  /** It was heard before the restart only, or its late repeat has been reported. */
  doubt: 'recovered' | 'none' | 'reported';
}

interface Earlier {
  readonly id: number;
  readonly says: string;
  readonly bearsPress: boolean;
  readonly heardMs: MonoMs;
}

interface Verdict {
  readonly freshness: Freshness;
  /**
   * A press with the number of the one before, so late that it may be another: how long after, ms.
   * Set once for each press.
   */
  readonly repeatedAfterMs?: number;
}

/**
 * Tells a message from its repeats on a wire that numbers messages by one byte, which wraps from
 * 255 to 0 and is not authenticated. A device in beacon mode may repeat its last message as long as
 * nothing changes, so the same message without another one between is no new press. In doubt a
 * message is new: a press reported twice is better than a press lost.
 */
export class PacketIds {
  readonly #silentMs: number;
  #last: Numbered | undefined;
  /** What was heard before the last id, oldest first. */
  #earlier: readonly Earlier[] = [];
  #lastHeardMs = LONG_AGO_MS;
  #batteryPercent: number | undefined;
  /** It has used more than one id. A device whose firmware never counts sends each press alike. */
  #counts = false;

  /**
   * @param silentMs a supervised device that was silent for this long has been away; 0: it is not
   *   supervised
   */
  constructor(silentMs: number) {
    this.#silentMs = silentMs;
  }

  hear(id: number, message: Readings, nowMs: MonoMs): Verdict {
    const last = this.#last;
    const isNewBattery = this.#isNewBattery(message);
    if (last !== undefined) {
      const ahead = (id - last.id) & 0xff;
      if (ahead === 0) return this.#same(last, message, isNewBattery, nowMs);
      const isOvertaken = ahead > AHEAD_MAX && nowMs - this.#lastHeardMs < OVERTAKEN_MS;
      if (isOvertaken) return { freshness: this.#overtaken(last, id, message, nowMs) };
      this.#counts = true;
      this.#remember(earlierOf(last));
    }
    const says = sayingOf(message);
    this.#last = { id, heardMs: new Map([[says, nowMs]]), says, bearsPress: bearsPress(message), doubt: 'none' };
    this.#lastHeardMs = nowMs;
    return { freshness: 'new' };
  }

  /** The gateway can hear from now on. The silence before was not the device's. */
  listening(nowMs: MonoMs): void {
    const last = this.#last;
    if (last !== undefined) last.heardMs.set(last.says, nowMs);
  }

  /** What a restart must know; `undefined`: nothing. */
  save(): SavedPacket | undefined {
    const last = this.#last;
    if (last?.bearsPress === true) return [this.#counts, last.id, last.says];
    return this.#counts ? [true] : undefined;
  }

  /** Recovers what an earlier run heard, if this one has heard nothing. */
  recover([counts, id, says]: SavedPacket, nowMs: MonoMs): void {
    if (counts) this.#counts = true;
    if (this.#last !== undefined || id === undefined || says === undefined) return;
    this.#last = { id, heardMs: new Map([[says, nowMs]]), says, bearsPress: true, doubt: 'recovered' };
  }

  /**
   * One of several radios may be the only one to hear it, and deliver it late; or the device lost
   * its count, as a weak battery may cause at the very press. A state is old either way, and so is
   * the `hold` of a press whose end was heard.
   */
  #overtaken(last: Numbered, id: number, message: Readings, nowMs: MonoMs): Freshness {
    this.#counts = true;
    const says = sayingOf(message);
    const recent = [...this.#earlier, ...earlierOf(last)].filter(({ heardMs }) => nowMs - heardMs < OVERTAKEN_MS);
    const isEnded = recent.some((each) => each.bearsPress && isAhead(each.id, id));
    const isOld = !bearsPress(message) || (isEnded && message.presses.every(isHold));
    const isHeard = recent.some((each) => each.id === id && each.says === says);
    const before = this.#earlier.find((each) => each.id === id && each.says === says);
    this.#earlier = this.#earlier.filter((each) => each !== before);
    this.#remember([{ id, says, bearsPress: bearsPress(message), heardMs: nowMs }]);
    return isOld || isHeard ? 'repeat' : 'new';
  }

  #remember(heard: readonly Earlier[]): void {
    this.#earlier = [...this.#earlier, ...heard].slice(-EARLIER_MAX);
  }

  #same(last: Numbered, message: Readings, isNewBattery: boolean, nowMs: MonoMs): Verdict {
    const says = sayingOf(message);
    const heardMs = last.heardMs.get(says);
    const isAgain = says === last.says;
    if (heardMs === undefined && last.heardMs.size === MESSAGES_MAX) last.heardMs.clear();
    last.heardMs.set(says, nowMs);
    last.says = says;
    last.bearsPress = bearsPress(message);
    this.#lastHeardMs = nowMs;
    if (heardMs === undefined || isNewBattery) return { freshness: 'new' };
    const sinceMs = nowMs - heardMs;
    const isLate = sinceMs >= SAME_MS || last.doubt === 'recovered';
    if (sinceMs >= SAME_MS && (!isAgain || sinceMs >= this.#repeatsMs())) return { freshness: 'new' };
    if (!isLate || !last.bearsPress || last.doubt === 'reported') return { freshness: 'repeat' };
    last.doubt = 'reported';
    return { freshness: 'repeat', repeatedAfterMs: sinceMs };
  }

  /** A later message that is the same as the last is a new one. */
  #repeatsMs(): number {
    if (this.#silentMs > 0) return this.#silentMs;
    return this.#counts ? UNSUPERVISED_SILENT_MS : SAME_MS;
  }

  #isNewBattery({ batteryPercent }: Readings): boolean {
    const before = this.#batteryPercent;
    if (batteryPercent === undefined) return false;
    this.#batteryPercent = batteryPercent;
    return before !== undefined && batteryPercent - before >= NEW_BATTERY_PERCENT;
  }
}

function bearsPress({ presses }: Readings): boolean {
  return presses.length > 0;
}

/** What was heard with one id. */
function earlierOf({ id, heardMs, bearsPress }: Numbered): Earlier[] {
  return [...heardMs].map(([says, at]) => ({ id, says, bearsPress, heardMs: at }));
}

function isAhead(id: number, of: number): boolean {
  const ahead = (id - of) & 0xff;
  return ahead > 0 && ahead <= AHEAD_MAX;
}

function isHold({ pattern }: Readings['presses'][number]): boolean {
  return pattern === 'hold';
}

/**
 * A message with a press is the same message although the charge of the battery differs. Any other
 * is a state, and each difference counts.
 */
function sayingOf(message: Readings): string {
  const { presses, points } = message;
  return JSON.stringify(presses.length > 0 ? [presses, points] : message);
}
