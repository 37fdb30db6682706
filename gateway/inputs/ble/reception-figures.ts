import type { Reception } from '../../core/signal.ts';

type Figures = Omit<Reception, 'input' | 'device'>;

const HOUR_MINUTES = 60;
/** With fewer minutes to compare with, no trend is reported. */
const MINUTES_MIN = 5;
/**
 * Counts vary by chance: a change must be beyond this many standard deviations (of a Poisson
 * count), and beyond this share.
 */
const DEVIATIONS = 3;
const SHARE = 0.3;

interface Heard {
  rssiDbm: number;
  thisMinute: number;
  /** Of the last hour, oldest first. */
  readonly minutes: number[];
}

/** How often and how loud each device is heard by one radio. */
export class ReceptionFigures {
  readonly #devices = new Map<string, Heard>();

  heard(device: string, rssiDbm: number): void {
    const heard = this.#devices.get(device);
    if (heard === undefined) {
      this.#devices.set(device, { rssiDbm, thisMinute: 1, minutes: [] });
      return;
    }
    heard.rssiDbm = rssiDbm;
    heard.thisMinute += 1;
  }

  /**
   * A minute is over. Tells of each device heard in it, and once of each that was heard in the one
   * before.
   */
  minute(tell: (device: string, figures: Figures) => void): void {
    for (const [device, heard] of this.#devices) {
      const { rssiDbm, thisMinute: perMinute, minutes } = heard;
      if (perMinute > 0 || (minutes.at(-1) ?? 0) > 0)
        tell(device, { rssiDbm, perMinute, trend: trendOf(perMinute, minutes) });
      minutes.push(perMinute);
      if (minutes.length > HOUR_MINUTES) minutes.shift();
      heard.thisMinute = 0;
    }
  }
}

function trendOf(perMinute: number, hour: readonly number[]): Reception['trend'] {
  if (hour.length < MINUTES_MIN) return 'steady';
  const mean = hour.reduce((sum, count) => sum + count, 0) / hour.length;
  const change = perMinute - mean;
  if (Math.abs(change) <= Math.max(DEVIATIONS * Math.sqrt(mean), SHARE * mean)) return 'steady';
  return change > 0 ? 'rising' : 'falling';
}
