import type { Figure } from './figures.ts';

/** `notJudged`: there were too few samples, or there is no limit. */
export type Verdict = 'flat' | 'rises' | 'beyond' | 'notJudged';

export interface Judged {
  readonly name: string;
  readonly unit: string;
  /** Medians of the three thirds of the samples after the warm-up. */
  readonly start: number;
  readonly middle: number;
  readonly end: number;
  readonly most: number;
  /**
   * Rise per hour over all samples and over the second half: the median of the slopes between any
   * two samples.
   */
  readonly perHour: number;
  readonly lastPerHour: number;
  /** Part of `perHour` that chance may explain. */
  readonly noisePerHour: number;
  readonly limitPerHour?: number;
  readonly limitRise?: number;
  readonly limitMost?: number;
  readonly verdict: Verdict;
}

interface Point {
  readonly atH: number;
  readonly value: number;
}

/** A rise within a shorter time may be a remainder of the start. */
const LEAST_JUDGED_H = 9.5 / 60;
/** With fewer samples, chance cannot be estimated. */
const LEAST_POINTS = 5;
/** Samples closer to each other are likely to be high or low together. */
const ALIKE_H = 1 / 60;
/** Ratio of a normal distribution's deviation to its median absolute deviation. */
const MAD_TO_DEVIATION = 1.4826;
/** Share of its rise that an endless rise still has in the second half, whatever chance adds. */
const STILL_RISING = 1 / 3;
/** Number of standard errors. */
const SURE = 2;

/**
 * Decides whether a figure rises: by more per hour than its limit without chance, and in the second
 * half still by more than that and not much slower. A figure that only fills up to a fixed level
 * passes.
 * @param samples those after the warm-up
 * @param isDisturbed true if neither rise nor limit is judged
 */
export function judge<S extends { readonly atS: number }>(
  { name, unit, of, perHour: limitPerHour, rise: limitRise, most: limitMost }: Figure<S>,
  samples: readonly S[],
  isDisturbed = false,
): Judged {
  const points = samples.flatMap((sample): Point[] => {
    const value = of(sample);
    return value === undefined || !Number.isFinite(value) ? [] : [{ atH: sample.atS / 3600, value }];
  });
  const third = Math.max(1, Math.floor(points.length / 3));
  const parts = [points.slice(0, third), points.slice(third, -third), points.slice(-third)];
  const [start = Number.NaN, middle = Number.NaN, end = Number.NaN] = parts.map((part) => median(values(part)));
  const perHour = slopeOf(points);
  const lastPerHour = slopeOf(points.slice(Math.floor(points.length / 2)));
  const noisePerHour = noiseOf(points, perHour);
  const most = Math.max(...values(points));
  const spanH = (points.at(-1)?.atH ?? 0) - (points[0]?.atH ?? 0);
  const limits = {
    ...(limitPerHour === undefined ? {} : { limitPerHour }),
    ...(limitRise === undefined ? {} : { limitRise }),
    ...(limitMost === undefined ? {} : { limitMost }),
  };
  const verdict = (): Verdict => {
    if (isDisturbed) return 'notJudged';
    if (points.length > 0 && limitMost !== undefined && most > limitMost) return 'beyond';
    if (limitPerHour === undefined && limitRise === undefined) {
      return limitMost === undefined || points.length === 0 ? 'notJudged' : 'flat';
    }
    if (spanH < LEAST_JUDGED_H || points.length < LEAST_POINTS) return 'notJudged';
    if (limitRise !== undefined && end - start > limitRise) return 'rises';
    if (limitPerHour === undefined) return 'flat';
    const goesOn = lastPerHour > Math.max(limitPerHour, perHour * STILL_RISING);
    return perHour - noisePerHour > limitPerHour && goesOn ? 'rises' : 'flat';
  };
  return { name, unit, start, middle, end, most, perHour, lastPerHour, noisePerHour, ...limits, verdict: verdict() };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Returns the rise per hour, insensitive to a few outliers (Theil and Sen). */
function slopeOf(points: readonly Point[]): number {
  const slopes = points.flatMap((one, place) =>
    points.slice(place + 1).map((other) => (other.value - one.value) / (other.atH - one.atH)),
  );
  return median(slopes);
}

/** Returns the error of a slope, from the scatter of the samples around it. */
function noiseOf(points: readonly Point[], perHour: number): number {
  const levelled = points.map(({ atH, value }) => value - perHour * atH);
  const centre = median(levelled);
  const deviation = MAD_TO_DEVIATION * median(levelled.map((value) => Math.abs(value - centre)));
  const meanH = points.reduce((sum, { atH }) => sum + atH, 0) / points.length;
  const spreadH = Math.sqrt(points.reduce((sum, { atH }) => sum + (atH - meanH) ** 2, 0) / points.length);
  const spanH = (points.at(-1)?.atH ?? 0) - (points[0]?.atH ?? 0);
  const independent = Math.max(1, Math.min(points.length, spanH / ALIKE_H));
  return (SURE * deviation) / (spreadH * Math.sqrt(independent));
}

function values(points: readonly Point[]): number[] {
  return points.map(({ value }) => value);
}
